/**
 * Why this package itself refuses a payment: the `reason` of a `PaymentRefusedError`. A facilitator has reasons of its
 * own. `docs/errors.md` says what each means.
 */
export type RefusalReason =
  | 'unsupported_scheme'
  | 'invalid_x402_version'
  | 'invalid_payload'
  | `${string}_mismatch`
  | 'payment_not_yet_valid'
  | 'payment_expires_too_soon'
  | 'payment refused'
  | 'settlement refused'
  | 'not_settled'
  | 'nothing was redeemed'

/** Why this package takes a payment for used: the `reason` of a `PaymentUsedError`. */
export type UsedReason = 'already_used' | 'lost_call' | 'given_up'
