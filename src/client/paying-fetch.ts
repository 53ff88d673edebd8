import { inCall } from '../errors/in-call.js'
import { optionalFunction, record, refuseUnknown } from '../checks.js'
import { discard, readText } from './http/body-text.js'
import type { Budget } from './buying/budget.js'
import { PaidCallError } from './buying/errors.js'
import { sendPayment, type Attempt, type Sent } from './buying/send-payment.js'
import {
  httpBuyer,
  isUnpaid,
  offerFor,
  openPaymentOf,
  purchaseFor,
  rememberUnpaid,
  type AimedPayment,
  type HttpBuyer,
  type HttpCall,
} from './http/http-buyer.js'
import type { OpenPayment } from './buying/open-payments.js'
import { readPaidAnswer } from './http/paid-answer.js'
import { watched } from './http/watched-body.js'
import type { PaymentLimits } from './buying/limits.js'
import type { Offer } from './http/http-offer.js'
import type { Payer } from './buying/payer.js'
import { isPaidFor, remember, type HeaderLookup } from './buying/receipt.js'
import { replayOf, type Replay } from './http/repeatable-request.js'
import { unpaidTools, type UnpaidTools } from './unpaid-tools.js'

/** Options of {@link payingFetch}. */
export interface PayingFetchOptions {
  /**
   * What sends the requests.
   *
   * @default the global `fetch`, as it is at each call of `payingFetch`
   */
  fetch?: typeof globalThis.fetch | undefined
  /**
   * The clock, to replace in tests. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: (() => number) | undefined
}

/**
 * A `fetch` that pays. A 402 that asks for x402 (v1 or v2) or MPP is answered with one payment and the same
 * request once more. So is a failed 200 with a challenge of x402 in its header. The second response is
 * returned, whatever it is: a second 402 is never paid.
 *
 * `receiptOf(response)` says what became of the payment. A request that already carries a payment is sent as
 * it is. A 402 that nobody can read is returned as it is.
 *
 * One intent is paid once, under SDKs that retry too. A payment that brought no delivery is remembered by
 * method, URL and body until it expires: the same request again sends the same payment. If the seller says
 * that the settlement is pending, the same call sends the payment again, up to three times and with pauses of
 * seconds. After a delivery the same request is a new purchase. Equal requests at the same time are
 * purchases of their own.
 *
 * The body is read into memory, to be sent twice. A payment is sent to the URL that asked for it. That URL
 * has to be of the origin that was called, or of one of `limits.hosts`. A payment is never redirected.
 * After a 301, 302 or 303 the redirect is followed without the payment. 307 and 308 are returned as they are.
 *
 * An MCP tool asks for payment in its result, with status 200, and is not paid: use `payingMcp` for that. The
 * receipt says so once the body was read. A warning of the process says so once for each `payingFetch`.
 *
 * A call rejects with a `PaymentLimitError` if the limits forbid the payment, or with the error that the
 * payer throws. In both cases nothing was paid. It rejects with a {@link PaidCallError} if the call fails
 * after the payment was sent.
 *
 * @param payer who pays, e.g. a `PaymentManager` or a `Payments`
 * @param limits what may be paid, or a budget that several clients share
 * @throws OptionsError naming the limit or option that is missing, unknown or not of its kind
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/http.md
 */
export function payingFetch(
  payer: Payer,
  limits: PaymentLimits | Budget,
  options: PayingFetchOptions = {},
): typeof globalThis.fetch {
  const given = { ...options, options, limits, payer }
  const { buyer, fetch } = inCall('payingFetch', given, () => {
    checkOptions(options)
    const { fetch = globalThis.fetch, now = Date.now } = options
    return { buyer: httpBuyer(payer, limits, now), fetch }
  })
  const tools = unpaidTools('payingFetch')
  return async (input, init) => {
    const replay = await replayOf(input, init, fetch)
    return fetchPaying(replay, buyer, tools)
  }
}

async function fetchPaying(
  replay: Replay,
  buyer: HttpBuyer,
  tools: UnpaidTools,
): Promise<Response> {
  const { method, url, signal } = replay.request
  const call = { method, url, signal, header: headersOf(replay.request) }
  const open = await openPaymentOf(call, replay.intent, buyer)
  if (open !== undefined) return sendPaid(open, replay, buyer)
  const first = await replay.send()
  const offer = await offerFrom(first, call, buyer)
  if (offer === undefined) {
    const last = isPaidFor(first) ? first : tools.watch(first, await replay.json())
    rememberUnpaid(last, headersOf(last), call)
    return last
  }
  await discard(first)

  const answered = new URL(first.url || url)
  const intended = { ...call, intent: await replay.intent() }
  return sendPaid(await purchaseFor(intended, answered, offer, buyer), replay, buyer)
}

/** Sends a call with its payment, and keeps what the answer says about the payment. */
async function sendPaid(
  open: OpenPayment<AimedPayment>,
  replay: Replay,
  { payments, clock }: HttpBuyer,
): Promise<Response> {
  const { signal } = replay.request
  const attempt = (payment: AimedPayment) => attemptAt(payment, replay, clock.now)
  const sent = await sendPayment(open, { attempt, discard, signal, payments, clock })
  const { answer, failure, receipt, isDelivered }: Sent<Response> = sent
  if (answer === undefined) throw new PaidCallError(receipt, failure?.error)
  // A body that breaks off was not delivered. The next call gets it for the same payment.
  const last = isDelivered ? watched(answer, undefined, () => payments.keep(open)) : answer
  remember(last, receipt)
  return last
}

async function attemptAt(
  payment: AimedPayment,
  replay: Replay,
  now: () => number,
): Promise<Attempt<Response>> {
  let told: Omit<Attempt<never>, 'answer'> = { evidence: {}, isDelivered: false }
  try {
    const response = await replay.sendPaid(payment.url, payment)
    const { status } = response
    const body = () => readText(response.clone())
    told = await readPaidAnswer({ status, header: headersOf(response), body }, now)
    const answer = await followed(response, new URL(payment.url), replay)
    return { ...told, answer, isDelivered: told.isDelivered && answer.status < 400 }
  } catch (error) {
    return { ...told, failure: { error }, isDelivered: false }
  }
}

async function offerFrom(
  response: Response,
  call: HttpCall,
  buyer: HttpBuyer,
): Promise<Offer | undefined> {
  const { status, url } = response
  const body = () => readText(response.clone())
  const answer = { status, url: url || call.url, header: headersOf(response), body }
  if (!(await isUnpaid(response, call, answer))) return undefined
  try {
    return await offerFor(call, answer, buyer)
  } catch (error) {
    await discard(response)
    throw error
  }
}

function headersOf({ headers }: { headers: Headers }): HeaderLookup {
  return (name) => headers.get(name) ?? undefined
}

/** Follows the redirect of a paid call's answer, if the caller's own `redirect` allows it. */
async function followed(
  response: Response,
  from: URL,
  { request, follow }: Replay,
): Promise<Response> {
  const location = response.headers.get('location')
  if (![301, 302, 303].includes(response.status) || location === null) return response
  if (request.redirect === 'manual' || !URL.canParse(location, from.href)) return response
  try {
    if (request.redirect === 'error') throw new TypeError('unexpected redirect')
    return await follow(new URL(location, from), from)
  } finally {
    await discard(response)
  }
}

const OPTIONS: Record<keyof PayingFetchOptions, true> = { fetch: true, now: true }

function checkOptions(options: unknown): void {
  record('options', options)
  refuseUnknown(options, OPTIONS, 'is not an option')
  for (const [name, value] of Object.entries(options)) optionalFunction(name, value)
}
