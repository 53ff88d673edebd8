import type { FacilitatorFailure } from '../../errors/payments-error.js'
import type { UnsettledState } from '../../errors/payment-error.js'
import type { FacilitatorsCall, SettleCall } from '../../facilitators/facilitator-client.js'
import type { SettlementNames } from '../../facilitators/settlement-status.js'
import type { PaymentRequired, SettleResponse } from '../../wire/x402.js'
import type { Charges } from '../answer/answer.js'
import type { Charged } from '../options/payment-events.js'
import type { Settings } from '../options/settings.js'
import type { Settlement } from '../options/payment-record.js'
import type { OfferedPayment, Payload, SettleablePayment, VerifiedPayment } from './payment.js'

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

  /** What makes a payment unique; `undefined` for one that is meant to be used by several calls. */
  keyOf(payment: Pick<OfferedPayment, 'payload' | 'token'>): string | undefined
  /** Whether a stranger can rebuild a settled payment from public data. */
  readonly isPublic: boolean

  /** Asks a facilitator whether the payment is good. */
  verify(chosen: OfferedPayment, call: FacilitatorsCall): Promise<Asked>
  /** Asks a facilitator to take `amount`. */
  settle(payment: SettleablePayment, amount: bigint, call: SettleCall): Promise<Asked>
  /** What a facilitator's answer to settle means. */
  readSettlement(
    answer: unknown,
    payment: SettleablePayment,
    amount: bigint,
  ): Settlement | SettleFailure | SaidNo
  /** Whether sending the same settle again cannot charge twice. */
  mayRepeat(failure: SettleFailure, payment: SettleablePayment, settings: Settings): boolean
  /**
   * What the facilitator says became of a settlement that it gave an id, asked once.
   *
   * @returns `undefined` where it cannot be asked.
   */
  statusOf(
    payment: SettleablePayment,
    asked: AskedOutcome,
    call: FacilitatorsCall,
  ): Promise<Outcome | undefined>
  /**
   * What became of a payment that may have been settled. The facilitator is asked by its id of the settlement. Then the
   * chain is asked, where `rpcUrls` name one. Ends when the call's time is up, and never throws.
   *
   * A payment found `settled` was paid to us by somebody's settle. Whether that was ours, only sole use can show.
   */
  outcomeOf(
    payment: Pick<SettleablePayment, 'payload'> & Partial<SettleablePayment>,
    asked: AskedOutcome,
    call: FacilitatorsCall,
  ): Promise<Outcome>

  /**
   * The settlement of a payment that a facilitator calls used, where nobody but us can have used it.
   *
   * @returns `undefined` where the payer can cancel a payment, so that "used" does not say that it was paid.
   */
  settledBySoleUse(payment: SettleablePayment, amount: bigint): Settlement | undefined

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

/** A settlement that is looked for. */
export interface AskedOutcome extends SettlementNames {
  /** What settle was asked for. */
  readonly amount: bigint
}

/** What became of a payment. */
export type Outcome =
  | { readonly kind: 'settled'; readonly settlement: Settlement }
  /** Nothing was charged, and nothing will be. */
  | { readonly kind: 'not-settled'; readonly reason?: string | undefined }
  | ({ readonly kind: 'unknown'; readonly isPending: boolean } & SettlementNames)

/** What is charged for an answer. */
export interface Override {
  readonly amount: bigint
  /** Why the answer's own price does not count. */
  readonly problem?: string
}

/** A settle that did not come to a settlement. */
export interface SettleFailure extends FacilitatorFailure, SettlementNames {
  /** What is known where the outcome is not. */
  state?: UnsettledState
  cause?: unknown
}

/** An answer that does not say `success: true`. What it means, `unsettled.ts` says. */
export interface SaidNo {
  readonly saidNo: SettleResponse
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

/** The request did not leave this machine. */
export function wasNotSent({ outcome, httpStatus, retryable }: SettleFailure): boolean {
  return outcome === 'unavailable' && httpStatus === undefined && retryable
}

/** The API writes decimal strings; a number is taken too. */
export function wholeIn(value: SettleResponse['creditsRedeemed']): bigint | undefined {
  const text = String(value ?? '')
  // More digits than any amount has take more than their share of time.
  return /^\d{1,78}$/.test(text) ? BigInt(text) : undefined
}
