import type { Context } from 'aws-lambda'
import {
  type Carriers,
  type FoundPayment,
  carriersOf,
  findPayment,
  hidesPayment,
  sealsIn,
} from './payment-carriers.js'
import type { CorsRules } from './cors-rules.js'
import type { GatewayEvent } from '../../wire/gateway-events.js'
import type { JsonRpcId } from '../../wire/mcp.js'
import { httpParts, type HttpParts } from './http/load.js'
import { open } from './recognise.js'
import type { OpenedEvent, Strip } from './event-shape.js'
import type { ParsedEvent, CallTransport } from './call.js'
import { GATEWAY } from './gateway.js'
import { stripContext } from './lambda-target.js'
import { stripOf } from './strip-payment.js'
import { memberTextIn } from '../answer/rewritten-json.js'
import { isOtherSpelling } from './folded.js'
import { isRecord, parseJson } from '../../wire/json.js'

const INTERNAL = { code: -32603, httpStatus: 500 }
/** JSON-RPC: the body is no JSON. */
const NO_JSON = { code: -32700, httpStatus: 400 }
/** JSON-RPC: the body is not a request object. */
const WRONG_REQUEST = { code: -32600, httpStatus: 400 }
const NOT_POST = { code: -32600, httpStatus: 405 }
/** JSON-RPC: `tools/call` without a tool, or arguments that are no object. */
const WRONG_PARAMS = { code: -32602, httpStatus: 400 }

/** The settings that parsing needs. */
export interface ParseSettings {
  /** Lower-case names of the HTTP headers a payment may come in. */
  readonly tokenHeaders: readonly string[]
  readonly httpTargets: 'http' | 'mcp'
  readonly httpEvents: 'http' | 'mcp'
  readonly cors?: CorsRules | undefined
}

/** An event that is being read. */
interface Reading {
  readonly event: unknown
  readonly opened: OpenedEvent
  readonly context: Context | undefined
  readonly carriers: Carriers
  /** Loaded for HTTP events, and for sellers with the option `cors`. */
  readonly http: HttpParts | undefined
}

/** Turns any event into a call without payment, with the payment beside it. Never rejects. */
export async function parse(
  event: unknown,
  context: Context | undefined,
  settings: ParseSettings,
): Promise<ParsedEvent> {
  try {
    const opened = await open(event, context, settings)
    if (opened === undefined) return invalid(undefined, null, 'the event has no known shape')
    const { tokenHeaders, cors } = settings
    const needsHttp = isHttp(opened.transport) || cors !== undefined
    const http = needsHttp ? await httpParts() : undefined
    // The origin is noted for every kind of request.
    const said = cors && http?.corsFor(cors, opened.headers, tokenHeaders)
    const idText = idTextIn(opened)
    const noted = { ...(said && { cors: said }), ...(idText !== undefined && { idText }) }
    const told = { ...opened, transport: { ...opened.transport, ...noted } }
    const carriers = carriersOf(tokenHeaders)
    return parseOpened({ event, opened: told, context, carriers, http })
  } catch (cause) {
    // The event has accessors that throw.
    return invalid(undefined, null, 'Internal error', { ...INTERNAL, cause })
  }
}

/**
 * The id as the client wrote it, if our own text of it would differ. A Gateway takes no text from us. There
 * the client's text counts only if a JavaScript number cannot hold the digits.
 */
function idTextIn({ message, rawText, transport }: OpenedEvent): string | undefined {
  const id = isRecord(message) ? message['id'] : undefined
  if (rawText === undefined || (typeof id !== 'number' && typeof id !== 'string')) return undefined
  const isHeld = typeof id === 'string' || Number.isSafeInteger(id)
  if (transport.shape === 'gateway' && isHeld) return undefined
  const text = memberTextIn(rawText, 'id')
  const isOther = text !== undefined && text !== JSON.stringify(id) && parseJson(text) === id
  return isOther ? text : undefined
}

function isHttp({ shape }: CallTransport): boolean {
  return shape === 'http-event' || shape === 'gateway-http'
}

function parseOpened(reading: Reading): ParsedEvent {
  const { event, opened } = reading
  const { transport, message, delivered, line } = opened
  if (transport.shape === 'gateway-http' && line === undefined) {
    if (delivered === undefined) return invalid(opened, null, 'the event has no known shape')
    return { kind: 'requestless', transport, delivered, event: event as GatewayEvent }
  }
  if (isAnsweredPreflight(reading)) return preflightOf(reading)
  if (transport.protocol === 'http') return parsePlain(reading)
  // DELETE ends a session.
  if (transport.shape === 'gateway-http' && line?.method === 'DELETE') return parsePlain(reading)
  // A GET would open a stream, on which a server may repeat what was sold.
  if (line !== undefined && line.method !== 'POST') {
    return invalid(opened, null, 'only POST requests are answered', NOT_POST)
  }
  if (Array.isArray(message)) return invalid(opened, null, 'batches are not supported')
  if (!isRecord(message)) return unreadable(opened)
  return parseMessage(message, reading)
}

/**
 * Whether we answer the preflight. Behind a Gateway this happens only with the option `cors`. A target that
 * ignores the method would give away its work.
 */
function isAnsweredPreflight({ opened, http }: Reading): boolean {
  const { shape, cors } = opened.transport
  return (shape === 'http-event' || cors !== undefined) && http?.isPreflight(opened) === true
}

