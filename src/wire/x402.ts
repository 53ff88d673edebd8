import * as z from 'zod/mini'
import { isRecord } from './json.js'

/**
 * The x402 wire: schemas, header and token codecs. A leaf; it imports nothing of ours.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */

/** Client to server: the payment, base64 of JSON. */
export const PAYMENT_SIGNATURE_HEADER = 'payment-signature'
/** Server to client: what to pay, base64 of a {@link PaymentRequired}. */
export const PAYMENT_REQUIRED_HEADER = 'payment-required'
/** Server to client: the receipt, base64 of JSON. */
export const PAYMENT_RESPONSE_HEADER = 'payment-response'
/** Client to server, in `params._meta`: the payment as an object. */
export const PAYMENT_META_KEY = 'x402/payment'
/** Server to client, in `result._meta`: the SettleResponse. */
export const PAYMENT_RESPONSE_META_KEY = 'x402/payment-response'
/** Server to client, in `result._meta`: what to pay, where clients of Cloudflare's `agents/x402` look for it. */
export const PAYMENT_ERROR_META_KEY = 'x402/error'
/** Server to client, beside the receipt: what was paid in advance for work that failed. */
export const REFUND_DUE_HEADER = 'x-refund-due'
/** The refund that is due, in `result._meta`. */
export const REFUND_DUE_META_KEY = 'agentcore-x402/refund-due'
/** Key of a challenge's extension that states a price in plan credits. */
export const CREDITS_EXTENSION = 'agentcore-x402/credits'
/** Key of the extension with which a buyer gives a payment an id, so that a retry is recognised. */
export const PAYMENT_IDENTIFIER = 'payment-identifier'
/** The payment header of x402 v1. It is removed like that of v2. */
export const X_PAYMENT_HEADER = 'x-payment'
/** The x402 v1 receipt. */
export const X_PAYMENT_RESPONSE_HEADER = 'x-payment-response'

/** A longer payment is refused unread. Nevermined's own MCP paywall takes 64 KiB. Unit: characters. */
export const MAX_TOKEN_CHARS = 65_536

/** Paying with credits of a plan, as Nevermined's schemes write it. */
export interface PlanRequirements {
  /** The scheme: `nvm:erc4337` for plans on chain, `nvm:card-delegation` for plans that are paid by card. */
  scheme: string
  /**
   * The chain of a plan in CAIP-2, e.g. `eip155:84532`. For plans that are paid by card, the provider, e.g.
   * `stripe`.
   */
  network: string
  /** The id of the plan. */
  planId: string
  /**
   * What the token is bound to. `agentId` is the seller's agent, `httpVerb` the method of the call. `version`
   * is `'1'`.
   */
  extra: { version: string; agentId?: string; httpVerb?: string }
  /**
   * Always absent: plans are paid in credits. So `amount`, `asset` and `payTo` can be read on either kind.
   */
  amount?: undefined
  /** Always absent, as `amount` is. */
  asset?: undefined
  /** Always absent, as `amount` is. */
  payTo?: undefined
}

/** Paying with an asset on a chain, as the schemes `exact` and `upto` write it. */
export interface AssetRequirements {
  /** The x402 scheme: `exact` or `upto`. */
  scheme: string
  /** The network in CAIP-2, e.g. `eip155:84532`. */
  network: string
  /** Atomic units; with `upto` the most that may be charged. */
  amount: string
  /** The asset that is paid with: the address of its contract. */
  asset: string
  /** The address that is paid. */
  payTo: string
  /** How long a payment must be valid from the moment it is signed. Unit: s. */
  maxTimeoutSeconds: number
  /** What the scheme needs besides, e.g. `name` and `version` of the token, which are signed along. */
  extra: Record<string, unknown>
  /** Always absent: money has no plan. So `planId` can be read on either kind. */
  planId?: undefined
}

/** One way to pay. */
export type PaymentRequirements = PlanRequirements | AssetRequirements

/** Whether this way to pay takes credits of a plan. */
export function isPlanRequirement(
  requirement: PaymentRequirements,
): requirement is PlanRequirements {
  return requirement.planId !== undefined
}

/** Whether this way to pay takes money: an asset on a chain. */
export function isAssetRequirement(
  requirement: PaymentRequirements,
): requirement is AssetRequirements {
  return requirement.payTo !== undefined
}

