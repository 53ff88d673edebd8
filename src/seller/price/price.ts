import type { Facilitators } from '../../facilitators/failover.js'
import type { Facilitator } from '../../nevermined/facilitator.js'
import type { AssetRequirements, PaymentRequired, PlanRequirements } from '../../wire/x402.js'

/** What a call costs in credits. */
export interface PlanQuote {
  readonly facilitator: Facilitator
  readonly accepts: PlanRequirements[]
  /** Settled unless the handler says otherwise. */
  readonly credits: bigint
  readonly maxCredits: bigint | undefined
}

/** What a call costs in money. */
export interface AssetQuote {
  readonly facilitators: Facilitators
  readonly requirements: AssetRequirements
}

/** What a call costs, and every way it can be paid. */
export interface Quote {
  /** As the buyer is shown it. */
  readonly offer: PaymentRequired
  /** Paid with credits; `undefined` if no plan is taken. */
  readonly plan: PlanQuote | undefined
  /** Paid with money; `undefined` if no price in money is set. */
  readonly asset: AssetQuote | undefined
}
