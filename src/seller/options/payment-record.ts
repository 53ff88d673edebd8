import type { PaymentRequired, SettleResponse } from '../../wire/x402.js'
import type { DeadCode } from './dead-code.js'
import type { Charged, RefundDue } from './payment-events.js'

/** A settlement that happened. */
export interface Settlement {
  /** The facilitator's answer to settle, or what is known of the settlement if that answer was lost. */
  readonly settled: SettleResponse
  /**
   * The credits that were redeemed, as the facilitator reported. If its report was lost, and sole use shows
   * that the credits were redeemed, it is the amount that was asked. It is 0 for pay-as-you-go plans, and for
   * payments in money.
   */
  readonly creditsUsed: bigint
  /** Whether the buyer speaks x402 v1. */
  readonly inV1: boolean
}

/**
 * How far a payment has come.
 * - `unverified`: a call works on it. No facilitator has answered yet.
 * - `claimed`: it is verified, and the work goes on.
 * - `settling`: a settle may have been sent.
 * - `settled`: the money is there.
 * - `refused`: the money is not there, though the work is done.
 * - `pending`: a facilitator says that the money may still come.
 * - `unknown`: nobody says whether the money is there.
 * - `refund_due`: it was paid, and the work failed.
 * - `refunded`: the seller says that it was paid back.
 * - `dead`: it was given up, with a reason.
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
  /** Hash of the payer and the buyer's own id of the payment. `undefined` if the payment has no id. */
  readonly alias: string | undefined
  /** Hash of the whole payment, signature and extensions included. */
  readonly payloadHash: string
  /** Hash of what is called, with which arguments. */
  readonly fingerprint: string
  /** How far the payment has come. */
  readonly state: PaymentState
  /** Goes up with every write. */
  readonly version: number
  /** The call that works on it. */
  readonly owner: string
  /**
   * Until then no other call may take the work over. 0 if no call works on it. If a refund is due, the work
   * is to report the refund. Unit: ms since the epoch.
   */
  readonly leaseUntil: number
  /** The record is forgotten from then on. Unit: ms since the epoch. */
  readonly expiresAt: number
  /** Whether the buyer was given what was paid for. */
  readonly isDelivered: boolean
  /** Whether another call has the owner's agent request id. An answer to that id then proves nothing. */
  readonly isDisputed: boolean
  /** Whether an earlier call held the payment and left no word of what it did. */
  readonly wasTakenOver: boolean
  /** Whether a facilitator called the payment used before any settle of ours can have come through. */
  readonly wasUsedBefore: boolean
  /** What settle was asked for, and by which ids. */
  readonly asked: AskedSettle | undefined
  /** The settlement, as soon as it is known. */
  readonly settlement: Settlement | undefined
  /** The refund that is due, or that was paid back. */
  readonly refund: RefundDue | undefined
  /**
   * Whether the seller was told of the refund: by the log, by `onEvent`, and by `onRefundDue` if it is set.
   */
  readonly isRefundReported: boolean
  /** Where the settlement may be found, as a facilitator named it. */
  readonly transaction: string | undefined
  /** A facilitator's own id of a settlement that is not finished. */
  readonly settlementId: string | undefined
  /** What was sold to whom. `undefined` in a store of this process, and in records of versions that did not write it. */
  readonly sold: Sold | undefined
  /** Unit: ms since the epoch. 0 in records of versions that did not write it. */
  readonly createdAt: number
  /** When it was last written. Unit: ms since the epoch. 0 in records of versions that did not write it. */
  readonly changedAt: number
  /** How often a worker looked for its outcome. */
  readonly attempts: number
  /** When a worker looks again. Unit: ms since the epoch. */
  readonly nextAttemptAt: number
  /** Why it was given up. */
  readonly code: DeadCode | undefined
}

/** What was sold to whom, for people. `credits` or `amount` is the quote. */
export interface Sold extends Charged {
  /** The tool, method or path that was called. */
  readonly tool: string
  /** What is paid with: credits of a plan, or an asset. */
  readonly rail: 'plan' | 'asset'
  /** For payments in money: the address that signed, if the payment names it. */
  readonly payer?: string
  /** The plan that pays; absent if several are accepted and the payment names none of them. */
  readonly planId?: string
  /** The network that is paid on, e.g. `eip155:84532`. */
  readonly network?: string
  /** The buyer's own id of the payment. */
  readonly paymentId?: string
}

/**
 * A signed payment, and the challenge it answers. With both, another process can settle it. It is secret: a store that
 * others can read encrypts it.
 */
export interface KeptPayment {
  /** The payment's text as it came. */
  readonly token: string
  /** The challenge, with the terms of the payment's own rail. */
  readonly offer: PaymentRequired
}

/** What a settle is asked for. Plain data. */
export interface AskedSettle {
  /** Credits or atomic units, as a decimal string. */
  readonly amount: string
  /** The `x-correlation-id` of verify and settle. */
  readonly correlationId: string
  /** The facilitator's id of the call, from its answer to verify. */
  readonly agentRequestId: string | undefined
  /** Index of the one of the `facilitators` that is asked. */
  readonly facilitator: number | undefined
  /** What the overdraft guard reserved for it. Whoever finds out what became of the settle ends the reservation. */
  readonly reserved?: ReservedAt | undefined
}

/** Names a reservation of credits in the store. */
export interface ReservedAt {
  /** Hash of payer and plan. */
  readonly account: string
  /** Names the call among those that draw on the same balance. */
  readonly name: string
}
