import type { AssetRequirements, PaymentRequired, PlanRequirements } from '../../wire/x402.js'

/** What a call costs in credits. */
export interface PlanQuote {
  readonly accepts: PlanRequirements[]
  /** Settled unless the handler says otherwise. */
  readonly credits: bigint
  readonly maxCredits: bigint | undefined
}

/** What a call costs, and every way it can be paid. */
export interface Quote {
  /** As the buyer is shown it. */
  readonly offer: PaymentRequired
  /** Paid with credits; `undefined` if no plan is taken. */
  readonly plan: PlanQuote | undefined
  /** Paid with money; `undefined` if no price in money is set. */
  readonly asset: AssetRequirements | undefined
}
