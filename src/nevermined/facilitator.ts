import type { PaymentRequired, PlanRequirements } from '../wire/x402.js'
import type { FacilitatorCall } from '../wire/facilitator-call.js'

/** The argument of verify, as in the official client. */
export interface VerifyPermissionsParams {
  /** The challenge that the payment answers, with the seller's own requirements. */
  paymentRequired: PaymentRequired<PlanRequirements>
  /** The token as it came, byte for byte. */
  x402AccessToken: string
  /** The credits that the payment must cover. */
  maxAmount?: bigint
}

/** The argument of settle. */
export interface SettlePermissionsParams extends VerifyPermissionsParams {
  /** The id from the answer to verify. */
  agentRequestId?: string
}

/**
 * The two calls that a seller needs. It is our `Payments.facilitator`, that of the official
 * `@nevermined-io/payments`, or your own. Answers are checked before they are used.
 */
export interface Facilitator {
  /**
   * Asks whether a payment is good for these credits. Nothing is taken.
   *
   * @returns an answer of the form {@link VerifyResponse}
   */
  verifyPermissions(params: VerifyPermissionsParams, call?: FacilitatorCall): Promise<unknown>
  /**
   * Takes the credits of a payment.
   *
   * @returns an answer of the form {@link SettleResponse}
   */
  settlePermissions(params: SettlePermissionsParams, call?: FacilitatorCall): Promise<unknown>
}

/**
 * Our `Payments`, or an instance like the official one. If it has an `environmentName`, that is read. The name is not
 * in this type, because it is protected in the official class.
 */
export interface SellerPayments {
  /** Verifies and settles the payments. */
  facilitator: Facilitator
  /**
   * Looks up plans. Their answer says whether a plan is paid on chain or by card.
   *
   * @default none: the seller then sets the options `scheme` and `network`
   */
  plans?: {
    getPlan(planId: string): Promise<unknown>
    /** Reads how many credits an account has. Only the option `overdraftGuard` asks. */
    getPlanBalance?(planId: string, accountAddress: string): Promise<unknown>
  }
}
