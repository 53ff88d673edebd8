import type { Context } from 'aws-lambda'
import { type FoundPayment, findPayment, sealsIn } from './payment-carriers.js'
import type { GatewayEvent } from '../../wire/gateway-events.js'
import type { JsonRpcId } from '../../wire/mcp.js'
import { open } from './recognise.js'
import type { Settings } from '../options/settings.js'
import type { OpenedEvent } from './event-shape.js'
import type { ParsedEvent, Transport } from './call.js'
import { GATEWAY } from './gateway.js'
import { plainPath } from './gateway-http.js'
import { stripContext } from './lambda-target.js'
import { stripOf } from './strip-payment.js'
import { isRecord } from '../../wire/json.js'

const INTERNAL_ERROR = -32603
/** JSON-RPC: the body is no JSON. */
const PARSE_ERROR = -32700
/** JSON-RPC: the body is not a request object. */
const INVALID_REQUEST = -32600
/** JSON-RPC: `tools/call` without a tool, or arguments that are no object. */
const INVALID_PARAMS = -32602

type ParseSettings = Pick<Settings, 'tokenHeaders' | 'httpTargets' | 'httpEvents'>

/** Turns whatever arrived into a call without payment, and the payment beside it. Never throws. */
export function parse(
  event: unknown,
  context: Context | undefined,
  settings: ParseSettings,
): ParsedEvent {
  try {
    return parseOpened(event, open(event, context, settings), context, settings)
  } catch {
    return invalid(undefined, null, 'Internal error', INTERNAL_ERROR, 500) // an event with accessors
  }
}

function parseOpened(
  event: unknown,
  opened: OpenedEvent | undefined,
  context: Context | undefined,
  settings: ParseSettings,
): ParsedEvent {
  if (opened === undefined) return invalid(undefined, null, 'no known event shape')
  const { transport, message, delivered, line } = opened
  if (transport.shape === 'gateway-http' && line === undefined) {
    if (delivered === undefined) return invalid(opened, null, 'no known event shape')
    return { kind: 'requestless', transport, delivered, event: event as GatewayEvent }
  }
  if (transport.protocol === 'http') return parsePlain(opened, context, settings)
  if (transport.shape === 'gateway-http' && line?.method === 'DELETE') {
    return parsePlain(opened, context, settings) // ends a session
  }
  // A GET would open a stream on which a server may repeat what was sold.
  if (line !== undefined && line.method !== 'POST') {
    return invalid(opened, null, 'only POST is answered here', INVALID_REQUEST, 405)
  }
  if (Array.isArray(message)) return invalid(opened, null, 'batches are not supported')
  if (!isRecord(message)) return unreadable(opened)
  return parseMessage(opened, message, context, settings)
}

function parseMessage(
  opened: OpenedEvent,
  message: Record<string, unknown>,
  context: Context | undefined,
  settings: ParseSettings,
): ParsedEvent {
  const { id, method } = message
  if (!isId(id)) return invalid(opened, null, 'id must be a string, a number or null')
  const params = isRecord(message['params']) ? message['params'] : undefined
  const strip = stripOf(message, params, settings.tokenHeaders)
  const event = (): GatewayEvent => opened.strip(strip) as GatewayEvent
  const { delivered } = opened
  const transport = { ...opened.transport, ...revisionOf(params) }
  if (isTwofold(message, MEMBERS) || isTwofold(params ?? {}, PARAMS)) {
    return invalid(opened, id ?? null, 'members must be spelt as JSON-RPC spells them')
  }
  if (method === undefined && ('result' in message || 'error' in message)) {
    return { kind: 'client-answer', transport, delivered, event: event() }
  }
  if (typeof method !== 'string') return invalid(opened, id ?? null, 'method must be a string')
  const problem = method === 'tools/call' ? toolCallProblem(params) : undefined
  if (problem !== undefined) return invalid(opened, id, problem, INVALID_PARAMS)
  const tool = method === 'tools/call' ? (params?.['name'] as string) : undefined
  return {
    kind: 'call',
    transport,
    delivered,
    call: { id, method, tool, label: tool ?? method, event: event(), transport },
    payment: paymentOf(opened, params, settings),
    isTask: isRecord(params?.['task']),
    seals: sealsIn(opened.headers),
    context: context && stripContext(context, strip),
  }
}

