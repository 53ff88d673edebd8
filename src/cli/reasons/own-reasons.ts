import type { RefusalReason, UsedReason } from '../../errors/reasons.js'
import type { IdentifierProblem } from '../../wire/payment-identifier.js'
import type { Text } from './text.js'

type OwnReason = Exclude<RefusalReason, `${string}_mismatch`> | UsedReason | IdentifierProblem

/** Reasons of ours. A new one does not compile without a text. */
export const OWN_REASONS: Readonly<Record<OwnReason, Text>> = {
  unsupported_scheme: {
    cause: 'The payment is for a scheme or plan that is not sold here.',
    cure: 'The buyer pays one of the `accepts` of the challenge.',
  },
  invalid_x402_version: {
    cause: 'The payment is of a version of x402 that cannot pay this. Version 1 pays `exact` only.',
    cure: 'The buyer takes a client of x402 v2.',
  },
  invalid_payload: {
    cause: 'The payment lacks a signed term, or has two kinds of signature.',
    cure: 'The buyer signs again, with one of the official clients.',
  },
  payment_not_yet_valid: {
    cause: 'The payment becomes valid more than a minute from now.',
    cure: 'Compare the clocks of buyer and seller.',
  },
  payment_expires_too_soon: {
    cause: 'Less than half of `maxTimeoutSeconds` is left.',
    cure: 'The buyer signs a new payment. Set `maxTimeoutSeconds` higher if it is frequent.',
  },
  'payment refused': {
    cause: 'The facilitator refused, and gave no reason that is safe to show.',
    cure: 'Ask the facilitator. The log has status and correlation id.',
  },
  'settlement refused': {
    cause: 'The facilitator refused to settle, and gave no reason that is safe to show.',
    cure: 'Ask the facilitator. The log has status and correlation id.',
  },
  not_settled: {
    cause: 'Chain or facilitator say that an earlier attempt settled nothing.',
    cure: 'The buyer pays again.',
  },
  'nothing was redeemed': {
    cause: 'Nevermined reports success, and redeemed no credits.',
    cure: 'Check what a call of the plan costs.',
  },
  already_used: {
    cause: 'The payment paid for an earlier call, whose answer is not handed out again.',
    cure: 'The buyer looks at the receipt, and pays again only for a new call.',
  },
  lost_call: {
    cause:
      "The first call with this payment ended without an answer, and `onTakeover: 'unknown'` forbids another run.",
    cure: 'Look at the log of the first call, and answer the buyer yourself.',
  },
  given_up: {
    cause: 'The record of this payment is closed without an outcome (`dead`).',
    cure: 'Look at the record in the table.',
  },
  extension_echo_mismatch: {
    cause: 'The buyer changed what the challenge says of the extension `payment-identifier`.',
    cure: 'The buyer sends it back unchanged, with an `id` of its own.',
  },
  payment_identifier_required: {
    cause: "You set `paymentIdentifier: 'required'`, and the payment has no `id`.",
    cure: 'The buyer adds an `id`, or you make it optional.',
  },
  payment_identifier_invalid: {
    cause: 'The `id` is not 16 to 128 letters, digits, hyphens and underscores.',
    cure: 'The buyer takes another `id`.',
  },
}

/** Reasons that are made of the name of a term. */
export const MISMATCH: Text & { readonly terms: readonly string[] } = {
  terms: [
    ...['scheme', 'network', 'amount', 'asset', 'pay_to', 'max_timeout_seconds', 'extra'],
    ...['resource', 'value', 'to', 'token'],
  ],
  cause: 'The payment is for another term than the challenge asked for.',
  cure: 'The buyer pays the newest challenge. A price function must give the same price the second time.',
}
