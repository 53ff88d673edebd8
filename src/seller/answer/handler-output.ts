import type { JsonRpcId } from '../../wire/mcp.js'
import type { Original } from './answer.js'
import { headersIn, originalOf } from './answer-headers.js'
import { type Output, isGood, isHttpResponse } from './answer-of.js'
import { textOfBody, type Body } from './body-text.js'
import { readMessage } from './read-message.js'
import { isRecord } from '../../wire/json.js'

/**
 * Takes a complete interceptor output or an HTTP response apart, with or without version and headers.
 *
 * @param came the response as it came, if it had another shape, or if base64 and compression were undone
 * before
 */
export function unwrapOutput(
  returned: unknown,
  id: JsonRpcId | undefined,
  came: Came = {},
): Output | undefined {
  if (isOpaque(returned)) return undefined
  const bare = { statusCode: 200, headers: {}, body: returned }
  if (!isRecord(returned)) return bare
  const isOutput = 'interceptorOutputVersion' in returned || 'mcp' in returned
  if (!isOutput && !isHttpResponse(returned)) return bare
  const mcp = returned['mcp']
  const response = isOutput ? isRecord(mcp) && mcp['transformedGatewayResponse'] : returned
  if (!isRecord(response)) return undefined
  const shape = came.shape ?? (isOutput ? 'gateway' : 'http-event')
  return responseOf(response, id, { ...came, shape })
}

function responseOf(
  { statusCode: given = 200, body, ...head }: Record<string, unknown>,
  id: JsonRpcId | undefined,
  came: Came & { readonly shape: Original['shape'] },
): Output | undefined {
  const statusCode = Number(given)
  if (!isStatus(statusCode)) return undefined
  const original = originalOf(came.shape, head)
  const { headers } = original
  if (typeof body !== 'string') return { statusCode, headers, body, original }
  const read = fromText({ statusCode, headers, body }, id)
  if (read === undefined) return undefined
  const message = { ...(came.body ?? { body, base64: false }), text: read.text }
  return { ...read, original: { ...original, message } }
}

/** What is known of a response besides its body. */
export interface Came {
  readonly body?: Body | undefined
  readonly shape?: Original['shape'] | undefined
}

/**
 * Reads a body that should be JSON-RPC: JSON, or an event stream with the answer. Any other body is not sold.
 */
function fromText(
  output: Output & { body: string },
  id: JsonRpcId | undefined,
): (Output & { text: string | undefined }) | undefined {
  const found = readMessage(output.body, id)
  if (found !== undefined) {
    const { message, stream, text } = found
    return { ...output, body: message, stream, text }
  }
  return isGood(output.statusCode) ? undefined : { ...output, isUnread: true, text: undefined }
}

export function isStatus(statusCode: number): boolean {
  return Number.isInteger(statusCode) && statusCode >= 100 && statusCode < 600
}

/** Whether JSON would lose the value: a `Response`, a stream, bytes, a `Map`, an error. */
export function isOpaque(returned: unknown): boolean {
  if (typeof returned !== 'object' || returned === null) return false
  if (ArrayBuffer.isView(returned) || returned instanceof ArrayBuffer) return true
  return Object.keys(returned).length === 0 && !isPlain(returned) && !('toJSON' in returned)
}

/** Whether it is a plain object, of this realm or another. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The text of an HTTP response's body. If the body is base64, base64 and compression are undone. */
export async function plainBody(
  returned: unknown,
): Promise<{ readonly came: Body; readonly text: string } | undefined> {
  if (!isRecord(returned) || !isHttpResponse(returned)) return undefined
  const { body, isBase64Encoded } = returned
  if (isBase64Encoded !== true || typeof body !== 'string') return undefined
  const came = { body, base64: true }
  return { came, text: await textOfBody(came, headersIn(returned)) }
}
