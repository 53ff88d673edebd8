import { inCall } from '../../errors/in-call.js'
import { warnOfHalf } from './interceptors/half-attached.js'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGatewayState, type Gateway } from './protocol/gateway-state.js'
import { serveHttp } from './endpoints/http-endpoint.js'
import { LOOPBACK, listen, stop } from '../http/listen.js'
import type { Invocation } from './protocol/invocations.js'
import { comesFromHere } from '../http/loopback.js'
import { serveMcp } from './endpoints/mcp-endpoint.js'
import type { GatewayOptions } from './protocol/options.js'
import { sendJson } from '../http/send-json.js'
import { readSettings } from './protocol/settings.js'

/** A running gateway on loopback. */
export interface LocalGateway {
  /** `http://127.0.0.1:<port>/mcp` for an MCP gateway, else without the path. */
  url: string
  port: number
  /** What was invoked so far, with payments and tokens as they were: never print it. */
  invocations: readonly Invocation[]
  /** Ends what is still running. */
  close: () => Promise<void>
}

/** A gateway without a server of its own, to be mounted in one. */
export interface MountableGateway extends Omit<LocalGateway, 'url' | 'port'> {
  /** Serves `/mcp`, or of a gateway with HTTP targets `/<target>/…`; everything else is 404. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

/**
 * A gateway of AgentCore on this machine, with the events, limits and failures of the real one. It
 * authenticates nobody, like `authorizerType: NONE`, and has no policy engine.
 *
 * @throws OptionsError for what the control plane would refuse, and the listen error, e.g. `EADDRINUSE`.
 */
export async function startGateway(options: GatewayOptions): Promise<LocalGateway> {
  const { handle, invocations, close } = createGateway(options)
  const server = http.createServer((request, response) => void handle(request, response))
  // An elicitation waits for a person, and a client that streams is not idle.
  server.requestTimeout = 0
  await listen(server, options.port ?? 0)
  const { port } = server.address() as AddressInfo
  const path = options.targets.some((target) => 'http' in target) ? '' : '/mcp'
  return {
    url: `http://${LOOPBACK}:${port}${path}`,
    port,
    invocations,
    close: async () => {
      await close()
      await stop(server)
    },
  }
}

/**
 * Makes a gateway, and warns if it has an interceptor at one point only.
 *
 * @throws OptionsError
 */
export function createGateway(options: GatewayOptions): MountableGateway {
  const gateway = mountGateway(options)
  warnOfHalf(options)
  return gateway
}

/**
 * Makes a gateway without that warning. The local stack sells a wrapped handler at REQUEST, which needs no RESPONSE.
 *
 * @throws OptionsError
 */
export function mountGateway(options: GatewayOptions): MountableGateway {
  const gateway = createGatewayState(
    inCall('startGateway', { ...options, options }, () => readSettings(options)),
  )
  return {
    handle: (request, response) =>
      route(gateway, request, response).catch(() => {
        if (response.headersSent) response.destroy()
        else sendJson(response, 500, {}, { message: 'Internal Server Error' })
      }),
    invocations: gateway.invocations,
    close: async () => {
      gateway.closing.abort()
      await Promise.all(gateway.afterwards)
    },
  }
}

async function route(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!comesFromHere(request)) {
    return sendJson(response, 403, {}, { message: 'Host and Origin must be of this machine' })
  }
  const [target] = gateway.settings.targets
  if (target !== undefined && 'http' in target) return serveHttp(gateway, request, response)
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  if (pathname === '/mcp') return serveMcp(gateway, request, response)
  sendJson(response, 404, {}, { message: 'Not Found' })
}
