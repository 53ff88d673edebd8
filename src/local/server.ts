import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Faults } from './http/faults.js'
import { serveNoted, type Door } from './http/journal.js'
import { listen, stop } from './http/listen.js'
import type { World } from './nevermined/api-call.js'
import { serveApi, type RecordedCall, type ServedApi } from './nevermined/serve-api.js'

export interface LocalServer {
  port: number
  faults: Faults
  calls: RecordedCall[]
  /** How many TCP connections were accepted so far. Unit: connections. */
  connections(): number
  /**
   * From now on, a connection that was idle for this long is dead: the next request over it is reset without
   * an answer. This happens if a peer or a NAT has dropped the connection. `undefined`: never. Unit: ms.
   */
  dropIdleAfter(idleMs: number | undefined): void
  close(): Promise<void>
}

export interface LocalServerOptions {
  /** The port to listen on. With 0 the system chooses. */
  port: number
  /** The address to listen on. */
  host: string
  world: World
  /** Resolves when what has changed is kept. No answer of the API goes out before. */
  saved: () => Promise<void>
  /** Added to every answer of the API. Unit: ms. */
  delayMs: number
  /** The clock of the answers' header `Date`. */
  now: () => number
  /** Serves `/mcp`. */
  mcp: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>
  /**
   * Serves the paths of AWS.
   *
   * @returns false for other paths
   */
  payments: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<boolean>
  /**
   * Serves `/facilitator/…`.
   *
   * @returns false for other paths
   */
  x402: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<boolean>
  /**
   * Serves the page at `/`, what belongs to it, and what the printed lines fetch.
   *
   * @returns false for other requests
   */
  page: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<boolean>
}

/**
 * Starts the server of the local stack.
 *
 * @throws the system's error if the port cannot be had, e.g. with code `EADDRINUSE`.
 */
export async function startServer(options: LocalServerOptions): Promise<LocalServer> {
  const faults = new Faults()
  const calls: RecordedCall[] = []
  const { world, delayMs, saved } = options
  const api: ServedApi = { world, delayMs, saved, faults, calls }
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
    response.setHeader('Date', new Date(options.now()).toUTCString())
    response.once('finish', () => idleSince.set(socket, Date.now()))
    const fail = (): void => {
      if (response.headersSent) response.destroy()
      else response.writeHead(500, { 'content-length': 0 }).end()
    }
    const serve = (): Promise<void> => route(options, api, request, response).catch(fail)
    // What the page asks is no call of a buyer, so nothing is noted of it.
    options.page(request, response).then((isPage) => {
      if (!isPage) void serveNoted(doorOf(request), request.headers, response, serve)
    }, fail)
  })
  server.on('connection', () => (connections += 1))
  await listen(server, options.port, options.host)
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    calls,
    connections: () => connections,
    dropIdleAfter: (idleMs) => (idleLimitMs = idleMs),
    close: () => stop(server),
  }
}

function doorOf({ url = '/' }: http.IncomingMessage): Door {
  return url.split('?')[0] === '/mcp' ? 'gateway' : 'facilitator'
}

async function route(
  { mcp, payments, x402 }: LocalServerOptions,
  api: ServedApi,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  if (pathname === '/mcp') return mcp(request, response)
  if (await payments(request, response)) return
  if (await x402(request, response)) return
  await serveApi(api, request, response)
}
