import { randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { parseJson } from '../wire/json.js'
import { ApiError } from './nevermined/api-error.js'
import { answerApi, routeOf } from './nevermined/api.js'
import { Faults, waitFor, type Fault, type Route } from './http/faults.js'
import { listen, stop } from './http/listen.js'
import { readBody } from './http/read-body.js'
import type { ApiAnswer, ApiCall, World } from './nevermined/api-call.js'

/** One call as the local facilitator saw it, for tests to look at. Holds tokens: never print it. */
export interface RecordedCall {
  route: Route
  method: string
  path: string
  headers: http.IncomingHttpHeaders
  body: unknown
  /** Undefined where a fault broke the connection. */
  status: number | undefined
}

export interface LocalServer {
  port: number
  faults: Faults
  calls: RecordedCall[]
  /** TCP connections accepted so far. */
  connections(): number
  /**
   * From now on, a connection that was idle this long is dead: the next request over it is reset
   * unanswered, as happens when a peer or a NAT dropped it unseen. Undefined: never. Unit: ms.
   */
  dropIdleAfter(idleMs: number | undefined): void
  close(): Promise<void>
}

export interface LocalServerOptions {
  /** 0 lets the system choose. */
  port: number
  world: World
  /** Added to every answer of the API. Unit: ms. */
  delayMs: number
  /** Serves `/mcp`. */
  mcp: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>
  /** Serves the paths of AWS; false for others. */
  payments: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<boolean>
  /** Serves `/facilitator/…`; false for other paths. */
  x402: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<boolean>
}

const MAX_BODY_BYTES = 8 * 1024 * 1024

/** @throws the listen error, e.g. with code `EADDRINUSE`. */
export async function startServer(options: LocalServerOptions): Promise<LocalServer> {
  const faults = new Faults()
  const calls: RecordedCall[] = []
  const idleSince = new WeakMap<Socket, number>()
  let connections = 0
  let idleLimitMs: number | undefined

  const server = http.createServer((request, response) => {
    const { socket } = request
    const idleMs = Date.now() - (idleSince.get(socket) ?? Date.now())
    if (idleLimitMs !== undefined && idleMs > idleLimitMs) {
      socket.resetAndDestroy()
      return
    }
    response.once('finish', () => idleSince.set(socket, Date.now()))
    answer(request, response, options, faults, calls).catch(() => {
      if (response.headersSent) response.destroy()
      else send(response, 500, {}, '')
    })
  })
  server.on('connection', () => (connections += 1))
  await listen(server, options.port)
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    calls,
    connections: () => connections,
    dropIdleAfter: (idleMs) => (idleLimitMs = idleMs),
    close: () => stop(server),
  }
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  options: LocalServerOptions,
  faults: Faults,
  calls: RecordedCall[],
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  if (pathname === '/mcp') return options.mcp(request, response)
  if (await options.payments(request, response)) return
  if (await options.x402(request, response)) return
  const bytes = await readBody(request, MAX_BODY_BYTES)
  if (bytes === undefined) return void send(response, 413, {}, '')
  const call = {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    headers: request.headers,
    body: parseJson(bytes.toString()),
  }
  const route = routeOf(call.method, call.path)
  const recorded: RecordedCall = { ...call, route, status: undefined }
  calls.push(recorded)
  await answerRoute(call, recorded, response, options, faults.take(route))
}

async function answerRoute(
  call: ApiCall,
  recorded: RecordedCall,
  response: http.ServerResponse,
  { world, delayMs }: LocalServerOptions,
  hits: Fault[],
): Promise<void> {
  await waitFor(delayMs, hits)
  const fault = hits.find(({ kind }) => kind !== 'delay')
  if (fault?.kind === 'reset') return void response.socket?.resetAndDestroy()

  const correlationId = String(call.headers['x-correlation-id'] ?? randomUUID())
  const { status, body } = preempted(fault, recorded.route) ?? apiAnswer(world, call, correlationId)
  if (fault?.kind === 'lost-answer') return void response.socket?.resetAndDestroy()
  recorded.status = status
  const headers = {
    'content-type': fault?.kind === 'html' ? 'text/html' : 'application/json',
    'x-correlation-id': correlationId,
    'nevermined-version': String(call.headers['nevermined-version'] ?? '1.0'),
    'nevermined-version-resolved-from': call.headers['nevermined-version'] ? 'header' : 'fallback',
  }
  const text =
    fault?.kind === 'garbage'
      ? '{"success":'
      : typeof body === 'string'
        ? body
        : JSON.stringify(body)
  send(response, status, headers, text)
}

/** Faults that answer in place of the API; nothing moves. */
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
  return route === 'verify'
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
  response: http.ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string,
): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
