import { creditsText } from '../../wire/amounts.js'
import { CLOCK_SKEW_SECONDS } from '../../wire/signed-terms.js'
import { Charges } from './charges.js'
import { unlessAborted } from '../../time/unless-aborted.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import type { LimitedBudget, Reservation } from './budget.js'
import { PaymentLimitError } from './errors.js'
import type { Agreed, Original, PayFunction, PayerCall, PlanBalances } from './payer.js'
import { conclusionsOf, type Conclusions, type Evidence } from './conclusions.js'
import { bookOf, creditsSaid, type Entry, type PlanBook } from './plan-balance.js'

/** What is to be bought. */
export interface Order<Payment extends ReadPayment> {
  challenge: Challenge
  call: Pick<PayerCall, 'tool' | 'url' | 'signal'>
  /** Ways to pay that were not written in x402 v2. */
  originals?: ReadonlyMap<Requirement, Original> | undefined
  /**
   * Reads what the payer returned. Throws if it is not what was asked for, or is valid for longer than
   * agreed.
   */
  read: (answer: unknown, call: PayerCall, agreed: Agreed) => Payment
  /** Where the balance of a plan can be looked up. */
  balances?: PlanBalances | undefined
  /** Wall clock. Unit: ms since the epoch. @default Date.now */
  now?: (() => number) | undefined
}

/** A payment as it was read from the payer's answer. */
export interface ReadPayment {
  /** Until when it can be settled, if it says so. Unit: seconds since the epoch. */
  untilSeconds?: number | undefined
}

/** A payment that is ready to be sent. It is the only payment of its call, however often it is sent. */
export interface Purchase<Payment> extends Conclusions {
  payment: Payment
  /** Until when it can be settled. Unit: ms since the epoch. */
  expiresMs: number
}

/**
 * Makes a payment for a challenge: reserves the price, has it confirmed, and calls the payer. Nothing is sent
 * here. So the reservation is released if something goes wrong, unless the payer may have been charged.
 *
 * @throws PaymentLimitError if the limits forbid it.
 * @throws PaymentError with code `payment_unusable` if the payer returned something else than was asked for.
 */
export async function purchase<Payment extends ReadPayment>(
  { challenge, call, originals, read, balances, now = Date.now }: Order<Payment>,
  pay: PayFunction,
  budget: LimitedBudget,
): Promise<Purchase<Payment>> {
  call.signal?.throwIfAborted()
  const reservation = budget.reserve(challenge)
  const { requirement, amount } = reservation
  const book = bookFor(reservation, budget, balances)
  const charges = new Charges()
  let entry: Promise<Entry> | undefined
  let asking: Promise<Payment> | undefined
  try {
    const asked = { ...call, ...originals?.get(requirement), requirement }
    // A payer that ignores the signal goes on, but its payment is not sent.
    const ask = async () => {
      await checkWord(book, challenge)
      await confirmed(challenge, call, reservation, budget)
      // The payer gets copies: what it returns is compared with what was agreed.
      const [shown, way] = structuredClone([challenge, waysOf(asked)] as const)
      entry = book?.begin(amount)
      const [answer] = await Promise.all([pay(shown, { ...call, ...way }), entry])
      const forSeconds = budget.limits.maxTimeoutSeconds + CLOCK_SKEW_SECONDS
      const latestSeconds = Math.floor(now() / 1000) + forSeconds
      return read(answer, asked, { latestSeconds, extensions: challenge.extensions })
    }
    const payment = await unlessAborted(call.signal, () => (asking = charges.watch(ask)))
    const conclusions = conclusionsOf(reservation, budget.limits.trustReceipts === true)
    return {
      payment,
      expiresMs: expiryOf(payment, now(), budget),
      ...noting(conclusions, await entry, amount),
    }
  } catch (error) {
    const release = () => {
      if (charges.possible > 0) return
      reservation.release()
      void entry?.then((one) => one.cancel())
    }
    release()
    // The buyer waits no longer, but the payer may still sign. The reservation ends when it has answered.
    asking?.then(release, release)
    throw error
  }
}

/**
 * The book that payments from a plan are entered in. There is none if the limits say whether to trust the
 * sellers.
 */
function bookFor(
  { unit }: Reservation,
  { limits }: LimitedBudget,
  balances: PlanBalances | undefined,
): PlanBook | undefined {
  const isOpen = limits.trustReceipts === undefined
  return isOpen && balances !== undefined && 'planId' in unit
    ? bookOf(balances, unit.planId)
    : undefined
}

/** @throws PaymentLimitError if the plan's balance fell by more than its seller said. */
async function checkWord(book: PlanBook | undefined, challenge: Challenge): Promise<void> {
  const missing = (await book?.missing()) ?? 0n
  if (missing === 0n) return
  const message =
    `the balance of the plan fell by ${creditsText(missing)} more than its seller said it took, so the seller is not ` +
    'paid again. If others pay from the same account, set trustReceipts to false'
  throw new PaymentLimitError('trustReceipts', message, challenge)
}

/** The same conclusions. What the seller says is also entered in the book. */
function noting(conclusions: Conclusions, entry: Entry | undefined, most: bigint): Conclusions {
  if (entry === undefined) return conclusions
  const conclude = (evidence: Evidence) => {
    const receipt = conclusions.conclude(evidence)
    entry.say(creditsSaid(receipt, most))
    return receipt
  }
  return { ...conclusions, conclude }
}

/** How long a payment is remembered that does not say until when it is valid. Unit: ms. */
const UNSTATED_MS = 900_000

function expiryOf({ untilSeconds }: ReadPayment, nowMs: number, { limits }: LimitedBudget): number {
  if (untilSeconds !== undefined) return untilSeconds * 1000
  return nowMs + Math.min(limits.maxTimeoutSeconds * 1000, UNSTATED_MS)
}

function waysOf({
  requirement,
  v1,
  mpp,
}: PayerCall): Pick<PayerCall, 'requirement' | 'v1' | 'mpp'> {
  return { requirement, ...(v1 && { v1 }), ...(mpp && { mpp }) }
}

async function confirmed(
  paymentRequired: Challenge,
  call: Order<ReadPayment>['call'],
  { requirement, unit, amount, needsConfirm }: Reservation,
  { limits }: LimitedBudget,
): Promise<void> {
  if (!needsConfirm || limits.confirm === undefined) return
  const intent = { ...call, amount, ...structuredClone({ unit, requirement, paymentRequired }) }
  const agreed: unknown = await limits.confirm(intent)
  if (agreed === true) return
  const message = 'confirm did not agree to the payment'
  throw new PaymentLimitError('confirm', message, paymentRequired, { amount })
}
