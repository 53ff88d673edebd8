import { challengeIn200 } from './asking-success.js'
import { parseJson } from '../../wire/json.js'
import { PAYMENT_REQUIRED_HEADER, decodeHeader } from '../../wire/x402.js'
import { saysPending } from '../buying/pending.js'
import { readChallenge } from '../buying/read-challenge.js'
import { settledInHeaders, type HeaderLookup } from '../buying/receipt.js'
import type { Attempt } from '../buying/send-payment.js'

/** What came back for a paid request. */
export interface PaidAnswer {
  status: number
  header: HeaderLookup
  /** It is read only if the answer may say something about the payment. */
  body: () => Promise<string | undefined>
}

/** What the answer to a paid request says about its payment, and whether it is what was bought. */
export async function readPaidAnswer(
  answer: PaidAnswer,
  now: () => number,
): Promise<Omit<Attempt<never>, 'answer'>> {
  const { status, header } = answer
  const settled = settledInHeaders(header)
  const asked = status === 402 ? decodeHeader(header(PAYMENT_REQUIRED_HEADER) ?? '') : undefined
  const again = status === 402 ? readChallenge(asked) : await challengeIn200(answer)
  const refused = status === 402 || again !== undefined ? { reason: again?.error } : undefined
  const isPending =
    settled?.success !== true &&
    ([settled, asked].some(saysPending) || saysPending(await bodyOf(answer)))
  return {
    evidence: { settled, refused, isPending },
    isDelivered: refused === undefined && isDelivery(status, isPending),
    retryAfterMs: retryAfterMs(header('retry-after'), now()),
  }
}

/**
 * Whether clients take the answer for a success. After a 307 or 308 nothing was done. A 202 about a pending
 * settlement is no answer to the request.
 */
function isDelivery(status: number, isPending: boolean): boolean {
  if (status === 202) return !isPending
  return status < 400 && status !== 307 && status !== 308
}

/**
 * The body of an answer, if it can say something about the payment. The body of a success is the seller's
 * content, and no receipt.
 */
async function bodyOf({ status, header, body }: PaidAnswer): Promise<unknown> {
  const mayTell = status === 202 || status >= 400
  if (!mayTell || !/\bjson\b/i.test(header('content-type') ?? 'json')) return undefined
  const text = await body()
  return text === undefined ? undefined : parseJson(text)
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}
