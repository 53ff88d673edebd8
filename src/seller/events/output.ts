import type {
  GatewayEvent,
  HttpEventOutput,
  HttpInterceptorOutput,
  InterceptorOutput,
} from '../../wire/gateway-events.js'
import type { JsonRpcId, McpResult } from '../../wire/mcp.js'
import type { CallTransport } from './call.js'
import type { Reply } from './event-shape.js'
import {
  gatewayAnswer,
  gatewayForward,
  gatewayHttpForward,
  gatewayHttpPass,
  gatewayPass,
} from './gateway.js'
import { httpParts } from './http/load.js'
import { targetAnswer } from './lambda-target.js'
import { decodeToken } from '../../wire/x402.js'
import { lazy } from '../../lazy.js'
import { isRecord } from '../../wire/json.js'

/** An answer in the shape of its event: for a Gateway interceptor, an HTTP service or a Lambda target. */
export type SellerOutput = InterceptorOutput | HttpInterceptorOutput | HttpEventOutput | McpResult

const ACCEPTED: Reply = { statusCode: 202, headers: {}, outcome: undefined }

/** Puts a reply into the shape of its event. A notification (no id) gets an empty answer. */
export async function toOutput(
  id: JsonRpcId | undefined,
  transport: CallTransport,
  reply: Reply,
): Promise<SellerOutput> {
  const said = id === undefined ? ACCEPTED : withResultType(transport, inError(transport, reply))
  if (transport.shape === 'lambda-target') return targetAnswer(said)
  if (transport.idText !== undefined && transport.shape === 'gateway') {
    const { withExactId } = await exactNumbers()
    const output = await toOutput(id, { ...transport, idText: undefined }, reply)
    return withExactId(output as InterceptorOutput, transport)
  }
  if (transport.shape === 'gateway' && transport.cors === undefined && hasOwnHeaders(said)) {
    return gatewayAnswer(id ?? null, simplyCached(said))
  }
  const http = await httpParts()
  const told = http.withCors(transport.cors, http.withCaching(said))
  switch (transport.shape) {
    case 'gateway':
      return gatewayAnswer(id ?? null, { ...told, headers: http.fitting(told) })
    case 'gateway-http':
      return http.gatewayHttpAnswer(id ?? null, transport, told)
    case 'http-event':
      return http.httpEventAnswer(id ?? null, transport, told)
  }
}

/** Whether all headers are ours, so that none is about caching or pages of other origins. */
function hasOwnHeaders({ headers }: Reply): boolean {
  return Object.keys(headers).every((name) => /^(x-)?payment-/.test(name))
}

function simplyCached(reply: Reply): Reply {
  const { headers, caching } = reply
  return caching === undefined
    ? reply
    : { ...reply, headers: { 'Cache-Control': caching, ...headers } }
}

/**
 * A refusal as a JSON-RPC error, if the method's results cannot be one. A challenge has code 402, and stands in
 * `data`. Clients of x402 over MCP know that code.
 */
function inError({ refusesByError }: CallTransport, reply: Reply): Reply {
  const { outcome, refusedWith } = reply
  if (refusesByError !== true || refusedWith === undefined) return reply
  if (outcome === undefined || !('result' in outcome) || outcome.result.isError !== true) {
    return reply
  }
  const { content, structuredContent, _meta } = outcome.result
  const data = structuredContent ?? _meta
  const code = refusedWith === 400 ? INVALID_PARAMS : INTERNAL_ERROR
  const error = {
    code: structuredContent === undefined ? code : PAYMENT_REQUIRED,
    message: content?.at(-1)?.text ?? '',
    ...(data !== undefined && { data }),
  }
  return { ...reply, outcome: { error } }
}

const PAYMENT_REQUIRED = 402
const INVALID_PARAMS = -32602
const INTERNAL_ERROR = -32603

/** @see https://modelcontextprotocol.io/specification/2026-07-28/schema */
function withResultType({ namesResultType }: CallTransport, reply: Reply): Reply {
  const { outcome } = reply
  if (namesResultType !== true || outcome === undefined || !('result' in outcome)) return reply
  return { ...reply, outcome: { result: { resultType: 'complete', ...outcome.result } } }
}

/** Whether there is a target behind this event that the call can be forwarded to. */
export function canForward({ shape }: CallTransport): boolean {
  return shape === 'gateway' || shape === 'gateway-http'
}

/** The output that sends a call on to its target, without payment, with headers of ours added. */
export async function forward(
  event: GatewayEvent,
  { shape }: CallTransport,
  forwardAuthorization: boolean,
  added: Record<string, string> = {},
): Promise<InterceptorOutput | HttpInterceptorOutput> {
  const { mcp, http } = event as unknown as Record<string, Record<string, unknown> | undefined>
  const request = (shape === 'gateway' ? mcp : http)?.['gatewayRequest']
  const { headers, body } = isRecord(request) ? request : {}
  const kept = isRecord(headers) ? echoed(headers, forwardAuthorization) : undefined
  const all = kept || Object.keys(added).length > 0 ? { ...kept, ...added } : undefined
  if (shape === 'gateway') return gatewayForward(all, await exactBody(body, mcp))
  return gatewayHttpForward(all, typeof body === 'string' ? body : undefined)
}

/** The message with the exact numbers of its text. The platform parsed them before us. */
async function exactBody(
  body: unknown,
  mcp: Record<string, unknown> | undefined,
): Promise<unknown> {
  const raw = mcp?.['rawGatewayRequest']
  const text = isRecord(raw) ? raw['body'] : undefined
  if (typeof text !== 'string' || !/\d{16}/.test(text)) return body
  const { withExactNumbers } = await exactNumbers()
  return withExactNumbers(body, text)
}

const exactNumbers = lazy(() => import('./exact-numbers.js'))

/**
 * Echoes the headers that targets are allow-listed for: without an echo they would not arrive.
 * `Authorization` is echoed only on request. If an interceptor sets it, it overrides the target's own
 * credentials. A value that is no JWT breaks policy engines.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-headers.html
 */
export function echoed(
  headers: Record<string, unknown>,
  forwardAuthorization: boolean,
): Record<string, string> {
  const isEchoed = ([name, value]: [string, unknown]): boolean => {
    if (typeof value !== 'string') return false
    if (name.toLowerCase() === 'authorization') return forwardAuthorization && isJwt(value)
    return !NOT_ECHOED.has(name.toLowerCase())
  }
  return Object.fromEntries(Object.entries(headers).filter(isEchoed)) as Record<string, string>
}

const NOT_ECHOED = new Set(['content-length', 'host', 'connection', 'transfer-encoding'])

function isJwt(authorization: string): boolean {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization)?.[1]
  return token !== undefined && decodeToken(token) === undefined
}

/** The output that lets a response-phase event through as it is. */
export function pass(
  event: unknown,
  { shape }: CallTransport,
): InterceptorOutput | HttpInterceptorOutput {
  return shape === 'gateway' && isRecord(event) ? gatewayPass(event) : gatewayHttpPass()
}