/** What a 402 says: the resource, and every way to pay for it. */
export interface PaymentRequired<T = PaymentRequirements> {
  /** The version of x402. */
  x402Version: 2
  /** Why there is a challenge, for people and machines. */
  error?: string
  /** What is paid for. */
  resource: { url: string; description?: string; mimeType?: string }
  /** Every way to pay. The buyer chooses one. */
  accepts: T[]
  /** What the seller offers besides, by names of extensions, e.g. `payment-identifier`. */
  extensions: Record<string, unknown>
}

// Peers in Python and Go send explicit nulls for absent members. Both forms mean the same.
const optionalText = z.nullish(z.string())
const decimalText = z.nullish(z.union([z.string(), z.number(), z.bigint()]))

/** A decoded payment. Nothing in it is trusted: it gives hints, and the facilitator decides. */
export interface PaymentPayload {
  readonly x402Version: number
  readonly accepted?: Readonly<Record<string, unknown>> | null
  readonly payload: Readonly<Record<string, unknown>> & {
    readonly authorization?: Readonly<Record<string, unknown>> | null
  }
  readonly [member: string]: unknown
}

/** The facilitator's answer to verify. */
export const VerifyResponseSchema = z.looseObject({
  isValid: z.boolean(),
  invalidReason: optionalText,
  payer: optionalText,
  network: optionalText,
  agentRequestId: optionalText,
  agentRequest: z.nullish(z.looseObject({ agentRequestId: optionalText })),
})
/**
 * The facilitator's answer to verify, with Nevermined's members beside the standard ones. Unknown members are
 * kept.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
export type VerifyResponse = z.infer<typeof VerifyResponseSchema>

/** The facilitator's answer to settle, with Nevermined's fields beside the standard ones. */
export const SettleResponseSchema = z.looseObject({
  success: z.boolean(),
  errorReason: optionalText,
  payer: optionalText,
  transaction: optionalText,
  network: optionalText,
  /** Atomic units that were charged. */
  amount: decimalText,
  creditsRedeemed: decimalText,
  remainingBalance: decimalText,
  orderTx: optionalText,
  billingModel: optionalText,
})
/**
 * The facilitator's answer to settle, with Nevermined's members beside the standard ones. Unknown members are
 * kept.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
export type SettleResponse = z.infer<typeof SettleResponseSchema>

/** Standard base64 with padding over JSON, the form of all three payment headers. */
export function encodeHeader(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}

/**
 * Reads a payment header or token in either base64 alphabet.
 *
 * @returns the decoded JSON, or `undefined` if it is not base64 of a JSON object.
 */
export function decodeHeader(text: string): Record<string, unknown> | undefined {
  if (text.length > MAX_TOKEN_CHARS) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString())
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Base64url without padding over compact JSON: what the official encoders produce. */
export function encodeToken(payload: unknown): string {
  return Buffer.from(JSON.stringify(payload)).toString('base64url')
}

/** @returns the payment inside a token, or `undefined` if it does not look like one. */
export function decodeToken(token: string): PaymentPayload | undefined {
  return asPayment(decodeHeader(token))
}

/** @returns the decoded value, or `undefined` if it does not look like a payment. */
export function asPayment(
  decoded: Readonly<Record<string, unknown>> | undefined,
): PaymentPayload | undefined {
  if (decoded === undefined) return undefined
  const { x402Version, accepted, payload } = decoded
  const isPayment =
    typeof x402Version === 'number' &&
    isRecord(payload) &&
    isRecord(payload['authorization'] ?? {}) &&
    isRecord(accepted ?? {})
  return isPayment ? (decoded as unknown as PaymentPayload) : undefined
}

/**
 * The version of a Nevermined token: 3 (single-use) has a nonce in its authorization, 2 has none. It is read
 * from the token. A backend that does not know version 3 mints a version 2 when asked for 3.
 */
export function tokenVersion(payload: PaymentPayload | undefined): 2 | 3 {
  const nonce = payload?.payload.authorization?.['nonce']
  return typeof nonce === 'string' && nonce.trim() !== '' ? 3 : 2
}

/**
 * The header in which the interceptor's request phase hands over to its response phase. Clients may not send
 * it: what they send under this name is removed like a payment.
 */
export const SEAL_HEADER = 'x-agentcore-x402'
