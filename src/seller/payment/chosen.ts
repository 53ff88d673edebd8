import type { Answer } from '../answer/answer.js'
import type { AskedSettle, ReservedAt } from '../options/payment-record.js'
import type { VerifyResponse } from '../../wire/x402.js'
import {
  NO_PAYMENT,
  type OfferedPayment,
  type SettleablePayment,
  type VerifiedPayment,
} from '../rails/payment.js'
import type { Rail } from '../rails/rail.js'

/** A payment, the call it is for, and its rail. It is not verified yet. */
export interface Chosen extends OfferedPayment {
  /** The facilitator to ask, and our terms. */
  readonly rail: Rail
}

/** A payment to settle. It has no `verification` if it was not verified before. */
export interface Settleable extends SettleablePayment {
  readonly rail: Rail
  /** What the overdraft guard reserved for the payment. */
  readonly reservation?: Reserved | undefined
}

/** Credits that are reserved for a call. Neither method throws. */
export interface Reserved {
  /** The reservation in the store. */
  readonly at: ReservedAt
  /** Ends the reservation. The call is charged, or it never will be. */
  end(): Promise<void>
  /** Ends it after a failed step, unless the payer may be charged all the same. */
  endAfter(error: unknown): Promise<void>
}

/** Runs a step of a call. If it fails, and nothing is charged, what was reserved is free again. */
export function orEnd<T>(
  { reservation }: Pick<Settleable, 'reservation'>,
  task: () => Promise<T>,
): Promise<T> {
  if (reservation === undefined) return task()
  return task().catch(async (error: unknown) => {
    await reservation.endAfter(error)
    throw error
  })
}

/** A payment that the facilitator called valid, with everything that settle needs. */
export interface Verified extends Settleable {
  readonly verification: VerifyResponse
}

/** What is settled after the work. */
export interface Due {
  readonly amount: bigint
  /** The answer that is delivered for it, and kept. */
  readonly answer: Answer
}

/** What the handler is told of a verified payment. */
export function toVerifiedPayment(verified: Verified): VerifiedPayment {
  const { verification, agentRequestId, correlationId } = verified
  const terms = termsFor(verified)
  return Object.freeze({
    ...terms,
    network: verification.network || terms.network,
    payer: verification.payer ?? undefined,
    agentRequestId,
    correlationId,
  })
}

/** What the handler is told before a facilitator was asked: the quote. */
export function termsFor(chosen: Chosen): VerifiedPayment {
  return { ...NO_PAYMENT, ...chosen.rail.termsOf(chosen) }
}

/** The part of a settle that is recorded before it is sent. */
export function askedOf(
  { correlationId, agentRequestId, facilitator, reservation }: Settleable,
  amount: bigint,
): AskedSettle {
  const reserved = reservation && { reserved: reservation.at }
  return { amount: amount.toString(), correlationId, agentRequestId, facilitator, ...reserved }
}
