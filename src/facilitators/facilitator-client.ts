import * as z from 'zod/mini'
import type { FacilitatorCall } from '../wire/facilitator-call.js'

/** A payment as the buyer sent it. Of its members only the version is read here. */
export type FacilitatorPayment = Readonly<Record<string, unknown>> & {
  readonly x402Version: number
}

/** The seller's own requirements, never the buyer's copy of them. */
export type FacilitatorRequirements = Readonly<Record<string, unknown>>

/**
 * A facilitator of the x402 standard: our `HTTPFacilitatorClient`, that of `@x402/core`, or your own.
 * Answers are checked before they are used.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
export interface FacilitatorClient {
  verify(
    paymentPayload: FacilitatorPayment,
    paymentRequirements: FacilitatorRequirements,
    call?: FacilitatorCall,
  ): Promise<unknown>
  settle(
    paymentPayload: FacilitatorPayment,
    paymentRequirements: FacilitatorRequirements,
    call?: FacilitatorCall,
  ): Promise<unknown>
  getSupported(): Promise<unknown>
  /**
   * What became of a settlement that the facilitator gave an id: `{ status, transaction? }`, where `status` is
   * `pending`, `completed` or `failed`. Where it is there, a pending settlement is asked about and not sent again.
   * Default: none; it is no part of the standard.
   */
  status?: ((settlementId: string, call?: FacilitatorCall) => Promise<unknown>) | undefined
}

/** What a facilitator says became of a settlement. A status that is none of the three says nothing. */
export const SettlementStatusSchema = z.looseObject({
  status: z.string(),
  transaction: z.nullish(z.string()),
  /** `outcome_unknown`: nobody knows, whatever the status is. */
  reason: z.nullish(z.string()),
  network: z.nullish(z.string()),
  payer: z.nullish(z.string()),
  /** Atomic units. */
  amount: z.nullish(z.union([z.string(), z.number()])),
})
export type SettlementStatus = z.infer<typeof SettlementStatusSchema>

/** The answer to `GET /supported`. Explicit nulls mean the same as nothing. */
export const SupportedSchema = z.looseObject({
  kinds: z.array(
    z.looseObject({
      x402Version: z.number(),
      scheme: z.string(),
      network: z.string(),
      extra: z.nullish(z.looseObject({})),
    }),
  ),
})
export type SupportedKinds = z.infer<typeof SupportedSchema>

/** What a payment is, as far as a facilitator may or may not serve it. */
export interface PaymentKind {
  x402Version: number
  scheme: string
  /** CAIP-2 in version 2, e.g. `eip155:84532`; a name in version 1, e.g. `base-sepolia`. */
  network: string
}

/** @returns what the facilitator says of the kind, or `undefined` if it does not serve it. */
export function kindIn(
  { kinds }: SupportedKinds,
  { x402Version, scheme, network }: PaymentKind,
): SupportedKinds['kinds'][number] | undefined {
  return kinds.find(
    (kind) =>
      kind.x402Version === x402Version && kind.scheme === scheme && kind.network === network,
  )
}

/** What a facilitator answered, and which it was: its place in the given order. */
export interface Answered {
  answer: unknown
  by: number
}

/** Limit of the whole call, all facilitators that are asked included. */
export interface FacilitatorsCall extends FacilitatorCall {
  timeoutMs: number
  correlationId: string
}

/** Limits of a settle. */
export interface SettleCall extends FacilitatorsCall {
  /** False after an attempt whose outcome is unknown. @default true */
  mayMoveOn?: boolean
}
