import { CLOCK_SKEW_SECONDS } from '../../wire/signed-terms.js'
import { unlessAborted } from '../../time/unless-aborted.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import type { LimitedBudget, Reservation } from './budget.js'
import { PaymentLimitError } from './errors.js'
import type { Agreed, Original, PayFunction, PayerCall } from './payer.js'
import { conclusionsOf, type Conclusions } from './conclusions.js'

/** What is to be bought. */
export interface Order<Payment extends ReadPayment> {
  challenge: Challenge
  call: Pick<PayerCall, 'tool' | 'url' | 'signal'>
  /** Ways to pay that were not written in x402 v2. */
  originals?: ReadonlyMap<Requirement, Original> | undefined
  /** Reads what the payer answers. Throws if it is not what was asked for, or good for longer than was agreed. */
  read: (answer: unknown, call: PayerCall, agreed: Agreed) => Payment
  /** Wall clock. Unit: ms since the epoch. @default Date.now */
  now?: (() => number) | undefined
}

/** What a payer gave, read. */
export interface ReadPayment {
  /** Until when it can be settled, where it says so. Unit: seconds since the epoch. */
  untilSeconds?: number | undefined
}

/** A payment that is ready to be sent. It is the only one of its call, however often it is sent. */
export interface Purchase<Payment> extends Conclusions {
  payment: Payment
  /** Until when it can be settled. Unit: ms since the epoch. */
  expiresMs: number
}

/**
 * From a challenge to a payment: sets the price aside, has it confirmed, asks the payer. Whatever
 * goes wrong here goes wrong before anything is sent, so what was set aside is released.
 *
 * @throws PaymentLimitError if the limits forbid it.
 * @throws PaymentError with code `payment_unusable` if the payer gave something else than was asked for.
 */
export async function purchase<Payment extends ReadPayment>(
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
      const forSeconds = budget.limits.maxTimeoutSeconds + CLOCK_SKEW_SECONDS
      const latestSeconds = Math.floor(now() / 1000) + forSeconds
      return read(answer, asked, { latestSeconds, extensions: challenge.extensions })
    })
    const trusts = budget.limits.trustReceipts === true
    return {
      payment,
      expiresMs: expiryOf(payment, now(), budget),
      ...conclusionsOf(reservation, trusts),
    }
  } catch (error) {
    reservation.release()
    throw error
  }
}

/** How long a payment is remembered that does not say how long it is good. Unit: ms. */
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
  const message = 'the payment was not confirmed'
  throw new PaymentLimitError('confirm', message, paymentRequired, { amount })
}
