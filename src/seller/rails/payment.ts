import type { PaymentError } from '../../errors/payment-error.js'
import type { PaymentRequired, VerifyResponse } from '../../wire/x402.js'

/** A decoded payment; `undefined` if it cannot be decoded. */
export type Payload = Readonly<Record<string, unknown>> | undefined

/** A payment and the call it is for. Plain data. */
export interface OfferedPayment {
  /** The challenge that a refusal shows. */
  readonly offer: PaymentRequired
  /**
   * The amount that is settled unless the handler names another one. Unit: credits, or atomic units of the
   * asset.
   */
  readonly amount: bigint
  /**
   * The amount that is verified before the work: the most that a call may cost if that is known, else
   * `amount`.
   */
  readonly verifyAmount: bigint
  /** The most that is settled; `undefined` if there is no bound. */
  readonly maxAmount: bigint | undefined
  /** The payment's text as it came. */
  readonly token: string
  /** The payment, decoded once. */
  readonly payload: Payload
  /** The buyer's own id of the payment (extension `payment-identifier`). */
  readonly paymentId: string | undefined
  /**
   * What is wrong with the payment by our terms. It may have been right, and settled, when it came before.
   */
  readonly mismatch: PaymentError | undefined
}

/** A payment with everything that settle needs. Plain data. */
export interface SettleablePayment extends OfferedPayment {
  /** The facilitator's answer to verify; `undefined` if it was not asked. */
  readonly verification: VerifyResponse | undefined
  readonly agentRequestId: string | undefined
  /** One id for verify, settle and the logs of this call. */
  readonly correlationId: string
  /** Index of the one of the `facilitators` that verified the payment. The same one settles it. */
  readonly facilitator: number | undefined
}

/** What a handler is told about the payment. It never holds the payment itself. */
export interface VerifiedPayment {
  /** Address of the payer's wallet, if the facilitator names it. */
  readonly payer: string | undefined
  /** The plan that pays; `undefined` if several plans are accepted and the payment names none of them. */
  readonly planId: string | undefined
  /** E.g. `eip155:84532` or `stripe`. */
  readonly network: string | undefined
  /** The x402 scheme of the payment, e.g. `exact`, `upto` or `nvm:erc4337`. */
  readonly scheme: string | undefined
  /**
   * Credits quoted for this call. They are settled unless `creditsToCharge` names another amount. `0n` for
   * payments in money.
   */
  readonly credits: bigint
  /** Upper bound of `creditsToCharge`, if one is set. */
  readonly maxCredits: bigint | undefined
  /** For payments in money: atomic units of `asset`. With `upto` it is the most that can be charged. */
  readonly amount: bigint | undefined
  /** For payments in money: the asset by its address. */
  readonly asset: string | undefined
  /** The buyer's own id of the payment (extension `payment-identifier`). */
  readonly paymentId: string | undefined
  /** The facilitator's id of this request. */
  readonly agentRequestId: string | undefined
  /** The `x-correlation-id` of verify and settle. */
  readonly correlationId: string | undefined
  /** With flow `'overlap'`: aborted if the payment turns out bad. The result is then not used. */
  readonly signal: AbortSignal | undefined
}

/** What a handler is told on a call that costs nothing. */
export const NO_PAYMENT: VerifiedPayment = Object.freeze({
  payer: undefined,
  planId: undefined,
  network: undefined,
  scheme: undefined,
  credits: 0n,
  maxCredits: undefined,
  amount: undefined,
  asset: undefined,
  paymentId: undefined,
  agentRequestId: undefined,
  correlationId: undefined,
  signal: undefined,
})
