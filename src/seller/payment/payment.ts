import {
  type AssetRequirements,
  type PaymentRequired,
  type PlanRequirements,
  type SettleResponse,
  type VerifyResponse,
  decodeToken,
} from '../../wire/x402.js'

/** Who is asked about a payment, and about what: always the seller's own terms, never the buyer's copy. */
export type Terms =
  | { readonly kind: 'plan'; readonly paymentRequired: PaymentRequired<PlanRequirements> }
  | { readonly kind: 'asset'; readonly requirements: AssetRequirements }

/** A payment and what it is for. Nobody has verified it yet. Plain data. */
export interface Chosen {
  /** What a refusal shows. */
  readonly offer: PaymentRequired
  readonly terms: Terms
  /** Settled unless the handler says otherwise. Credits, or atomic units of the asset. */
  readonly amount: bigint
  /** Verified up front: the most a call may cost where that is known, else `amount`. */
  readonly verifyAmount: bigint
  /** Never exceeded; `undefined` without bound. */
  readonly maxAmount: bigint | undefined
  /** As it came. */
  readonly token: string
  /** The buyer's own name of the payment (extension `payment-identifier`). */
  readonly paymentId: string | undefined
}

/** A payment the facilitator called valid, with all that settle needs. Plain data. */
export interface Verified extends Chosen {
  readonly verification: VerifyResponse
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

/** What the handler may know. */
export function toVerifiedPayment(verified: Verified): VerifiedPayment {
  const { verification, agentRequestId, correlationId } = verified
  return Object.freeze({
    ...termsFor(verified),
    ...(verification.network && { network: verification.network }),
    payer: verification.payer ?? undefined,
    agentRequestId,
    correlationId,
  })
}

/** What is known before a facilitator was asked: what was quoted. */
export function termsFor(chosen: Chosen): VerifiedPayment {
  const { terms, token, amount, maxAmount, paymentId } = chosen
  if (terms.kind === 'asset') {
    const { network, scheme, asset } = terms.requirements
    return { ...NO_PAYMENT, network, scheme, amount, asset, paymentId }
  }
  const { accepts } = terms.paymentRequired
  const accepted =
    accepts.length === 1 ? accepts[0] : accepts.find(({ planId }) => planId === planIdIn(token))
  const { planId, network, scheme } = accepted ?? {}
  return { ...NO_PAYMENT, planId, network, scheme, credits: amount, maxCredits: maxAmount }
}

/** A hint: nothing in a token is trusted, the facilitator picks the plan by it as well. */
function planIdIn(token: string): string | undefined {
  return decodeToken(token)?.accepted?.planId ?? undefined
}

/** A settlement that happened. */
export interface Settlement {
  readonly settled: SettleResponse
  /** What was redeemed as reported, never as requested; 0 for pay-as-you-go plans, and of money. */
  readonly creditsUsed: bigint
  /** The buyer speaks x402 v1. */
  readonly inV1: boolean
}

/** A payment to settle; without `verification` if it was not verified before. */
export type Settleable = Omit<Verified, 'verification'> & {
  readonly verification: VerifyResponse | undefined
}
