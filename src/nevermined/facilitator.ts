import type { PaymentRequired, PlanRequirements } from '../wire/x402.js'
import type { FacilitatorCall } from '../wire/facilitator-call.js'

/** What is asked of a facilitator at verify, in the shape of the official client. */
export interface VerifyPermissionsParams {
  paymentRequired: PaymentRequired<PlanRequirements>
  /** The token as it came, byte for byte. */
  x402AccessToken: string
  /** Credits that must be covered. */
  maxAmount?: bigint
}

/** What is asked of a facilitator at settle. */
export interface SettlePermissionsParams extends VerifyPermissionsParams {
  /** The id verify answered with. */
  agentRequestId?: string
}

/**
 * The two calls a seller needs: our `Payments.facilitator`, that of the official
 * `@nevermined-io/payments`, or your own. Answers are checked before they are used.
 */
export interface Facilitator {
  verifyPermissions(params: VerifyPermissionsParams, call?: FacilitatorCall): Promise<unknown>
  settlePermissions(params: SettlePermissionsParams, call?: FacilitatorCall): Promise<unknown>
}

/**
 * Our `Payments`, or anything shaped like the official instance. `environmentName` is read from it
 * where it has one; it is not part of the type, since the official class declares it protected.
 */
export interface SellerPayments {
  facilitator: Facilitator
  plans?: { getPlan(planId: string): Promise<unknown> }
}
