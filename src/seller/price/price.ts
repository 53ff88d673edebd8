import type { Facilitators } from '../../facilitators/failover.js'
import type { Facilitator } from '../../nevermined/facilitator.js'
import type { AssetRequirements, PaymentRequired, PlanRequirements } from '../../wire/x402.js'

/** What a call costs in credits. */
export interface PlanQuote {
  readonly facilitator: Facilitator
  readonly accepts: PlanRequirements[]
  /** The price in credits. It is settled unless the handler names another amount. */
  readonly credits: bigint
  readonly maxCredits: bigint | undefined
}

/** What a call costs in money. */
export interface AssetQuote {
  readonly facilitators: Facilitators
  readonly requirements: AssetRequirements
}

/** The price of a call, and every way to pay it. */
export interface Quote {
  /** The challenge that the buyer is shown. */
  readonly offer: PaymentRequired
  /** The price in credits; `undefined` if no plan is accepted. */
  readonly plan: PlanQuote | undefined
  /** The price in money; `undefined` if no price in money is set. */
  readonly asset: AssetQuote | undefined
}