function parseMessage(message: Record<string, unknown>, reading: Reading): ParsedEvent {
  const { opened, carriers } = reading
  const { id, method } = message
  if (!isId(id)) return invalid(opened, null, 'id must be a string, a number or null')
  const params = isRecord(message['params']) ? message['params'] : undefined
  if (isTwofold(message, MEMBERS) || isTwofold(params, PARAMS) || hidesPayment(params, carriers)) {
    return invalid(opened, id ?? null, 'a member has another spelling than in JSON-RPC')
  }
  const strip = stripOf(message, params, carriers)
  const transport = { ...opened.transport, ...revisionOf(params), ...refusalOf(method) }
  if (method === undefined && ('result' in message || 'error' in message)) {
    const event = opened.strip(strip) as GatewayEvent
    return { kind: 'client-answer', transport, delivered: opened.delivered, event }
  }
  if (typeof method !== 'string') return invalid(opened, id ?? null, 'method must be a string')
  const problem = method === 'tools/call' ? toolCallProblem(params) : undefined
  if (problem !== undefined) return invalid(opened, id, problem, WRONG_PARAMS)
  return callOf({ id, method, params, transport }, strip, reading)
}

/** A JSON-RPC request that can be sold. */
interface Request {
  readonly id: JsonRpcId | undefined
  readonly method: string
  readonly params: Record<string, unknown> | undefined
  readonly transport: CallTransport
}

function callOf(
  { id, method, params, transport }: Request,
  strip: Strip,
  { opened, context, carriers }: Reading,
): ParsedEvent {
  const tool = method === 'tools/call' ? (params?.['name'] as string) : undefined
  const event = opened.strip(strip) as GatewayEvent
  return {
    kind: 'call',
    transport,
    delivered: opened.delivered,
    call: { id, method, tool, label: tool ?? method, event, transport },
    payment: paymentOf(opened, params, carriers),
    isTask: isRecord(params?.['task']),
    hasInput: Object.keys(params ?? {}).some((name) => INPUTS.includes(name)),
    seals: sealsIn(opened.headers),
    context: context && stripContext(context, strip),
  }
}

/**
 * The payment of a call. In a response phase the body may be the one that was forwarded, without payment. The
 * client's own body then stands beside it as text.
 */
function paymentOf(
  { headers, rawText, phase }: OpenedEvent,
  params: Record<string, unknown> | undefined,
  carriers: Carriers,
): FoundPayment {
  const found = findPayment(undefined, params, carriers)
  if (found.kind !== 'none') return found
  if (phase === 'response' && rawText !== undefined) {
    const original = findPayment(undefined, paramsIn(rawText), carriers)
    if (original.kind !== 'none') return original
  }
  return findPayment(headers, undefined, carriers)
}

function paramsIn(text: string): Record<string, unknown> | undefined {
  const message = parseJson(text)
  return isRecord(message) && isRecord(message['params']) ? message['params'] : undefined
}

function preflightOf({ opened, context, carriers }: Reading): ParsedEvent {
  const stripped = opened.strip(stripOf(undefined, undefined, carriers)) as GatewayEvent
  const event = { ...stripped, body: null, isBase64Encoded: false }
  const transport: CallTransport = { ...opened.transport, protocol: 'http', realStatus: true }
  const call = { id: null, method: 'OPTIONS', tool: undefined, label: 'OPTIONS', event, transport }
  return { kind: 'preflight', transport, delivered: undefined, call, context }
}

/** Reads a call that is named by its method and path. */
function parsePlain({ opened, context, carriers, http }: Reading): ParsedEvent {
  const { transport, delivered, headers, line } = opened
  const { method, path } = { method: line?.method ?? '', path: http?.plainPath(line?.path ?? '') }
  if (method === '' || path === undefined) {
    return invalid(
      opened,
      null,
      'the path is not plain: it has dot segments, or escapes or characters that could hide a part',
    )
  }
  const event = opened.strip(stripOf(undefined, undefined, carriers)) as GatewayEvent
  // An MCP server behind an HTTP target sells messages only.
  const tool = transport.protocol === 'http' ? `${method} ${path}` : undefined
  return {
    kind: 'call',
    transport,
    delivered,
    call: { id: null, method, tool, label: tool ?? method, event, transport },
    payment: findPayment(headers, undefined, carriers),
    isTask: false,
    hasInput: false,
    seals: sealsIn(headers),
    context,
  }
}

/** What a request of MCP 2026-07-28 or later says: its revision, and what its client can take. */
function revisionOf(
  params: Record<string, unknown> | undefined,
): Pick<CallTransport, 'namesResultType' | 'takesPaymentRequired'> {
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

function refusalOf(method: unknown): Pick<CallTransport, 'refusesByError'> {
  return method === 'tools/call' ? {} : { refusesByError: true }
}

const MEMBERS = ['jsonrpc', 'id', 'method', 'params']
const PARAMS = ['name', 'arguments', 'uri', 'task', '_meta']

const INPUTS = ['name', 'arguments', 'uri']

/**
 * Whether members have two spellings. Some parsers, Go's among them, take `Method` for `method`. A target
 * with such a parser would run another call than the one that was priced.
 */
function isTwofold(record: Record<string, unknown> | undefined, names: readonly string[]): boolean {
  return Object.keys(record ?? {}).some((key) => isOtherSpelling(key, names))
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
  const kind = opened.transport.shape === 'gateway' ? WRONG_REQUEST : NO_JSON
  return invalid(opened, null, 'the body must be a JSON-RPC object', kind)
}

function invalid(
  opened: OpenedEvent | undefined,
  id: JsonRpcId | undefined,
  message: string,
  kind: { code: number; httpStatus: number; cause?: unknown } = WRONG_REQUEST,
): ParsedEvent {
  const { transport = GATEWAY, delivered } = opened ?? {}
  return { kind: 'invalid', transport, delivered, id, message, ...kind }
}
