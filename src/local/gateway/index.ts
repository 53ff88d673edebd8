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
  /** The URL: `http://127.0.0.1:<port>/mcp` for an MCP gateway. A gateway with HTTP targets has no path. */
  url: string
  /** The port that the gateway listens on. */
  port: number
  /** The invocations so far, with payments and tokens as they were. Never print them. */
  invocations: readonly Invocation[]
  /** Stops the gateway, and ends what is still running. */
  close: () => Promise<void>
}

/** A gateway without a server of its own. It is mounted in another one. */
export interface MountableGateway extends Omit<LocalGateway, 'url' | 'port'> {
  /** Serves `/mcp`, or `/<target>/…` if the targets are HTTP targets. Everything else is a 404. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

/**
 * Starts an AgentCore Gateway on this machine, with the events, limits and failures of the real one. It
 * authenticates nobody, like `authorizerType: NONE`, and has no policy engine.
 *
 * @throws OptionsError if AWS's control plane would refuse the options.
 * @throws the system's error if the port cannot be had, e.g. with code `EADDRINUSE`.
 */
export async function startGateway(options: GatewayOptions): Promise<LocalGateway> {
  const { handle, invocations, close } = createGateway(options)
  const server = http.createServer((request, response) => void handle(request, response))
  // An elicitation waits for a person. A client that streams is not idle.
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
