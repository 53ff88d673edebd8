import { headersIn, textEntries } from './answer-headers.js'
import { isHttpResponse } from './answer-of.js'
import { textOfBody, type Body } from './body-text.js'
import { isOpaque, isStatus } from './handler-output.js'
import type { Answer, CreditsSource } from './answer.js'
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
  const { statusCode = 200, headers, body, base64 } = responseIn(returned) ?? {}
  if (body === undefined || isOpaque(body)) return undefined
  if (typeof statusCode !== 'number' || !isStatus(statusCode)) return undefined
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  const sent = { 'Content-Type': type, ...textEntries(headers) }
  return httpAnswer({ statusCode, headers: sent, body: text, base64: base64 === true }, creditsFrom)
}

interface HttpBody extends Body {
  readonly statusCode: number
  readonly headers: Record<string, string>
}

/**
 * Anything below 400 delivers something, a redirect its address. The body goes out as it came; it is decoded
 * to look for a price only.
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
  const { statusCode, body = '', isBase64Encoded } = returned
  return { statusCode, headers: headersIn(returned), body, base64: isBase64Encoded === true }
}
