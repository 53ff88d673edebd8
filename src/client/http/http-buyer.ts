import { PaymentError } from '../../errors/payment-error.js'
import { PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER } from '../../wire/x402.js'
import { credentialHeaderOf } from '../../wire/mpp.js'
import { realClock, type Clock } from '../../time/clock.js'
import { OpenPayments, type OpenPayment } from '../buying/open-payments.js'
import { budgetOf, type Budget, type LimitedBudget } from '../buying/budget.js'
import { balancesOf } from '../buying/plan-balance.js'
import { challengeIn200, type MaybeAsking } from './asking-success.js'
import { checkHosts } from './hosts.js'
import { readHttpPayment, type HttpPayment } from './http-payment.js'
import type { PaymentLimits } from '../buying/limits.js'
import { offerIn, type Offer, type PaymentAnswer } from './http-offer.js'
import {
  payFunctionOf,
  protocolsOf,
  type PayFunction,
  type Payer,
  type PlanBalances,
  type Protocol,
} from '../buying/payer.js'
import { purchase } from '../buying/purchase.js'
import {
  isPaidFor,
  receiptFrom,
  remember,
  settledInHeaders,
  type HeaderLookup,
} from '../buying/receipt.js'

/** A payment, and the URL that asked for it. */
export interface AimedPayment extends HttpPayment {
  url: string
}

/** What is used to pay for HTTP requests. */
export interface HttpBuyer {
  pay: PayFunction
  protocols: readonly Protocol[]
  budget: LimitedBudget
  balances: PlanBalances | undefined
  clock: Clock
  /** Payments that brought no delivery yet. */
  payments: OpenPayments<AimedPayment>
}

/** @throws OptionsError naming what is missing, unknown or not of its kind. */
export function httpBuyer(
  payer: Payer,
  limits: PaymentLimits | Budget,
  now: () => number,
): HttpBuyer {
  return {
    pay: payFunctionOf(payer),
    protocols: protocolsOf(payer),
    budget: budgetOf(limits),
    balances: balancesOf(payer),
    clock: { ...realClock, now },
    payments: new OpenPayments(now),
  }
}

/** A call as it was made, by whatever client. */
export interface HttpCall {
  method: string
  url: string
  header: HeaderLookup
  signal: AbortSignal | undefined
}

/**
 * Whether an answer may be a challenge to pay. It is not if a payment was already sent for it.
 *
 * @param read a copy of the answer, to be read
 */
export async function isUnpaid(
  answer: object,
  call: HttpCall,
  read: MaybeAsking,
): Promise<boolean> {
  if (isPaidFor(answer) || carriesPayment(call.header)) return false
  return read.status === 402 || (await challengeIn200(read)) !== undefined
}

/**
 * Notes that nothing was paid for an answer. If somebody else paid, only the answer's own receipt is known.
 */
export function rememberUnpaid(answer: object, header: HeaderLookup, call: HttpCall): void {
  if (isPaidFor(answer)) return
  const settled = settledInHeaders(header)
  if (settled !== undefined) remember(answer, receiptFrom(settled))
  else if (!carriesPayment(call.header)) remember(answer, { paid: 'no' })
}

/** Whether the caller pays for the call itself. */
export function carriesPayment(header: HeaderLookup): boolean {
  const isX402 = [PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER].some((name) => header(name))
  const mpp = ['authorization', 'payment-authorization'].map((name) => header(name) ?? '')
  return isX402 || mpp.some((value) => /^Payment\s/i.test(value))
}

/**
 * What a 402 asks for. `undefined` if it cannot be read.
 *
 * @throws PaymentError if it can only be paid in a header that the call needs for itself.
 */
export async function offerFor(
  call: HttpCall,
  answer: PaymentAnswer,
  { protocols, clock: { now } }: HttpBuyer,
): Promise<Offer | undefined> {
  const shown = { ...answer, url: withoutUser(answer.url) }
  const able = { protocols, nowMs: now() }
  const isTaken = (header: string): boolean => Boolean(call.header(header))
  const offer = await offerIn(shown, { ...able, isTaken })
  if (offer !== undefined) return offer
  const unsendable = await offerIn(shown, {
    ...able,
    protocols: protocols.filter((one) => one === 'mpp'),
  })
  const [mpp] = [...(unsendable?.originals.values() ?? [])].flatMap((one) => one.mpp ?? [])
  if (mpp === undefined) return undefined
  const message = `the seller is paid in ${credentialHeaderOf(mpp)}, and the call has a header of that name`
  throw new PaymentError('payment_unusable', `${message}; nothing was paid`)
}

/**
 * Buys what a 402 asks for. The payment is for the URL that answered.
 *
 * @param intent what the call is for
 * @throws PaymentLimitError if the limits forbid it, and whatever the payer throws.
 */
export async function purchaseFor(
  { method, url, signal, intent }: HttpCall & { intent: string },
  answered: URL,
  offer: Offer,
  { pay, budget, balances, clock: { now } }: HttpBuyer,
): Promise<OpenPayment<AimedPayment>> {
  const called = new URL(url)
  checkHosts(offer, { method, called, answered }, budget.limits.signed)
  const read = (...given: Parameters<typeof readHttpPayment>): AimedPayment => ({
    ...readHttpPayment(...given),
    url: answered.href,
  })
  const order = { ...offer, call: { url: withoutUser(answered.href), signal }, read, balances, now }
  return { intent, purchase: await purchase(order, pay, budget) }
}

/**
 * The payment of an earlier call with the same intent, which brought no delivery. It has to be sent with this
 * call.
 *
 * @param intent what the call is for. It is computed only if there are such payments.
 * @throws PaymentError if the payment goes into a header that the call needs for itself.
 */
export async function openPaymentOf(
  call: HttpCall,
  intent: () => Promise<string>,
  { payments }: HttpBuyer,
): Promise<OpenPayment<AimedPayment> | undefined> {
  if (payments.isEmpty || carriesPayment(call.header)) return undefined
  const open = payments.take(await intent())
  if (open === undefined) return undefined
  const { name } = open.purchase.payment
  if (!call.header(name.toLowerCase())) return open
  payments.keep(open)
  const message = `the same call was paid in ${name} before, with an unknown outcome, and now has a header of that name`
  throw new PaymentError('payment_unusable', `${message}; nothing more was paid`)
}

/** The URL without its password: the payer, `confirm` and readers of errors do not need it. */
function withoutUser(url: string): string {
  if (!URL.canParse(url)) return url
  return Object.assign(new URL(url), { username: '', password: '' }).href
}
