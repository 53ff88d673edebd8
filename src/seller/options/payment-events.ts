import type { PaymentErrorCode, UnsettledState } from '../../errors/payment-error.js'
import type { SettlementNames } from '../../facilitators/settlement-status.js'

/** What something cost: credits of a plan, or atomic units of an asset. Decimal strings. */
export interface Charged {
  readonly credits?: string
  readonly amount?: string
  readonly asset?: string
}

/** What happened. */
export type PaymentHappening =
  | ({ readonly type: 'verified' } & Charged)
  | ({ readonly type: 'settled'; readonly transaction?: string } & Charged)
  | ({ readonly type: 'refund-due' } & RefundDue)
  /** The same payment came again, and got the answer of the first time. Nothing was run or charged. */
  | { readonly type: 'replayed'; readonly transaction?: string }
  /** The payment store failed before a settle that cannot charge twice, so that it was sent without a record. */
  | { readonly type: 'record-lost' }
  /** A payment failure, with the code of its error: missing, refused, unavailable, unknown. */
  | ({
      readonly type: 'failed'
      readonly code: PaymentErrorCode
      readonly reason: string
      /** What is known of a settlement without an outcome: it is pending, the payment is used, or nothing. */
      readonly state?: UnsettledState
    } & SettlementNames)

/**
 * What happens to the payments of calls, one after the other. Plain data without payments, signatures or
 * arguments: it may be logged, stored and shown.
 */
export type PaymentEvent = {
  /** Unit: ms since the epoch. */
  readonly at: number
  /** What was called. */
  readonly tool: string
  readonly payer?: string
  readonly network?: string
  /** The `x-correlation-id` of verify and settle. */
  readonly correlationId?: string
  /** The buyer's own name of the payment. */
  readonly paymentId?: string
} & PaymentHappening

/** Why something was paid in advance for nothing. */
export type RefundReason = 'handler_failed' | 'no_time_left' | 'nothing_charged'

/** Something that was paid in advance, for work that failed. Plain data. */
export interface RefundDue extends Charged {
  /**
   * Names this refund, and is the same whoever reports it, however often. `markRefunded` takes it. It holds hashes
   * only, so that the buyer may see it. At most 64 characters.
   */
  readonly id: string
  readonly reason: RefundReason
  readonly payer?: string
  readonly planId?: string
  readonly network?: string
  /** The settlement to pay back. */
  readonly transaction?: string
  readonly correlationId: string
  readonly paymentId?: string
}
