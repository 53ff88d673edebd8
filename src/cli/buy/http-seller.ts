import { offerIn } from '../../client/http/http-offer.js'
import { payingFetch } from '../../client/paying-fetch.js'
import { PAYMENT_REQUIRED_HEADER } from '../../wire/x402.js'
import type { Seller } from './buy.js'

/** A request over HTTP. */
export interface HttpRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: Buffer | undefined
  /** How long each answer may take. Unit: ms. */
  readonly timeoutMs: number
}

/** Asks an HTTP service, and pays it with `payingFetch`. */
export function httpSeller({
  url,
  method,
  headers,
  body,
  timeoutMs,
}: HttpRequest): Seller<Response> {
  const init = (): RequestInit => ({
    ...{ method, headers, signal: AbortSignal.timeout(timeoutMs) },
    ...(body !== undefined && { body: new Uint8Array(body) }),
  })
  let first: Response | undefined
  return {
    async ask() {
      const answer = await fetch(url, init())
      if (answer.status !== 402 && !answer.headers.has(PAYMENT_REQUIRED_HEADER)) {
        return { answer, challenge: undefined }
      }
      const text = await answer.text()
      first = copyOf(answer, text)
      const header = (name: string): string | undefined => answer.headers.get(name) ?? undefined
      const offer = await offerIn(
        { url: answer.url || url.href, header, body: () => Promise.resolve(text) },
        { protocols: ['x402', 'mpp'], nowMs: Date.now() },
      )
      return { answer: copyOf(answer, text), challenge: offer?.challenge }
    },
    pay(payer, limits) {
      let isAsked = false
      const once: typeof fetch = (...args) => {
        // The call without payment was made already.
        if (isAsked || first === undefined) return fetch(...args)
        isAsked = true
        return Promise.resolve(first)
      }
      return payingFetch(payer, limits, { fetch: once })(url, init())
    },
  }
}

/** An answer whose body can be read again. Its URL is the one that answered, after redirects. */
function copyOf({ status, headers, url }: Response, text: string): Response {
  const copy = new Response(text, { status, headers })
  return Object.defineProperty(copy, 'url', { value: url })
}
