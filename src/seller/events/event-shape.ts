import type { Answer } from '../answer/answer.js'
import { isEventStream } from '../answer/event-stream.js'
import type { JsonRpcId } from '../../wire/mcp.js'
import type { StreamAround } from '../../wire/sse.js'
import type { Delivered, Headers, Transport } from './call.js'

/** Takes payments out of the parts of an event. */
export interface Strip {
  headers(headers: Headers): Headers
  /** The text of a body: as it was, or written anew where it is unknown or a payment could be in it. */
  text(original: string | undefined): string
  /** The JSON-RPC message without payment. */
  readonly message: unknown
}

/** An event taken apart, whatever its shape. */
export interface OpenedEvent {
  readonly transport: Transport
  readonly phase: 'request' | 'response'
  readonly headers: Headers | undefined
  /** The JSON-RPC message; `undefined` if there is none, or none that can be read. */
  readonly message: unknown
  /** The client's own text of the message, where the shape keeps it beside the message. */
  readonly rawText?: string | undefined
  /** Only for `http` calls. */
  readonly line?: { readonly method: string; readonly path: string } | undefined
  /** What the target answered, in the response phase. */
  readonly delivered?: Delivered | undefined
  /** The same event without payments. */
  strip(strip: Strip): unknown
}

/** An answer before it takes the shape of its event. */
export interface Reply {
  readonly statusCode: number
  /** Sent instead where {@link Transport.realStatus}. */
  readonly refusedWith?: number
  readonly headers: Readonly<Record<string, string>>
  /** `undefined`: an answer without body. */
  readonly outcome: Answer['outcome'] | undefined
  /** The event stream the outcome goes out in, where the shape can carry one. */
  readonly stream?: StreamAround | undefined
  /** The body for callers of plain HTTP, as JSON. */
  readonly plain?: unknown
  /** What callers who look at the HTTP status find beside a JSON-RPC answer: x402 v1's challenge. */
  readonly beside?: Readonly<Record<string, unknown>>
  /** What was paid is for its buyer alone, and what is asked for is for now. */
  readonly caching?: 'private' | 'no-store'
}

/**
 * Whether a request comes from an MCP client. MCP's streamable HTTP makes its clients accept event streams, and little
 * else asks for them with a POST. Some clients do not: then headers that only MCP has tell (`Mcp-Protocol-Version`,
 * `Mcp-Session-Id`, and from 2026-07-28 on `Mcp-Method` and `Mcp-Name`).
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
 */
export function isMcpClient(headers: Headers | undefined): boolean {
  return Object.entries(headers ?? {}).some(([given, value]) => {
    const name = given.toLowerCase()
    if (typeof value !== 'string' || value.trim() === '') return false
    return name === 'accept' ? /text\/event-stream/i.test(value) : MCP_HEADERS.has(name)
  })
}

/** Headers that no protocol but MCP has, in lower case. */
export const MCP_HEADERS: ReadonlySet<string> = new Set([
  'mcp-protocol-version',
  'mcp-session-id',
  'mcp-method',
  'mcp-name',
])

/** The status of a reply over this transport. */
export function statusOf({ realStatus }: Transport, { statusCode, refusedWith }: Reply): number {
  return realStatus ? (refusedWith ?? statusCode) : statusCode
}

/** The text of a reply: a JSON-RPC answer, or what callers of plain HTTP are told. */
export function textBody(id: JsonRpcId, { protocol, realStatus }: Transport, reply: Reply): string {
  const { outcome, plain, beside, stream } = reply
  if (outcome === undefined) return ''
  if (protocol === 'mcp') {
    const json = JSON.stringify({ jsonrpc: '2.0', id, ...outcome, ...(realStatus && beside) })
    return stream === undefined ? json : `${stream.before}data: ${json}${stream.after}`
  }
  if (plain !== undefined) return JSON.stringify(plain)
  return JSON.stringify('error' in outcome ? { error: outcome.error.message } : outcome)
}

/** Adds the content type of JSON unless the headers say one that may be of JSON. */
export function withJsonType(headers: Readonly<Record<string, string>>): Record<string, string> {
  const name = Object.keys(headers).find((it) => it.toLowerCase() === 'content-type')
  if (name === undefined) return { 'Content-Type': 'application/json', ...headers }
  if (!isEventStream(headers[name])) return { ...headers }
  const others = Object.entries(headers).filter(([it]) => it !== name)
  return { 'Content-Type': 'application/json', ...Object.fromEntries(others) }
}

/** The headers of a text body: of JSON, or of the stream that it goes out in. */
export function headersOfText({ headers, stream }: Reply): Record<string, string> {
  return stream === undefined ? withJsonType(headers) : { ...headers }
}
