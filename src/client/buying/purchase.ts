import { toAmount } from '../../wire/amounts.js'
import { publicReason } from '../../errors/redact.js'
import { CLOCK_SKEW_SECONDS } from '../../wire/signed-terms.js'
import { unlessAborted } from '../../time/unless-aborted.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import type { LimitedBudget, Reservation } from './budget.js'
import { PaymentLimitError } from './errors.js'
import type { Original, PayFunction, PayerCall } from './payer.js'
import { receiptFrom, type Receipt, type Settled } from './receipt.js'

/** What is to be bought. */
export interface Order<Payment> {
  challenge: Challenge
  call: Pick<PayerCall, 'tool' | 'url' | 'signal'>
  /** Ways to pay that were not written in x402 v2. */
  originals?: ReadonlyMap<Requirement, Original> | undefined
  /**
   * Reads what the payer answers. Throws if it is not what was asked for, or good for longer than the
   * limits allow. Unit: seconds since the epoch.
   */
  read: (answer: unknown, call: PayerCall, latestSeconds: number) => Payment
  /** Wall clock. Unit: ms since the epoch. @default Date.now */
  now?: (() => number) | undefined
}

/** A payment that is ready to be sent, once. */
export interface Purchase<Payment> {
  payment: Payment
  /** Books what the answer to the paid call says, and puts it in a receipt. */
  conclude: (evidence: Evidence) => Receipt
}

/** What an answer says of its payment; nothing, where it was lost. */
export interface Evidence {
  settled?: Settled | undefined
  /** A challenge came instead of an answer. */
  refused?: { reason: string | null | undefined } | undefined
}

/**
 * From a challenge to a payment: sets the price aside, has it confirmed, asks the payer. Whatever
 * goes wrong here goes wrong before anything is sent, so what was set aside is released.
 *
 * @throws PaymentLimitError if the limits forbid it.
 * @throws PaymentError with code `payment_unusable` if the payer gave something else than was asked for.
 */
export async function purchase<Payment>(
  { challenge, call, originals, read, now = Date.now }: Order<Payment>,
  pay: PayFunction,
  budget: LimitedBudget,
): Promise<Purchase<Payment>> {
  call.signal?.throwIfAborted()
  const reservation = budget.reserve(challenge)
  const { requirement } = reservation
  try {
    const asked = { ...call, ...originals?.get(requirement), requirement }
    // A payer that does not mind the signal goes on, but what it pays is not sent.
    const payment = await unlessAborted(call.signal, async () => {
      await confirmed(challenge, call, reservation, budget)
      // Copies: what comes back is held against what was agreed.
      const [shown, way] = structuredClone([challenge, waysOf(asked)] as const)
      const answer = await pay(shown, { ...call, ...way })
      const latestSeconds = Math.floor(now() / 1000) + budget.limits.maxTimeoutSeconds
      return read(answer, asked, latestSeconds + CLOCK_SKEW_SECONDS)
    })
    // A seller that took money on a chain can say it did not; plans have a facilitator that knows.
    const trusts = budget.limits.trustReceipts ?? 'planId' in reservation.unit
    return { payment, conclude: (evidence) => conclude(evidence, reservation, trusts) }
  } catch (error) {
    reservation.release()
    throw error
  }
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
  call: Order<unknown>['call'],
  { requirement, unit, amount, needsConfirm }: Reservation,
  { limits }: LimitedBudget,
): Promise<void> {
  if (!needsConfirm || limits.confirm === undefined) return
  const intent = { ...call, amount, ...structuredClone({ unit, requirement, paymentRequired }) }
  const agreed: unknown = await limits.confirm(intent)
  if (agreed === true) return
  const message = 'the payment was not confirmed'
  throw new PaymentLimitError('confirm', message, paymentRequired, { amount })
}

function conclude(
  { settled, refused }: Evidence,
  reservation: Reservation,
  trusts: boolean,
): Receipt {
  const agreed = { agreed: reservation.amount.toString(), unit: { ...reservation.unit } }
  if (settled?.success === true) {
    const amount = charged(settled, reservation, trusts)
    reservation.settle(amount)
    return { ...receiptFrom(settled), amount: amount.toString(), ...agreed }
  }
  const reason = publicReason(refused?.reason) ?? 'refused'
  if (settled !== undefined || (refused !== undefined && 'planId' in reservation.unit)) {
    if (trusts) reservation.release()
    return settled === undefined
      ? { paid: 'no', ...agreed, reason }
      : { ...receiptFrom(settled), ...agreed }
  }
  const unknown = refused === undefined ? NOTHING_SAID : `${reason}; ${STILL_SIGNED}`
  return { paid: 'unknown', amount: agreed.agreed, ...agreed, reason: unknown }
}

const NOTHING_SAID = 'a payment was sent and nothing says what became of it'
/** On a chain it is the signature that pays, and a challenge does not give it back. */
const STILL_SIGNED = 'whoever got the signed payment can settle it until it expires'

/**
 * What a settlement cost. A receipt that names nothing, or zero, is of a plan that charges
 * otherwise or of a seller that lost the answer: then it is what was agreed. `exact` has no smaller
 * amount.
 */
function charged(
  settled: Settled,
  { requirement, unit, amount }: Reservation,
  trusts: boolean,
): bigint {
  const told = 'planId' in unit ? settled.creditsRedeemed : settled.amount
  const stated = toAmount(typeof told === 'number' ? told.toString() : told) ?? 0n
  if (stated === 0n) return amount
  const mayBeLess = trusts && requirement.scheme !== 'exact'
  return ('planId' in unit && stated > amount) || (mayBeLess && stated < amount) ? stated : amount
}
