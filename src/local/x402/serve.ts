import type { IncomingMessage, ServerResponse } from 'node:http'
import { isDone, waitFor } from '../http/faults.js'
import { comesFromHere } from '../http/loopback.js'
import { sendJson } from '../http/send-json.js'
import type { ServedCall } from '../http/served-call.js'
import { note } from '../http/journal.js'
import { readBody } from '../http/read-body.js'
import { loadUtilities, ViemMissing } from '../chain/viem.js'
import type { Facilitator } from './facilitator.js'
import { BodySchema } from './order.js'
import type { PendingSettlements } from './pending.js'
import { parseJson } from '../../wire/json.js'
import type { X402Fault, X402Faults, X402Route } from './x402-faults.js'

/** One call as the facilitator saw it. It holds signatures: never print it. */
export interface X402Call extends ServedCall {
  /** The endpoint; `undefined` if the path is none of the facilitator's. */
  route: X402Route | undefined
}

/** The parts of a running facilitator. */
export interface Service {
  facilitator: Facilitator
  pending: PendingSettlements
  faults: X402Faults
  calls: X402Call[]
  /** Added to every answer. Unit: ms. */
  delayMs: number
  /** Resolves when what has changed is kept. No answer goes out before. */
  saved: () => Promise<void>
}

interface Answer {
  status: number
  body: unknown
}

/** The path of the facilitator on its server. */
export const PREFIX = '/facilitator'
const ROUTES: Readonly<Record<string, X402Route>> = {
  [`POST ${PREFIX}/verify`]: 'verify',
  [`POST ${PREFIX}/settle`]: 'settle',
  [`GET ${PREFIX}/supported`]: 'supported',
}
/** The path at which a settlement can be asked for. Circle has it, the standard does not. */
const STATUS_PATH = new RegExp(`^${PREFIX}/status/([\\w-]{1,128})$`)
const MAX_BODY_BYTES = 1024 * 1024
const VIEM_NEEDED: Answer = {
  status: 501,
  body: { error: 'The local facilitator checks signatures with viem: npm install viem' },
}

/** Answers a request, if its path is one of the facilitator's. */
export async function serve(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const [path = ''] = (request.url ?? '').split('?')
  if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return false
  const { method = '', headers } = request
  const route = routeOf(method, path)
  const bytes = await readBody(request, MAX_BODY_BYTES)
  if (bytes === undefined) {
    send(response, failed(413, 'The body is larger than 1 MiB'), undefined)
    return true
  }
  const body = parseJson(bytes.toString())
  const call: X402Call = { route, method, path, headers, body, status: undefined }
  service.calls.push(call)
  const hits = route === undefined ? [] : service.faults.take(route)
  await waitFor(service.delayMs, hits)
  const fault = hits.find(({ kind }) => kind !== 'delay')
  const answer = fault?.kind === 'reset' ? undefined : await answerOf(service, request, call, fault)
  await service.saved()
  if (answer === undefined || fault?.kind === 'lost-answer') {
    response.socket?.resetAndDestroy()
    return true
  }
  call.status = answer.status
  note({ kind: 'asked', route: route ?? path, sent: body, ...answer })
  send(response, answer, fault)
  return true
}

function routeOf(method: string, path: string): X402Route | undefined {
  return method === 'GET' && STATUS_PATH.test(path) ? 'status' : ROUTES[`${method} ${path}`]
}

async function answerOf(
  service: Service,
  request: IncomingMessage,
  { route, method, path, body }: X402Call,
  fault: X402Fault | undefined,
): Promise<Answer> {
  if (!comesFromHere(request)) return failed(403, 'Host and Origin must be of this machine')
  if (route === undefined) return failed(404, `Not served here: ${method} ${path}`)
  const instead = preempted(fault, route)
  if (instead !== undefined && !isDone(fault)) return instead
  try {
    if (route === 'status') return statusOf(service, path, fault)
    await loadUtilities()
    const answer = await done(service, route, body, fault)
    return instead ?? answer
  } catch (error) {
    return error instanceof ViemMissing ? VIEM_NEEDED : failed(500, 'Internal error')
  }
}

function statusOf({ pending }: Service, path: string, fault: X402Fault | undefined): Answer {
  const [, settlementId = ''] = STATUS_PATH.exec(path) ?? []
  return pending.statusOf(settlementId, fault?.kind === 'pending')
}

async function done(
  { facilitator, pending }: Service,
  route: Exclude<X402Route, 'status'>,
  given: unknown,
  fault: X402Fault | undefined,
): Promise<Answer> {
  if (route === 'supported') return { status: 200, body: facilitator.supported() }
  const { data: body } = BodySchema.safeParse(given)
  if (body === undefined) {
    return failed(400, 'Expected JSON of x402Version, paymentPayload and paymentRequirements')
  }
  if (route === 'verify') return { status: 200, body: await facilitator.verify(body) }
  const settled = pending.take(body) ?? (await facilitator.settle(body))
  if (fault?.kind === 'pending') return pending.hold(body, settled, fault.form)
  return { status: 200, body: settled }
}

/** The answer of a fault that answers in place of the facilitator. */
function preempted(fault: X402Fault | undefined, route: X402Route): Answer | undefined {
  switch (fault?.kind) {
    case 'error':
      return failed(fault.status ?? 500, 'A fault was set')
    case 'html':
      return { status: fault.status ?? 502, body: '<html><body>Bad Gateway</body></html>' }
    case 'refuse': {
      const { reason = 'refused_by_a_fault', form, status = form === 'circle' ? 409 : 200 } = fault
      if (form !== 'circle') return { status, body: refusal(route, reason) }
      return { status, body: { code: status, message: 'A fault was set', errors: [{ reason }] } }
    }
    default:
      return undefined
  }
}

function refusal(route: X402Route, reason: string): Record<string, unknown> {
  return route === 'settle'
    ? { success: false, errorReason: reason, transaction: '', network: 'eip155:84532' }
    : { isValid: false, invalidReason: reason }
}

function failed(status: number, error: string): Answer {
  return { status, body: { error } }
}

function send(
  response: ServerResponse,
  { status, body }: Answer,
  fault: X402Fault | undefined,
): void {
  if (fault?.kind === 'html') {
    response.writeHead(status, { 'content-type': 'text/html' }).end(body)
  } else if (fault?.kind === 'garbage') {
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"success":')
  } else sendJson(response, status, {}, body)
}
