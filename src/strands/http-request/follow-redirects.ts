import type { HttpAnswer, HttpRequest } from './http-exchange.js'
import { BODY_HEADERS, OWN_HEADERS } from '../../wire/own-headers.js'
import { paymentHeadersIn } from '../handlers/payment-headers.js'

const MAX_REDIRECTS = 5

/** Sends a request, and follows its redirects as far as that is allowed. */
export async function followRedirects(
  request: HttpRequest,
  send: (request: HttpRequest) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const isPaid = paymentHeadersIn(request.headers).length > 0
  let current = request
  let notWithPayment: HttpAnswer | undefined
  for (let redirects = 0; ; redirects += 1) {
    const answer = await send(current)
    const next = redirects < MAX_REDIRECTS ? redirected(current, answer) : undefined
    if (next === undefined) return behind(notWithPayment, answer)
    const takesPayment = next.url.origin === current.url.origin && isSafe(current.method)
    if (isPaid && !takesPayment) return pointingTo(next.url, answer)
    if (!takesPayment) notWithPayment ??= pointingTo(next.url, answer)
    current = next
  }
}

/**
 * A payment never goes to another server than it was made for. It never goes to another place with a method
 * that changes something. So if a 402 comes from behind such a redirect, the call before it cannot be paid.
 */
function behind(redirect: HttpAnswer | undefined, answer: HttpAnswer): HttpAnswer {
  if (redirect === undefined || answer.statusCode !== 402) return answer
  const body =
    'The page behind this redirect asks for a payment. Request its location itself to pay.'
  return { ...redirect, body: Buffer.from(body), isTruncated: false }
}

function pointingTo({ href }: URL, answer: HttpAnswer): HttpAnswer {
  return { ...answer, headers: { ...answer.headers, location: href } }
}

/** @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
function redirected(request: HttpRequest, answer: HttpAnswer): HttpRequest | undefined {
  const url = REDIRECTS.has(answer.statusCode) ? locationOf(answer, request.url) : undefined
  if (url === undefined) return undefined
  const isKept = answer.statusCode >= 307 || isSafe(request.method)
  const dropped = [
    ...(isKept ? [] : BODY_HEADERS),
    ...(url.origin === request.url.origin ? [] : OWN_HEADERS),
  ]
  const headers = without(request.headers, dropped)
  return isKept ? { ...request, url, headers } : { url, method: 'GET', headers }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

function locationOf({ headers: { location } }: HttpAnswer, base: URL): URL | undefined {
  const url =
    location !== undefined && URL.canParse(location, base.href)
      ? new URL(location, base)
      : undefined
  return url !== undefined && isRequestable(url) ? url : undefined
}

/** Whether a URL may be requested. Credentials in a URL would end up in logs. */
export function isRequestable({ protocol, username, password }: URL): boolean {
  return /^https?:$/.test(protocol) && username === '' && password === ''
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

function without(headers: Readonly<Record<string, string>>, names: readonly string[]) {
  const kept = Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase()))
  return Object.fromEntries(kept)
}
