import type { Answer } from '../answer/answer.js'
import type { AskedSettle } from '../options/payment-record.js'
import type { VerifyResponse } from '../../wire/x402.js'
import {
  NO_PAYMENT,
  type OfferedPayment,
  type SettleablePayment,
  type VerifiedPayment,
} from '../rails/payment.js'
import type { Rail } from '../rails/rail.js'

/** A payment, what it is for, and how it is paid. Nobody has verified it yet. */
export interface Chosen extends OfferedPayment {
  /** Whom to ask, and about which terms of ours. */
  readonly rail: Rail
}

/** A payment to settle; without `verification` if it was not verified before. */
export interface Settleable extends SettleablePayment {
  readonly rail: Rail
}

/** A payment the facilitator called valid, with all that settle needs. */
export interface Verified extends Settleable {
  readonly verification: VerifyResponse
}

/** What is settled after the work. */
export interface Due {
  readonly amount: bigint
  /** What is delivered for it, and kept. */
  readonly answer: Answer
}

/** What the handler may know. */
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

/** What is known before a facilitator was asked: what was quoted. */
export function termsFor(chosen: Chosen): VerifiedPayment {
  return { ...NO_PAYMENT, ...chosen.rail.termsOf(chosen) }
}

/** What is written down of a settle before it is sent. */
export function askedOf(
  { correlationId, agentRequestId, facilitator }: Settleable,
  amount: bigint,
): AskedSettle {
  return { amount: amount.toString(), correlationId, agentRequestId, facilitator }
}
