import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseJson } from '../../wire/json.js'
import { isDone, waitFor, type Fault, type Faults, type Route } from '../http/faults.js'
import { note } from '../http/journal.js'
import { readBody } from '../http/read-body.js'
import type { ServedCall } from '../http/served-call.js'
import { answerApi, routeOf } from './api.js'
import { ApiError } from './api-error.js'
import type { ApiAnswer, ApiCall, World } from './api-call.js'

/** One call as the local facilitator saw it. It holds tokens: never print it. */
export interface RecordedCall extends ServedCall {
  /** The endpoint that was called. */
  route: Route
}

/** Nevermined's API with its faults and the calls so far. */
export interface ServedApi {
  world: World
  faults: Faults
  calls: RecordedCall[]
  /** Added to every answer. Unit: ms. */
  delayMs: number
  /** Resolves when what has changed is kept. No answer goes out before. */
  saved: () => Promise<void>
}

const MAX_BODY_BYTES = 8 * 1024 * 1024

/** Answers one request. A fault may break the connection instead. */
export async function serveApi(
  api: ServedApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const bytes = await readBody(request, MAX_BODY_BYTES)
  if (bytes === undefined) return send(response, 413, {}, '')
  const call = callOf(request, bytes)
  const recorded: RecordedCall = {
    ...call,
    route: routeOf(call.method, call.path),
    status: undefined,
  }
  api.calls.push(recorded)
  const hits = api.faults.take(recorded.route)
  await waitFor(api.delayMs, hits)
  const fault = hits.find(({ kind }) => kind !== 'delay')
  const correlationId = String(call.headers['x-correlation-id'] ?? randomUUID())
  if (isDone(fault)) apiAnswer(api.world, call, correlationId)
  const answer =
    fault?.kind === 'reset'
      ? undefined
      : (preempted(fault, recorded.route) ?? apiAnswer(api.world, call, correlationId))
  await api.saved()
  if (answer === undefined || fault?.kind === 'lost-answer') {
    return void response.socket?.resetAndDestroy()
  }
  recorded.status = answer.status
  const { route } = recorded
  const named = route === 'other' ? `${call.method} ${call.path}` : route
  note({ kind: 'asked', route: named, sent: call.body, status: answer.status, body: answer.body })
  const headers = headersFor(call, correlationId, fault)
  send(response, answer.status, headers, textOf(answer, fault))
}

function callOf({ method = '', url = '/', headers }: IncomingMessage, bytes: Buffer): ApiCall {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  return {
    method,
    path: pathname,
    query: searchParams,
    headers,
    body: parseJson(bytes.toString()),
  }
}

function headersFor(
  call: ApiCall,
  correlationId: string,
  fault: Fault | undefined,
): Record<string, string> {
  const version = call.headers['nevermined-version']
  return {
    'content-type': fault?.kind === 'html' ? 'text/html' : 'application/json',
    'x-correlation-id': correlationId,
    'nevermined-version': String(version ?? '1.0'),
    'nevermined-version-resolved-from': version ? 'header' : 'fallback',
  }
}

function textOf({ body }: ApiAnswer, fault: Fault | undefined): string {
  if (fault?.kind === 'garbage') return '{"success":'
  return typeof body === 'string' ? body : JSON.stringify(body)
}

/** The answer of a fault that answers in place of the API. */
function preempted(fault: Fault | undefined, route: Route): ApiAnswer | undefined {
  switch (fault?.kind) {
    case 'error': {
      const { status = 500, code = `BCK.HTTP.${fault.status ?? 500}`, retryable } = fault
      return { status, body: { code, message: 'A fault was set', retryable, date: new Date() } }
    }
    case 'html':
      return { status: fault.status ?? 502, body: '<html><body>Bad Gateway</body></html>' }
    case 'empty':
      return { status: fault.status ?? 502, body: '' }
    case 'refuse': {
      const { reason = 'refused by a fault' } = fault
      return { status: 200, body: refusal(route, reason) }
    }
    default:
      return undefined
  }
}

function refusal(route: Route, reason: string): Record<string, unknown> {
  return route === 'verify' || route === 'mpp-verify'
    ? { isValid: false, invalidReason: reason }
    : { success: false, errorReason: reason, transaction: '', network: 'eip155:84532' }
}

function apiAnswer(world: World, call: ApiCall, correlationId: string): ApiAnswer {
  try {
    return answerApi(world, call)
  } catch (error) {
    const known =
      error instanceof ApiError ? error : new ApiError(500, 'BCK.HTTP.500', 'Internal error')
    const { status, code, message, retryable } = known
    return {
      status,
      body: { code, message, retryable, correlationId, date: new Date().toISOString() },
    }
  }
}

function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  text: string,
): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
