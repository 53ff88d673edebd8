import { isHttpResponse, textEntries, withoutOverrides } from './read-answer.js'
import type { Answer, CreditsSource } from './answer.js'
import { findCharges, parsedBody } from './charges.js'
import { isRecord } from '../../wire/json.js'

/**
 * The answer to a plain HTTP call: `{ statusCode, headers, body }`, a complete interceptor output, a text, or
 * any object, which is sent as JSON.
 *
 * @returns `undefined` if what was returned is none of these.
 */
export function readHttpAnswer(
  returned: unknown,
  creditsFrom: ReadonlySet<CreditsSource>,
): Answer | undefined {
  const { statusCode = 200, headers, body, base64 } = responseIn(returned) ?? {}
  if (body === undefined || typeof statusCode !== 'number' || !isStatus(statusCode))
    return undefined
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  const sent = { 'Content-Type': type, ...textEntries(headers) }
  return httpAnswer({ statusCode, headers: sent, body: text, base64: base64 === true }, creditsFrom)
}

/** An HTTP response whose body is text. */
interface TextResponse {
  statusCode: number
  headers: Record<string, string>
  body: string
  /** Whether the body is base64 of what is sent. */
  base64: boolean
}

/** Anything below 400 delivers something, a redirect its address. */
export function httpAnswer(
  { statusCode, headers, body, base64 }: TextResponse,
  creditsFrom: ReadonlySet<CreditsSource>,
): Answer {
  const content = parsedBody(base64 ? Buffer.from(body, 'base64').toString() : body)
  const result = isRecord(content) ? content : {}
  return {
    statusCode,
    headers: withoutOverrides(headers),
    outcome: { raw: { body, base64 } },
    failed: statusCode >= 400,
    unfinished: false,
    ...findCharges({ headers, body: content, outcome: { result } }, creditsFrom),
  }
}

interface HttpResponse {
  statusCode?: unknown
  headers?: unknown
  body: unknown
  base64?: boolean
}

function responseIn(returned: unknown): HttpResponse | undefined {
  if (typeof returned === 'string') return { body: returned }
  if (!isRecord(returned)) return undefined
  const { http } = returned
  const response = isRecord(http) ? http['transformedGatewayResponse'] : undefined
  if (isRecord(response)) {
    const { statusCode, headers, body = '' } = response
    return { statusCode, headers, body, base64: true }
  }
  if (!isHttpResponse(returned)) return { body: returned }
  const { statusCode, headers, body = '', isBase64Encoded } = returned
  return { statusCode, headers, body, base64: isBase64Encoded === true }
}

function isStatus(statusCode: number): boolean {
  return Number.isInteger(statusCode) && statusCode >= 100 && statusCode < 600
}