/**
 * What the client sent: in a response phase the body may be the one that was forwarded, without payment,
 * and the client's own stands beside it as text.
 */
function paymentOf(
  { headers, rawText, phase }: OpenedEvent,
  params: Record<string, unknown> | undefined,
  { tokenHeaders }: ParseSettings,
): FoundPayment {
  const found = findPayment(undefined, params, tokenHeaders)
  if (found.kind !== 'none') return found
  if (phase === 'response' && rawText !== undefined) {
    const original = findPayment(undefined, paramsIn(rawText), tokenHeaders)
    if (original.kind !== 'none') return original
  }
  return findPayment(headers, undefined, tokenHeaders)
}

function paramsIn(text: string): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(text)
    return isRecord(message) && isRecord(message['params']) ? message['params'] : undefined
  } catch {
    return undefined
  }
}

/** A call whose tool is its method and path. */
function parsePlain(
  opened: OpenedEvent,
  context: Context | undefined,
  settings: ParseSettings,
): ParsedEvent {
  const { transport, delivered, headers, line } = opened
  const { method, path } = { method: line?.method ?? '', path: plainPath(line?.path ?? '') }
  if (method === '' || path === undefined) {
    return invalid(opened, null, 'the path must be in its plain form', INVALID_REQUEST, 400)
  }
  const event = opened.strip(stripOf(undefined, undefined, settings.tokenHeaders)) as GatewayEvent
  // Of an MCP server behind an HTTP target, only messages are sold.
  const tool = transport.protocol === 'http' ? `${method} ${path}` : undefined
  return {
    kind: 'call',
    transport,
    delivered,
    call: { id: null, method, tool, label: tool ?? method, event, transport },
    payment: findPayment(headers, undefined, settings.tokenHeaders),
    isTask: false,
    seals: sealsIn(headers),
    context,
  }
}

/** From 2026-07-28 on, every request says which revision it speaks, and what its client can take. */
function revisionOf(
  params: Record<string, unknown> | undefined,
): Pick<Transport, 'namesResultType' | 'takesPaymentRequired'> {
  const meta = params?.['_meta']
  if (!isRecord(meta)) return {}
  const version = meta['io.modelcontextprotocol/protocolVersion']
  const capabilities = meta['io.modelcontextprotocol/clientCapabilities']
  const extensions = isRecord(capabilities) ? capabilities['extensions'] : undefined
  return {
    ...(typeof version === 'string' && version >= '2026-07-28' && { namesResultType: true }),
    ...(isRecord(extensions) &&
      isRecord(extensions['org.x402/payment']) && { takesPaymentRequired: true }),
  }
}

const MEMBERS = ['jsonrpc', 'id', 'method', 'params']
const PARAMS = ['name', 'arguments', '_meta']

/**
 * Some parsers, Go's among them, take `Method` for `method`: such a target would run another call than the
 * one that was priced.
 */
function isTwofold(record: Record<string, unknown>, names: readonly string[]): boolean {
  return Object.keys(record).some(
    (key) => !names.includes(key) && names.includes(key.toLowerCase()),
  )
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

function isId(id: unknown): id is JsonRpcId | undefined {
  return id === undefined || id === null || typeof id === 'string' || typeof id === 'number'
}

function unreadable(opened: OpenedEvent): ParsedEvent {
  const { shape } = opened.transport
  if (shape === 'gateway') return invalid(opened, null, 'the body must be a JSON-RPC object')
  return invalid(opened, null, 'the body must be a JSON-RPC object', PARSE_ERROR)
}

function invalid(
  opened: OpenedEvent | undefined,
  id: JsonRpcId | undefined,
  message: string,
  code: number = INVALID_REQUEST,
  httpStatus: number = 400,
): ParsedEvent {
  const { transport = GATEWAY, delivered } = opened ?? {}
  return { kind: 'invalid', transport, delivered, id, code, message, httpStatus }
}
