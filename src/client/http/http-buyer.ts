import { PaymentError } from '../../errors/payment-error.js'
import {
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_SIGNATURE_HEADER,
  X_PAYMENT_HEADER,
  decodeHeader,
} from '../../wire/x402.js'
import { budgetOf, type Budget, type LimitedBudget } from '../buying/budget.js'
import { readChallenge } from '../buying/read-challenge.js'
import { checkHosts } from './hosts.js'
import { readHttpPayment, type HttpPayment } from './http-payment.js'
import type { PaymentLimits } from '../buying/limits.js'
import { offerIn, type Offer, type PaymentAnswer } from './http-offer.js'
import {
  payFunctionOf,
  protocolsOf,
  type PayFunction,
  type Payer,
  type Protocol,
} from '../buying/payer.js'
import { purchase, type Evidence, type Purchase } from '../buying/purchase.js'
import {
  isPaidFor,
  receiptFrom,
  remember,
  settledInHeaders,
  type HeaderLookup,
} from '../buying/receipt.js'

/** Who pays for HTTP requests, with what. */
export interface HttpBuyer {
  pay: PayFunction
  protocols: readonly Protocol[]
  budget: LimitedBudget
  now: () => number
}

/** @throws OptionsError naming what is missing, unknown or not of its kind. */
export function httpBuyer(
  payer: Payer,
  limits: PaymentLimits | Budget,
  now: () => number,
): HttpBuyer {
  const pay = payFunctionOf(payer)
  return { pay, protocols: protocolsOf(payer), budget: budgetOf(limits), now }
}

/** A call as it was made, whatever sent it. */
export interface HttpCall {
  method: string
  url: string
  header: HeaderLookup
  signal: AbortSignal | undefined
}

/** Whether an answer may be a challenge to be paid: not if a payment was already sent for it. */
export function isUnpaid(answer: { status: number }, call: HttpCall): boolean {
  return answer.status === 402 && !isPaidFor(answer) && !carriesPayment(call.header)
}

/** Keeps that nothing was paid for an answer. Of a payment by others only its own receipt is known. */
export function rememberUnpaid(answer: object, header: HeaderLookup, call: HttpCall): void {
  if (isPaidFor(answer)) return
  const settled = settledInHeaders(header)
  if (settled !== undefined) remember(answer, receiptFrom(settled))
  else if (!carriesPayment(call.header)) remember(answer, { paid: 'no' })
}

/** True of a call that the caller pays for itself. */
function carriesPayment(header: HeaderLookup): boolean {
  const isX402 = [PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER].some((name) => header(name))
  return isX402 || /^Payment\s/i.test(header('authorization') ?? '')
}

/**
 * What a 402 asks for, `undefined` if nobody can read it.
 *
 * @throws PaymentError if it could only be paid in a header that the call needs for itself.
 */
export async function offerFor(
  call: HttpCall,
  answer: PaymentAnswer,
  { protocols, now }: HttpBuyer,
): Promise<Offer | undefined> {
  const isTaken = Boolean(call.header('authorization'))
  const payable = protocols.filter((protocol) => protocol !== 'mpp' || !isTaken)
  const shown = { ...answer, url: withoutUser(answer.url) }
  const offer = await offerIn(shown, payable, now())
  if (offer !== undefined || payable.length === protocols.length) return offer
  if ((await offerIn(shown, protocols, now())) === undefined) return undefined
  const message = 'the seller is paid in Authorization, and the call has one of its own'
  throw new PaymentError('payment_unusable', `${message}; nothing was paid`)
}

/**
 * Buys what a 402 asks for, for the URL that gave it.
 *
 * @throws PaymentLimitError if the limits forbid it, and whatever the payer throws.
 */
export function purchaseFor(
  { method, url, signal }: HttpCall,
  answered: URL,
  offer: Offer,
  { pay, budget, now }: HttpBuyer,
): Promise<Purchase<HttpPayment>> {
  const called = new URL(url)
  checkHosts(offer, { method, called, answered }, budget.limits.hosts)
  const order = { ...offer, call: { url: withoutUser(url), signal }, read: readHttpPayment, now }
  return purchase(order, pay, budget)
}

/** Who pays, who confirms, and who reads an error is not told the password. */
function withoutUser(url: string): string {
  if (!URL.canParse(url)) return url
  return Object.assign(new URL(url), { username: '', password: '' }).href
}

/** What the answer to a paid call says of its payment. */
export function evidenceIn(status: number, header: HeaderLookup): Evidence {
  const settled = settledInHeaders(header)
  if (status !== 402) return { settled }
  const challenge = readChallenge(decodeHeader(header(PAYMENT_REQUIRED_HEADER) ?? ''))
  return { settled, refused: { reason: challenge?.error } }
}
