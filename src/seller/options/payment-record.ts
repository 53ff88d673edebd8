import type { SettleResponse } from '../../wire/x402.js'
import type { RefundDue } from './payment-events.js'

/** A settlement that happened. */
export interface Settlement {
  readonly settled: SettleResponse
  /**
   * What was redeemed as reported; as requested only where the report was lost, and sole use shows that it was redeemed.
   * 0 for pay-as-you-go plans, and of money.
   */
  readonly creditsUsed: bigint
  /** The buyer speaks x402 v1. */
  readonly inV1: boolean
}

/**
 * How far a payment has come.
 * - `unverified`: taken into work; no facilitator has answered yet.
 * - `claimed`: verified, and the work goes on.
 * - `settling`: settle may have been sent.
 * - `settled`: the money is there. `refused`: it is not, and the work is done.
 * - `pending`: a facilitator says that it may still come. `unknown`: nobody says.
 * - `refund_due`: it was paid for nothing. `refunded`: the seller says that it was paid back.
 * - `dead`: given up, with a reason.
 */
export type PaymentState =
  | 'unverified'
  | 'claimed'
  | 'settling'
  | 'settled'
  | 'refused'
  | 'pending'
  | 'unknown'
  | 'refund_due'
  | 'refunded'
  | 'dead'

/** What is known of one payment. Plain data without payment, signature or arguments. */
export interface PaymentRecord {
  /** Hash of what makes the payment unique. */
  readonly key: string
  /** Hash of the payer and the buyer's own name of the payment; `undefined` where it has none. */
  readonly alias: string | undefined
  /** Hash of the whole payment, signature and extensions included. */
  readonly payloadHash: string
  /** Hash of what is called, with which arguments. */
  readonly fingerprint: string
  readonly state: PaymentState
  /** Goes up with every write. */
  readonly version: number
  /** Whose work it is. */
  readonly owner: string
  /**
   * Until then nobody else may take it over; 0 when no work goes on. Of a refund that is due, the work is to report it.
   * Unit: ms since the epoch.
   */
  readonly leaseUntil: number
  /** Forgotten from then on. Unit: ms since the epoch. */
  readonly expiresAt: number
  /** Whether the buyer was given what was paid for. */
  readonly isDelivered: boolean
  /** Whether another call bears the owner's name, so that an answer to that name proves nothing. */
  readonly isDisputed: boolean
  /** Whether an earlier call had it and left no word of what it did. */
  readonly wasTakenOver: boolean
  /** Whether a facilitator called it used before any settle of ours can have come through. */
  readonly wasUsedBefore: boolean
  /** What settle was asked, and by which ids. */
  readonly asked: AskedSettle | undefined
  readonly settlement: Settlement | undefined
  readonly refund: RefundDue | undefined
  /** Whether the seller has heard of the refund: the log, `onEvent`, and `onRefundDue` where there is one. */
  readonly isRefundReported: boolean
  /** Where the settlement may be found, as a facilitator named it. */
  readonly transaction: string | undefined
  /** A facilitator's own id of a settlement that is not finished. */
  readonly settlementId: string | undefined
}

/** What a settle is asked with. Plain data. */
export interface AskedSettle {
  /** Credits or atomic units, in decimal. */
  readonly amount: string
  readonly correlationId: string
  readonly agentRequestId: string | undefined
  /** Which of the `facilitators`. */
  readonly facilitator: number | undefined
}
