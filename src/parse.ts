import { findPayment, stripHeaders, stripParams, type FoundPayment } from './carriers.js'
import type { GatewayEvent, JsonRpcId } from './mcp.js'
import { isRecord } from './x402.js'

/** One call as the later stages and the hooks see it. It never holds a payment. */
export interface Call {
  /** The JSON-RPC id with its own type; `undefined` for a notification. */
  readonly id: JsonRpcId | undefined
  readonly method: string
  /** Full tool name (`Target___tool`) of a `tools/call`. */
  readonly tool: string | undefined
  /** What is called, for people: the tool, else the method. */
  readonly label: string
  /** The event with every payment stripped. */
  readonly event: GatewayEvent
}

/** What an event turned out to be. */
export type ParsedEvent =
  | { kind: 'call'; call: Call; payment: FoundPayment }
  | { kind: 'response-phase'; event: GatewayEvent }
  | { kind: 'invalid'; id: JsonRpcId | undefined; code: number; message: string }

/** JSON-RPC: the body is not a request object. */
const INVALID_REQUEST = -32600
/** JSON-RPC: `tools/call` without a tool, or arguments that are no object. */
const INVALID_PARAMS = -32602

/** Turns whatever arrived into a call without payment, and the payment beside it. Never throws. */
export function parse(event: unknown, tokenHeaders: readonly string[]): ParsedEvent {
  const mcp = isRecord(event) ? event['mcp'] : undefined
  const request = isRecord(mcp) ? mcp['gatewayRequest'] : undefined
  if (!isRecord(event) || !isRecord(mcp)) return invalid(null, 'no known event shape')
  // Present and null on REQUEST in live dumps; an empty object is a response all the same.
  if (isRecord(mcp['gatewayResponse'])) {
    return { kind: 'response-phase', event: event as unknown as GatewayEvent }
  }
  if (!isRecord(request)) return invalid(null, 'no known event shape')
  return parseRequest(event, mcp, request, tokenHeaders)
}

function parseRequest(
  event: Record<string, unknown>,
  mcp: Record<string, unknown>,
  request: Record<string, unknown>,
  tokenHeaders: readonly string[],
): ParsedEvent {
  const body = request['body']
  if (Array.isArray(body)) return invalid(null, 'batches are not supported')
  if (!isRecord(body)) return invalid(null, 'the body must be a JSON-RPC object')
  const id = body['id']
  if (!isId(id)) return invalid(null, 'id must be a string, a number or null')
  const method = body['method']
  if (typeof method !== 'string') return invalid(id ?? null, 'method must be a string')
  const params = isRecord(body['params']) ? body['params'] : undefined
  const problem = method === 'tools/call' ? toolCallProblem(params) : undefined
  if (problem !== undefined) return invalid(id, problem, INVALID_PARAMS)

  const headers = isRecord(request['headers']) ? request['headers'] : undefined
  const tool = method === 'tools/call' ? (params?.['name'] as string) : undefined
  const call: Call = {
    id,
    method,
    tool,
    label: tool ?? method,
    event: stripEvent(event, mcp, { ...request, headers, body, params }, tokenHeaders),
  }
  return { kind: 'call', call, payment: findPayment(headers, params, tokenHeaders) }
}

function toolCallProblem(params: Record<string, unknown> | undefined): string | undefined {
  const name = params?.['name']
  if (typeof name !== 'string' || name === '') return 'params.name must name a tool'
  const args = params?.['arguments']
  if (args !== undefined && args !== null && !isRecord(args)) {
    return 'params.arguments must be an object'
  }
  return undefined
}

interface RequestParts extends Record<string, unknown> {
  headers: Record<string, unknown> | undefined
  body: Record<string, unknown>
  params: Record<string, unknown> | undefined
}

function stripEvent(
  event: Record<string, unknown>,
  mcp: Record<string, unknown>,
  { params, headers, body, ...request }: RequestParts,
  tokenHeaders: readonly string[],
): GatewayEvent {
  const stripped =
    params === undefined ? body : { ...body, params: handlerParams(body, params, tokenHeaders) }
  const raw = isRecord(mcp['rawGatewayRequest']) ? mcp['rawGatewayRequest'] : undefined
  const gatewayRequest = {
    ...request,
    ...(headers && { headers: stripHeaders(headers, tokenHeaders) }),
    body: stripped,
  }
  return {
    ...event,
    mcp: {
      ...mcp,
      // Of an unknown form it cannot be searched for a payment, so it goes.
      rawGatewayRequest: raw && stripRaw(raw, stripped, tokenHeaders),
      gatewayRequest,
    },
  } as unknown as GatewayEvent
}

/** Without payment; a tool call without arguments gets the empty object its handler's type promises. */
function handlerParams(
  body: Record<string, unknown>,
  params: Record<string, unknown>,
  tokenHeaders: readonly string[],
): Record<string, unknown> {
  const stripped = stripParams(params, tokenHeaders)
  if (body['method'] !== 'tools/call' || isRecord(stripped['arguments'])) return stripped
  return { ...stripped, arguments: {} }
}

/** The text is kept byte for byte unless a payment could be in it. */
function stripRaw(
  raw: Record<string, unknown>,
  stripped: Record<string, unknown>,
  tokenHeaders: readonly string[],
): Record<string, unknown> {
  const text = raw['body']
  if (typeof text === 'string' && !mayCarry(text.toLowerCase(), tokenHeaders)) return { body: text }
  try {
    return { body: JSON.stringify(stripped) }
  } catch {
    return { body: '' } // nested deeper than the stack
  }
}

function mayCarry(lower: string, tokenHeaders: readonly string[]): boolean {
  const words = ['payment', '\\u', ...tokenHeaders]
  return words.some((word) => lower.includes(word))
}

function isId(id: unknown): id is JsonRpcId | undefined {
  return id === undefined || id === null || typeof id === 'string' || typeof id === 'number'
}

function invalid(
  id: JsonRpcId | undefined,
  message: string,
  code: number = INVALID_REQUEST,
): ParsedEvent {
  return { kind: 'invalid', id, code, message }
}
