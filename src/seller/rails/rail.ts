import type { FacilitatorFailure } from '../../errors/payments-error.js'
import type { UnsettledState } from '../../errors/payment-error.js'
import type { FacilitatorsCall, SettleCall } from '../../facilitators/facilitator-client.js'
import type { SettlementNames } from '../../facilitators/settlement-status.js'
import type { PaymentRequired, SettleResponse, VerifyResponse } from '../../wire/x402.js'
import type { Charges } from '../answer/answer.js'
import type { Charged } from '../options/payment-events.js'
import type { Settings } from '../options/settings.js'
import type { Settlement } from '../options/payment-record.js'
import type { OfferedPayment, Payload, SettleablePayment, VerifiedPayment } from './payment.js'

/**
 * A way to be paid, with the seller's own terms for one call: credits of plans (`plan-rail.ts`), or money
 * (`asset-rail.ts`). The stages ask the rail, and never look which rail it is.
 */
export interface Rail {
  /** Names the rail in records and hand-offs, for other containers to read. */
  readonly name: 'plan' | 'asset'
  /** The challenge for this rail alone. It has our own terms, never the buyer's copy of them. */
  readonly paymentRequired: PaymentRequired
  /** The plan that is paid for, if there is only one. */
  readonly planId: string | undefined

  /** The key that makes a payment unique; `undefined` if the payment is meant for several calls. */
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
  mayRepeat(
    failure: SettleFailure,
    payment: SettleablePayment,
    settings: Pick<Settings, 'retrySettleByRequestId'>,
  ): boolean
  /**
   * Asks the facilitator once what became of a settlement, by the id that it gave the settlement.
   *
   * @returns `undefined` if the facilitator cannot be asked.
   */
  statusOf(
    payment: SettleablePayment,
    asked: AskedOutcome,
    call: FacilitatorsCall,
  ): Promise<Outcome | undefined>
  /**
   * What became of a payment that may have been settled. The facilitator is asked by its id of the
   * settlement. Then the chain is asked, if `rpcUrls` name one. It ends when the call's time is up, and never
   * throws.
   *
   * A payment found `settled` was paid to us, by a settle of ours or of somebody else. Only sole use can show
   * that it was ours.
   */
  outcomeOf(
    payment: Pick<SettleablePayment, 'payload'> & Partial<SettleablePayment>,
    asked: AskedOutcome,
    call: FacilitatorsCall,
  ): Promise<Outcome>

  /**
   * The settlement of a payment that a facilitator calls used, and that nobody but us can have used.
   *
   * @returns `undefined` if a payer can cancel payments: then "used" does not say that the payment was paid.
   */
  settledBySoleUse(payment: SettleablePayment, amount: bigint): Settlement | undefined

  /**
   * The amount that the answer's own price comes to. It is the quote if the answer names no price, or an
   * invalid one.
   */
  overrideFor(charges: Charges, quoted: bigint): Override
  /** An amount in the rail's own unit, for events. */
  charged(amount: bigint): Charged
  /** The amount that a settlement took. */
  chargedFor(settlement: Settlement): Charged
  /** Who signed a payment, if the payment names the signer. */
  payerOf(payload: Payload): string | undefined
  /**
   * The balance of credits that a payment draws on, as the facilitator or else the payment names it. `undefined` for
   * payments in money, which draw on none.
   */
  balanceOf(
    payment: Pick<OfferedPayment, 'payload'>,
    verification: VerifyResponse | undefined,
  ): Balance | undefined
  /** What a handler may know before a facilitator was asked. */
  termsOf(chosen: OfferedPayment): Partial<VerifiedPayment>
}

/** Whose credits of which plan. A member is `undefined` if nobody names it. */
export interface Balance {
  readonly payer: string | undefined
  readonly planId: string | undefined
}

/** A facilitator's answer, and which of several facilitators gave it. */
export interface Asked {
  readonly answer: unknown
  readonly by: number | undefined
}

/** A settlement whose outcome is to be found. */
export interface AskedOutcome extends SettlementNames {
  /** The amount that settle was asked for. */
  readonly amount: bigint
}

/** What became of a payment. */
export type Outcome =
  | { readonly kind: 'settled'; readonly settlement: Settlement }
  /** Nothing was charged, and nothing will be. */
  | { readonly kind: 'not-settled'; readonly reason?: string | undefined }
  | ({ readonly kind: 'unknown'; readonly isPending: boolean } & SettlementNames)

/** The amount that is charged for an answer. */
export interface Override {
  readonly amount: bigint
  /** Why the answer's own price is not used. */
  readonly problem?: string
}

/** A settle that did not end in a settlement. */
export interface SettleFailure extends FacilitatorFailure, SettlementNames {
  /** What is known if the outcome is not. */
  state?: UnsettledState
  cause?: unknown
}

/** An answer that does not say `success: true`. `unsettled.ts` says what it means. */
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

/** Whether asking again can only give the same answer. */
export function isFinal({ code }: SettleFailure): boolean {
  // By Nevermined's own table, codes that may mean "charged" must not be retried. A used nonce stays used.
  return /^(BCK\.(?!HTTP)|nonce_used$)/.test(code)
}

/** The request did not leave this machine. */
export function wasNotSent({ outcome, httpStatus, retryable }: SettleFailure): boolean {
  return outcome === 'unavailable' && httpStatus === undefined && retryable
}

/** Reads a whole number. The API writes decimal strings; a number is accepted too. */
export function wholeIn(value: SettleResponse['creditsRedeemed']): bigint | undefined {
  const text = String(value ?? '')
  // No amount has more digits. Longer texts would take too much time.
  return /^\d{1,78}$/.test(text) ? BigInt(text) : undefined
}
