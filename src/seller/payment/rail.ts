import type { FacilitatorFailure } from '../../errors/facilitator-failure.js'
import { publicReason } from '../../errors/redact.js'
import type { FacilitatorsCall, SettleCall } from '../../facilitators/facilitator-client.js'
import type { PaymentRequired, SettleResponse } from '../../wire/x402.js'
import type { Charges } from '../answer/answer.js'
import type { Charged } from '../options/payment-events.js'
import type { Settings } from '../options/settings.js'
import type {
  OfferedPayment,
  Payload,
  SettleablePayment,
  Settlement,
  VerifiedPayment,
} from './payment.js'

/**
 * A way to be paid, with the seller's own terms of one call: credits of plans (`plan-rail.ts`), or money
 * (`asset-rail.ts`). The stages ask the rail and never look which one it is.
 */
export interface Rail {
  /** Names the rail where a payment is written down, to be read again by another container. */
  readonly name: 'plan' | 'asset'
  /** What is asked of the buyer by this rail alone: always our terms, never the buyer's copy of them. */
  readonly paymentRequired: PaymentRequired
  /** The plan that is paid for, where there is only one. */
  readonly planId: string | undefined

  /** Asks a facilitator whether the payment is good. */
  verify(chosen: OfferedPayment, call: FacilitatorsCall): Promise<Asked>
  /** Asks a facilitator to take `amount`. */
  settle(payment: SettleablePayment, amount: bigint, call: SettleCall): Promise<Asked>
  /** What a facilitator's answer to settle means. */
  readSettlement(
    answer: unknown,
    payment: SettleablePayment,
    amount: bigint,
  ): Settlement | SettleFailure
  /** Whether sending the same settle again cannot charge twice. */
  mayRepeat(failure: SettleFailure, payment: SettleablePayment, settings: Settings): boolean
  /** Whether this failure says that the payment was settled already. */
  isSpent(failure: SettleFailure): boolean

  /** What an answer's own price comes to; the quote where the answer names none, or none that counts. */
  overrideFor(charges: Charges, quoted: bigint): Override
  /** An amount in the rail's own unit, for events. */
  charged(amount: bigint): Charged
  /** What a settlement took. */
  chargedFor(settlement: Settlement): Charged
  /** Who signed a payment, where the payment says it. */
  payerOf(payload: Payload): string | undefined
  /** What a handler may know before a facilitator was asked. */
  termsOf(chosen: OfferedPayment): Partial<VerifiedPayment>
}

/** What a facilitator said, and which of several said it. */
export interface Asked {
  readonly answer: unknown
  readonly by: number | undefined
}

/** What is charged for an answer. */
export interface Override {
  readonly amount: bigint
  /** Why the answer's own price does not count. */
  readonly problem?: string
}

/** A settle that did not come to a settlement. */
export interface SettleFailure extends FacilitatorFailure {
  reason?: string | undefined
  /** Of a settlement that was sent and not confirmed. */
  transaction?: string | undefined
  cause?: unknown
}

/** An answer that does not say what became of the settle. */
export const UNREADABLE: SettleFailure = {
  code: 'unreadable_answer',
  httpStatus: 200,
  retryable: false,
  outcome: 'unknown',
}

/** Codes after which asking again can only be answered in the same way. */
export function isFinal({ code }: SettleFailure): boolean {
  // Nevermined's own codes that may mean "charged" say: do not retry. A nonce that is used stays used.
  return /^(BCK\.(?!HTTP)|nonce_used$)/.test(code)
}

/** The API writes decimal strings; a number is taken too. */
export function wholeIn(value: SettleResponse['creditsRedeemed']): bigint | undefined {
  const text = String(value ?? '')
  return /^\d+$/.test(text) ? BigInt(text) : undefined
}

/** The facilitator said no: nothing was charged. */
export function refused(errorReason: SettleResponse['errorReason']): SettleFailure {
  return {
    code: 'settlement_refused',
    httpStatus: 200,
    retryable: false,
    outcome: 'refused',
    reason: publicReason(errorReason) ?? 'settlement refused',
  }
}
