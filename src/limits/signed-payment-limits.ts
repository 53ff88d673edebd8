import type { Amount } from '../wire/amounts.js'

/**
 * What a single payment may be. Each limit means the same in the paying clients, `PaymentManager` and the plugin for
 * Strands. They check it alike, and refuse a payment in the same words.
 */
export interface SignedPaymentLimits {
  /**
   * The schemes that may be paid. If ways to pay are equal otherwise, the scheme that comes first is taken. `mpp:charge`
   * is MPP's single payment.
   *
   * @default `exact`, `upto`, `mpp:charge`; in the paying clients also `nvm:erc4337` and `nvm:card-delegation`
   */
  schemes?: readonly string[] | undefined
  /**
   * The assets that may be paid with, as `<network>/<asset>`, or as `<asset>` on any network. Networks may go by their
   * names in x402 v1. This does not count for Nevermined plans.
   *
   * @default any
   */
  assets?: readonly string[] | undefined
  /**
   * The addresses (`payTo`) that may be paid. A Nevermined plan has one owner, so this does not count for plans.
   *
   * @default any
   */
  payees?: readonly string[] | undefined
  /**
   * The hosts that may be paid, as `host` or `host:port`. It is the host that asks for the payment, after redirects. If
   * the URL of a call is not known, the call is not paid.
   *
   * @default any; `payingFetch` and `payingAxios` pay the host that was called
   */
  hosts?: readonly string[] | undefined
  /**
   * The longest that a signed payment may be valid: nobody can take back what is signed. It holds for what a seller
   * asks for, and again for what was signed. Unit: s, 1 or more.
   *
   * @default 3600
   */
  maxTimeoutSeconds?: number | undefined
  /**
   * The most that one payment may be, of whatever asset is asked for. Give `assets` too, since atomic units differ
   * between assets. This does not count for Nevermined plans. Unit: atomic units of the asset, 0 or more.
   *
   * @default none
   */
  maxAmountPerPayment?: Amount | undefined
}

/** The name of a limit. */
export type SignedLimitName = keyof SignedPaymentLimits
