import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Gateway } from '../protocol/gateway-state.js'
import { only, propagated } from '../protocol/headers.js'
import type { HttpCall } from '../protocol/http-call.js'
import { record } from '../protocol/invocations.js'
import { send, type OutboundReply } from './outbound.js'

/**
 * Headers that are always passed on. Without them a request means something else. An allow-list may not even
 * have the first two.
 */
const ALWAYS = ['content-type', 'accept', 'last-event-id']

/** Passes a request on to `<base>/<rest>`. */
export async function callHttpTarget(
  gateway: Gateway,
  call: HttpCall,
  signal: AbortSignal,
): Promise<OutboundReply> {
  const { target, method, rest, body } = call
  const headers = forwarded(call)
  const invocation = record(gateway.invocations, {
    kind: 'TARGET',
    target: target.name,
    event: { method, path: rest, body: body.toString('base64') },
    headers,
  })
  const length = body.length > 0 ? { 'content-length': String(body.length) } : undefined
  try {
    const url = `${target.http.replace(/\/+$/, '')}${rest}`
    return await send(url, { method, headers: { ...headers, ...length }, body, signal })
  } catch (error) {
    invocation.error = error as Error
    throw error
  }
}

/** Passes a stream on as it comes. */
export async function pipe(
  { status, headers, body }: OutboundReply,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(status, headers)
  response.flushHeaders()
  await pipeline(body, response).catch(() => undefined) // One side is gone.
}

/**
 * The headers that go to the target. Those of MCP are among them, so that a client can talk to an MCP server
 * behind the gateway.
 */
function forwarded({
  target,
  clientHeaders,
  interceptorHeaders,
}: HttpCall): Record<string, string> {
  const all = { ...clientHeaders, ...interceptorHeaders }
  const ofMcp = Object.keys(all).filter((name) => name.startsWith('mcp-'))
  return {
    ...only(all, [...ALWAYS, ...ofMcp]),
    ...propagated(target.allowedRequestHeaders ?? [], clientHeaders, interceptorHeaders),
  }
}
