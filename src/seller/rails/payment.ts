import type { PaymentError } from '../../errors/payment-error.js'
import type { PaymentRequired, VerifyResponse } from '../../wire/x402.js'

/** A decoded payment; `undefined` where it cannot be decoded. */
export type Payload = Readonly<Record<string, unknown>> | undefined

/** A payment and what it is for. Plain data. */
export interface OfferedPayment {
  /** What a refusal shows. */
  readonly offer: PaymentRequired
  /** Settled unless the handler says otherwise. Credits, or atomic units of the asset. */
  readonly amount: bigint
  /** Verified up front: the most a call may cost where that is known, else `amount`. */
  readonly verifyAmount: bigint
  /** Never exceeded; `undefined` without bound. */
  readonly maxAmount: bigint | undefined
  /** As it came. */
  readonly token: string
  /** What the token says, decoded once. */
  readonly payload: Payload
  /** The buyer's own name of the payment (extension `payment-identifier`). */
  readonly paymentId: string | undefined
  /** What is wrong with it, seen from here. It may have been right, and settled, when it came before. */
  readonly mismatch: PaymentError | undefined
}

/** A payment with all that settle needs. Plain data. */
export interface SettleablePayment extends OfferedPayment {
  /** What the facilitator said of it; `undefined` if it was not asked before. */
  readonly verification: VerifyResponse | undefined
  readonly agentRequestId: string | undefined
  /** One id for verify, settle and the logs of this call. */
  readonly correlationId: string
  /** Which of the `facilitators` verified it; it settles too. */
  readonly facilitator: number | undefined
}

/** What a handler is told about the payment: never the token. */
export interface VerifiedPayment {
  /** Address of the payer's wallet, where the facilitator says it. */
  readonly payer: string | undefined
  /** The plan paid with; `undefined` if several are accepted and the payment names none of them. */
  readonly planId: string | undefined
  /** E.g. `eip155:84532` or `stripe`. */
  readonly network: string | undefined
  readonly scheme: string | undefined
  /** Credits quoted for this call, settled unless `creditsToCharge` says otherwise; `0n` of money. */
  readonly credits: bigint
  /** Upper bound of `creditsToCharge`, where one is set. */
  readonly maxCredits: bigint | undefined
  /** Paid in money: atomic units of `asset`, with `upto` the most that can be charged. */
  readonly amount: bigint | undefined
  readonly asset: string | undefined
  /** The buyer's own name of the payment (extension `payment-identifier`). */
  readonly paymentId: string | undefined
  /** The facilitator's id of this request. */
  readonly agentRequestId: string | undefined
  /** The `x-correlation-id` of verify and settle. */
  readonly correlationId: string | undefined
  /** With flow `'overlap'`: aborted when the payment turns out bad, and the result will not be used. */
  readonly signal: AbortSignal | undefined
}

/** What a handler is told on calls that cost nothing. */
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
