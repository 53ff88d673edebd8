import { channel } from 'node:diagnostics_channel'
import type { PaymentErrorCode, UnsettledState } from '../../errors/payment-error.js'
import type { SettlementNames } from '../../facilitators/settlement-status.js'
import type { DeadCode } from './dead-code.js'

/** What something cost: credits of a plan, or atomic units of an asset. Decimal strings. */
export interface Charged {
  /** The credits of a plan. Unit: credits, as a decimal string. */
  readonly credits?: string
  /** The money. Unit: atomic units of `asset`, as a decimal string. */
  readonly amount?: string
  /** The asset of `amount`, by its address. */
  readonly asset?: string
}

/** What happened. */
export type PaymentHappening =
  | ({ readonly type: 'verified' } & Charged)
  | ({ readonly type: 'settled'; readonly transaction?: string } & Charged)
  | ({ readonly type: 'refund-due' } & RefundDue)
  /** The same payment came again, and got the answer of the first time. Nothing was run or charged. */
  | { readonly type: 'replayed'; readonly transaction?: string }
  /**
   * The payment store failed before a settle that cannot charge twice. The settle was sent without a record.
   */
  | { readonly type: 'record-lost' }
  /**
   * A call died, or the response of its request never came. Its record knows of no charge. The table may have been
   * down while it settled: then `record-lost` came before.
   */
  | { readonly type: 'call-lost' }
  /** The worker gave a payment up. */
  | { readonly type: 'given-up'; readonly code: DeadCode }
  /**
   * A payment failed: it was missing or refused, a facilitator was unavailable, or the outcome is unknown.
   * `code` is that of the error.
   */
  | ({
      readonly type: 'failed'
      readonly code: PaymentErrorCode
      readonly reason: string
      /**
       * What is known of a settlement without an outcome: it is pending, the payment is used, or nothing is
       * known.
       */
      readonly state?: UnsettledState
    } & SettlementNames)

/**
 * What happens to the payments of calls, one event after the other. An event is plain data without payments,
 * signatures or arguments. It may be logged, stored and shown.
 */
export type PaymentEvent = {
  /** Unit: ms since the epoch. */
  readonly at: number
  /** The tool, method or path that was called. */
  readonly tool: string
  readonly payer?: string
  readonly network?: string
  /** The `x-correlation-id` of verify and settle. */
  readonly correlationId?: string
  /** The buyer's own id of the payment. */
  readonly paymentId?: string
} & PaymentHappening

/** Every {@link PaymentEvent} of this process. The local stack listens, and shows them in its terminal. */
export const EVENTS = channel('agentcore-x402:event')

/** Why a payment in advance has to be paid back. */
export type RefundReason = 'handler_failed' | 'no_time_left' | 'nothing_charged' | 'call_lost'

/** Something that was paid in advance, for work that failed. Plain data. */
export interface RefundDue extends Charged {
  /**
   * Names this refund. It is the same whoever reports the refund, and however often. `markRefunded` takes it.
   * It holds only hashes, so the buyer may see it. At most 64 characters.
   */
  readonly id: string
  /** Why it has to be paid back. */
  readonly reason: RefundReason
  /** Whom to pay back: the payer's address, if the facilitator names it. */
  readonly payer?: string
  /** The plan whose credits were taken. */
  readonly planId?: string
  /** The network that was paid on, e.g. `eip155:84532`. */
  readonly network?: string
  /** The settlement to pay back. */
  readonly transaction?: string
  /** The `x-correlation-id` of the verify and settle that charged. */
  readonly correlationId: string
  /** The buyer's own id of the payment (extension `payment-identifier`). */
  readonly paymentId?: string
}
