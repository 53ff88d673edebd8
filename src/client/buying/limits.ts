import type { SignedPaymentLimits } from '../../limits/signed-payment-limits.js'
import type { Amount } from '../../wire/amounts.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import type { PaymentUnit } from './units.js'

/** How much of one unit may be spent. */
export interface Allowance {
  /** The most that one payment may be. Unit: credits of a plan, or atomic units of an asset. */
  maxAmountPerPayment: Amount
  /**
   * The most that all calls together may cost. Calls of unknown outcome count. Unit: credits of a plan, or atomic units
   * of an asset.
   */
  total: Amount
  /**
   * `confirm` is asked only about calls that cost more than this. It needs a `confirm`. Unit: credits of a plan, or
   * atomic units of an asset.
   *
   * @default none: `confirm` is asked about every call
   */
  confirmAbove?: Amount | undefined
}

/** A payment that is about to be made, for {@link PaymentLimits.confirm}. */
export interface Intent {
  /** The most the call will cost, in `unit`. */
  amount: bigint
  /** The plan or asset that is paid with. */
  unit: PaymentUnit
  /** The entry of `accepts` that is going to be paid. */
  requirement: Requirement
  /** The seller's challenge, in the form of x402 v2. */
  paymentRequired: Challenge
  /** The MCP tool that is called. */
  tool?: string | undefined
  /** The URL that asks for the payment: the one that was called, or where it redirected to. */
  url?: string | undefined
  /** The signal of the call. It is aborted when the caller gives up. */
  signal?: AbortSignal | undefined
}

/**
 * What may be paid. Nothing is paid unless `credits` or `budgets` allow it. Each plan and each asset has its own
 * account, so that units never mix. If there are several ways to pay, the first that fits is taken: plans in their
 * order, then budgets in their order. Of the same plan or asset the cheapest is taken.
 */
export interface PaymentLimits extends SignedPaymentLimits {
  /**
   * How much may be spent from each of `plans`. Required with `plans`. Unit: credits of a plan.
   *
   * @default none: no plan is paid from
   */
  credits?: Allowance | undefined
  /**
   * The Nevermined plans that may be paid from, by their ids. Required with `credits`.
   *
   * @default none
   */
  plans?: readonly string[] | undefined
  /**
   * How much may be spent of each asset, keyed `<network>/<asset>`, e.g.
   * `eip155:84532/0x036CbD53842c5426634e7929541eC2318f3dCF7e`. Networks may go by their names in x402 v1, here and in
   * `networks`. Unit: atomic units of the asset.
   *
   * @default none: no money is paid
   */
  budgets?: Readonly<Record<string, Allowance>> | undefined
  /**
   * The networks that may be paid on.
   *
   * @default any that a plan or asset is on
   */
  networks?: readonly string[] | undefined
  /**
   * Whether to pay from a plan if the seller does not state its price. `credits.maxAmountPerPayment` is then reserved.
   *
   * @default false
   */
  allowUnstatedPrice?: boolean | undefined
  /**
   * Whether the seller's word lowers what is counted.
   * - `true`: a payment that the seller says it refused is released, and a smaller amount is credited.
   * - `false`: every payment that was sent counts at the most it can cost. This holds against sellers that lie. Set it
   *   if other processes pay from the same account and plan at the same time.
   * - Left out: as `false`, and the balance of a plan is looked at before and after each payment, if the payer knows it
   *   (`Payments` does). A plan whose balance falls by more than its seller said is not paid from again.
   *
   * @default none: as `false`, with a look at the balance
   */
  trustReceipts?: boolean | undefined
  /**
   * Asked before the payer is. If it says `false` or throws, nothing is paid.
   *
   * @default none: nobody is asked
   */
  confirm?: ((intent: Intent) => boolean | Promise<boolean>) | undefined
}
