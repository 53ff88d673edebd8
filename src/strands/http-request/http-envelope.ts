import { PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER } from '../../wire/x402.js'
import type { HttpAnswer } from './http-exchange.js'
import { PAYMENT_REQUIRED_MARKER } from '../../wire/marker.js'

/**
 * An answer as the model gets it: JSON of `{ statusCode, headers, body }`. If it asks for a payment, the
 * marker comes first. A body that is no JSON is `{ text }`.
 *
 * @param secrets texts that must not be in it, e.g. the payment that was sent
 */
export function envelopeOf(answer: HttpAnswer, secrets: readonly string[]): string {
  const { statusCode, isTruncated } = answer
  const hide = hiding(secrets)
  const headers = Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && !HIDDEN_HEADERS.includes(name) ? [[name, hide(value)]] : [],
  )
  const text = hide(textOf(answer))
  // The body goes out as it came: if it were parsed and written again, long numbers would change.
  const body = isJson(text) ? text : JSON.stringify({ text })
  const members = [
    `"statusCode":${statusCode}`,
    `"headers":${JSON.stringify(Object.fromEntries(headers))}`,
    `"body":${body}`,
    ...(isTruncated ? ['"truncated":true'] : []),
  ]
  return `${statusCode === 402 ? PAYMENT_REQUIRED_MARKER : ''}{${members.join(',')}}`
}

const HIDDEN_HEADERS = [
  ...['set-cookie', 'set-cookie2', 'cookie', 'authorization', 'proxy-authorization'],
  ...[PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER],
]

/** Hides secrets. Servers that echo a request do so as it is, in JSON with `\/`, or in a URL. */
function hiding(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.flatMap((secret) => [
    secret,
    secret.replaceAll('/', '\\/'),
    encodeURIComponent(secret),
  ])
  return (text) => forms.reduce((hidden, form) => hidden.replaceAll(form, '[payment]'), text)
}

function textOf({ headers, body }: HttpAnswer): string {
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(body)
  } catch {
    return body.toString() // The charset is unknown.
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
