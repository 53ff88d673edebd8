import { carriesPayment, isUnpaid } from '../../client/http/http-buyer.js'
import { discard, readText } from '../../client/http/body-text.js'
import { offerIn } from '../../client/http/http-offer.js'
import { payingFetch } from '../../client/paying-fetch.js'
import { PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER } from '../../wire/x402.js'
import type { Asked, Seller } from './buy.js'

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
export function httpSeller(request: HttpRequest): Seller<Response> {
  const { url, method, headers, body, timeoutMs } = request
  const init = (): RequestInit => ({
    ...{ method, headers, signal: AbortSignal.timeout(timeoutMs) },
    ...(body !== undefined && { body: new Uint8Array(body) }),
  })
  const own = (name: string): string | undefined => headers.get(name) ?? undefined
  let first: Response | undefined
  return {
    url,
    isPaidByCaller: carriesPayment(own),
    async ask() {
      const answer = await fetch(url, init())
      const call = { method, url: url.href, signal: undefined, header: own }
      const { asked, text } = await readAnswer(answer, call)
      if (asked.challenge !== undefined) {
        await discard(answer)
        first = copyOf(answer, text)
      }
      return asked
    },
    pay(payer, limits, sends) {
      const once: typeof fetch = (...args) => {
        // The call without payment was made already.
        const asked = first
        first = undefined
        if (asked !== undefined) return Promise.resolve(asked)
        const payment = paymentIn(new Headers(args[0] instanceof Request ? args[0].headers : {}))
        if (payment !== undefined) sends(payment)
        return fetch(...args)
      }
      return payingFetch(payer, limits, { fetch: once })(url, init())
    },
  }
}

/** What an answer asks for. The body is read only if it may ask for something. */
async function readAnswer(
  answer: Response,
  call: Parameters<typeof isUnpaid>[1],
): Promise<{ asked: Asked<Response>; text: string | undefined }> {
  let text: Promise<string | undefined> | undefined
  const body = (): Promise<string | undefined> => (text ??= readText(answer.clone()))
  const header = (name: string): string | undefined => answer.headers.get(name) ?? undefined
  const read = { status: answer.status, url: answer.url || call.url, header, body }
  if (!(await isUnpaid(answer, call, read))) {
    return { asked: { answer, challenge: undefined }, text: undefined }
  }
  const offer = await offerIn(read, { protocols: ['x402', 'mpp'], nowMs: Date.now() })
  return { asked: { answer, challenge: offer?.challenge }, text: await body() }
}

/** The payment of a request, as its header has it. */
function paymentIn(headers: Headers): string | undefined {
  const x402 = headers.get(PAYMENT_SIGNATURE_HEADER) ?? headers.get(X_PAYMENT_HEADER)
  const mpp = ['authorization', 'payment-authorization'].map((name) => headers.get(name) ?? '')
  return x402 ?? mpp.find((value) => /^Payment\s/i.test(value))
}

/** An answer whose body can be read again. Its URL is the one that answered, after redirects. */
function copyOf({ status, headers, url }: Response, text: string | undefined): Response {
  const copy = new Response(text ?? '', { status, headers })
  return Object.defineProperty(copy, 'url', { value: url })
}
