import type { Amount } from '../../wire/amounts.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import type { PaymentUnit } from './units.js'

/** How much of one unit may be spent. */
export interface Allowance {
  /** The most one call may cost. */
  perCall: Amount
  /** The most all calls together may cost, those of unknown outcome included. */
  total: Amount
  /** `confirm` is asked about dearer calls only. Default: about every call, where there is a `confirm`. */
  confirmAbove?: Amount | undefined
}

/** A payment that is about to be made, for {@link PaymentLimits.confirm}. */
export interface Intent {
  /** The most the call will cost, in `unit`. */
  amount: bigint
  unit: PaymentUnit
  /** The entry of `accepts` that is going to be paid. */
  requirement: Requirement
  paymentRequired: Challenge
  /** The MCP tool that is called. */
  tool?: string | undefined
  /** The URL that is fetched. */
  url?: string | undefined
  signal?: AbortSignal | undefined
}

/**
 * What may be paid. Nothing is, unless `credits` or `assets` allow it. Each plan and each asset is
 * counted on its own, so that units never mix. Of several ways to pay, the first that fits is
 * taken: plans in their order, then assets in theirs; of the same plan or asset the cheapest.
 */
export interface PaymentLimits {
  /** For each of `plans`, in its credits. */
  credits?: Allowance | undefined
  /** Nevermined plans that may be paid from; goes with `credits`. */
  plans?: readonly string[] | undefined
  /**
   * In atomic units, keyed `<network>/<asset>`, e.g. `eip155:84532/0x036CbD53842c5426634e7929541eC2318f3dCF7e`.
   * Networks may go by their names in x402 v1, here and in `networks`.
   */
  assets?: Readonly<Record<string, Allowance>> | undefined
  /** Values of `payTo` that assets may go to. Plans have one owner each. Default: any. */
  payees?: readonly string[] | undefined
  /**
   * Hosts that may be paid over HTTP, as `host` or `host:port`. Default: the one that is called. A seller
   * behind a redirect, or one whose challenge names another host than was called, has to be listed.
   */
  hosts?: readonly string[] | undefined
  /** The longest a signed payment may be valid. Unit: seconds. @default 3600 */
  maxTimeoutSeconds?: number | undefined
  /** Default: any that a plan or asset is on. */
  networks?: readonly string[] | undefined
  /**
   * Default: the schemes whose amount is the most that is charged: `exact`, `upto`, Nevermined's two, and
   * `mpp:charge`, as MPP's single payments are called here.
   */
  schemes?: readonly string[] | undefined
  /** Pay from a plan where the seller does not state its price; `perCall` is then reserved. @default false */
  allowUnstatedPrice?: boolean | undefined
  /**
   * Whether the seller's word lowers what is counted. With `true` a payment it says it refused is released, and a
   * smaller amount credited. With `false` every payment that was sent counts at the most it can cost, which holds
   * against sellers that lie.
   *
   * Default: as `false`, and a plan's balance is looked at before and after each payment, where the payer knows it
   * (`Payments`). A plan whose balance falls by more than its seller said is not paid from again. Set `false` where
   * other processes pay from the same account and plan at the same time: they look like such a seller.
   */
  trustReceipts?: boolean | undefined
  /** Asked before the payer is. False, and a throw, mean that nothing is paid. */
  confirm?: ((intent: Intent) => boolean | Promise<boolean>) | undefined
}
