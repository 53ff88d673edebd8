import type { JsonRpcId } from '../../wire/mcp.js'
import { headersIn, rewritable, textEntries } from './answer-headers.js'
import { type Output, isGood, isHttpResponse } from './answer-of.js'
import { isEventStream } from './event-stream.js'
import { textOfBody } from './body-text.js'
import { readMessage } from './read-message.js'
import { isRecord } from '../../wire/json.js'

/** Takes a complete interceptor output apart, with or without its version and headers. */
export function unwrapOutput(returned: unknown, id: JsonRpcId | undefined): Output | undefined {
  if (isOpaque(returned)) return undefined
  if (!isRecord(returned)) return { statusCode: 200, headers: {}, body: returned }
  const isOutput = 'interceptorOutputVersion' in returned || 'mcp' in returned
  if (!isOutput && !isHttpResponse(returned))
    return { statusCode: 200, headers: {}, body: returned }
  const mcp = returned['mcp']
  const response = isOutput ? isRecord(mcp) && mcp['transformedGatewayResponse'] : returned
  if (!isRecord(response)) return undefined
  const { statusCode = 200, body } = response
  if (typeof statusCode !== 'number' || !isStatus(statusCode)) return undefined
  const headers = rewritable(textEntries(headersIn(response)))
  return typeof body === 'string'
    ? fromText({ statusCode, headers, body }, id)
    : { statusCode, headers, body }
}

/** A body that should be JSON-RPC: JSON, or an event stream with the answer. Anything else is not sold. */
function fromText(
  { statusCode, headers, body }: Output & { body: string },
  id: JsonRpcId | undefined,
): Output | undefined {
  const found = readMessage(body, id)
  const [typeName, type] = Object.entries(headers).find(([name]) => isType(name)) ?? []
  const others = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== typeName))
  if (found === undefined) {
    return isGood(statusCode) ? undefined : { statusCode, headers: others, body, isUnread: true }
  }
  const { message, stream } = found
  if (stream === undefined) return { statusCode, headers, body: message }
  // Under any other type clients would not read it as a stream, so that it goes out as JSON.
  if (type !== undefined && !isEventStream(type)) {
    return { statusCode, headers: others, body: message }
  }
  const typed = type === undefined ? { ...STREAM_TYPE, ...headers } : headers
  return { statusCode, headers: typed, body: message, stream }
}

const STREAM_TYPE = { 'Content-Type': 'text/event-stream' }

function isType(name: string): boolean {
  return name.toLowerCase() === 'content-type'
}

export function isStatus(statusCode: number): boolean {
  return Number.isInteger(statusCode) && statusCode >= 100 && statusCode < 600
}

/** What JSON makes nothing of: a `Response`, a stream, bytes, a `Map`, an error. */
export function isOpaque(returned: unknown): boolean {
  if (typeof returned !== 'object' || returned === null) return false
  if (ArrayBuffer.isView(returned) || returned instanceof ArrayBuffer) return true
  return Object.keys(returned).length === 0 && !isPlain(returned) && !('toJSON' in returned)
}

/** Also of another realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** An HTTP response with its body as text: base64 and compression undone. Anything else stays as it is. */
export async function withPlainBody(returned: unknown): Promise<unknown> {
  if (!isRecord(returned) || !isHttpResponse(returned)) return returned
  const { body, isBase64Encoded } = returned
  if (isBase64Encoded !== true || typeof body !== 'string') return returned
  const text = await textOfBody({ body, base64: true }, headersIn(returned))
  return { ...returned, body: text, isBase64Encoded: false }
}
