import {
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  REFUND_DUE_HEADER,
  SEAL_HEADER,
  X_PAYMENT_RESPONSE_HEADER,
} from '../../wire/x402.js'
import type { Original } from './answer.js'
import { isRecord } from '../../wire/json.js'

/** The headers of a response. API Gateway and load balancers take several values of one header as a list. */
export function headersIn({
  headers,
  multiValueHeaders,
}: Record<string, unknown>): Record<string, unknown> {
  const lists = isRecord(multiValueHeaders) ? Object.entries(multiValueHeaders) : []
  const joined = lists.map(([name, values]) => [
    name,
    Array.isArray(values) ? values.join(', ') : values,
  ])
  return { ...(isRecord(headers) && headers), ...(Object.fromEntries(joined) as object) }
}

/** The response that an answer was read from. @param given its members beside status and body */
export function originalOf(shape: Original['shape'], given: Record<string, unknown>): Original {
  const head = { ...given }
  // This member is about the body.
  delete head['isBase64Encoded']
  return { shape, head, headers: textEntries(headersIn(head)) }
}

/**
 * Headers of a handler that are dropped. Only we give receipts and challenges. What our phases share stays
 * between them.
 */
const OURS = new Set([
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  X_PAYMENT_RESPONSE_HEADER,
  REFUND_DUE_HEADER,
  SEAL_HEADER,
])

export function textEntries(headers: unknown): Record<string, string> {
  const entries = isRecord(headers) ? Object.entries(headers) : []
  const ofOthers = entries.filter(
    ([name, value]) => IS_HEADER_VALUE.has(typeof value) && !OURS.has(name.toLowerCase()),
  )
  return Object.fromEntries(ofOthers.map(([name, value]) => [name, String(value)]))
}

/** Types of header values. API Gateway takes numbers and booleans as well as texts. */
const IS_HEADER_VALUE = new Set(['string', 'number', 'boolean'])

/** The headers without those about a body as it came: the body that goes out is written anew. */
export function rewritable(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !OF_THE_BODY.has(name.toLowerCase())),
  )
}

const OF_THE_BODY = new Set([
  ...['content-length', 'content-encoding', 'transfer-encoding', 'etag'],
  ...['content-md5', 'content-digest', 'repr-digest', 'digest', 'accept-ranges'],
])
