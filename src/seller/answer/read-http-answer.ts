import { originalOf } from './answer-headers.js'
import { isHttpResponse } from './answer-of.js'
import { textOfBody, type Body } from './body-text.js'
import { isOpaque, isStatus } from './handler-output.js'
import type { Answer, CreditsSource, Original } from './answer.js'
import { findCharges, parsedBody, withoutOverrides } from './charges.js'
import { isRecord } from '../../wire/json.js'

/**
 * The answer to a plain HTTP call: `{ statusCode, headers, body }`, a complete interceptor output, a text, or
 * any object, which is sent as JSON.
 *
 * @returns `undefined` if what was returned is none of these.
 */
export async function readHttpAnswer(
  returned: unknown,
  creditsFrom: ReadonlySet<CreditsSource>,
): Promise<Answer | undefined> {
  const response = responseIn(returned)
  const { statusCode = 200, body, base64 } = response ?? {}
  if (response === undefined || body === undefined || isOpaque(body)) return undefined
  if (typeof statusCode !== 'number' || !isStatus(statusCode)) return undefined
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  const original = response.head && originalOf(response.shape, response.head)
  // A handler that returns a whole response sets its type, or leaves the type to the platform.
  const headers = original?.headers ?? { 'Content-Type': type }
  const sent = { statusCode, headers, body: text, base64: base64 === true }
  return { ...(await httpAnswer(sent, creditsFrom)), original }
}

interface HttpBody extends Body {
  readonly statusCode: number
  readonly headers: Record<string, string>
}

/**
 * Reads a whole HTTP response. A status below 400 delivers something: a redirect delivers its address. The
 * body goes out as it came. It is decoded only to look for a price.
 */
export async function httpAnswer(
  { statusCode, headers, body, base64 }: HttpBody,
  creditsFrom: ReadonlySet<CreditsSource>,
): Promise<Answer> {
  const content = parsedBody(await textOfBody({ body, base64 }, headers))
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
  readonly shape: Original['shape']
  readonly statusCode?: unknown
  /** `undefined` if a body alone was returned. */
  readonly head?: Record<string, unknown>
  readonly body: unknown
  readonly base64?: boolean
}

function responseIn(returned: unknown): HttpResponse | undefined {
  const shape = 'http-event'
  if (typeof returned === 'string') return { shape, body: returned }
  if (!isRecord(returned)) return undefined
  const { http } = returned
  const response = isRecord(http) ? http['transformedGatewayResponse'] : undefined
  if (isRecord(response)) {
    const { statusCode, body, ...head } = response
    return { shape: 'gateway-http', statusCode, head, body: body ?? '', base64: true }
  }
  if (!isHttpResponse(returned)) return { shape, body: returned }
  const { statusCode, body, isBase64Encoded, ...head } = returned
  const base64 = isBase64Encoded === true
  return { shape, statusCode: Number(statusCode), head, body: body ?? '', base64 }
}
