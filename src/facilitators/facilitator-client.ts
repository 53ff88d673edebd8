import * as z from 'zod/mini'
import type { FacilitatorCall } from '../wire/facilitator-call.js'

/** A payment as the buyer sent it. Only its version is read here. */
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
  /**
   * Asks whether a payment is good for these requirements. No money moves.
   *
   * @returns an answer of the form {@link VerifyResponse}
   */
  verify(
    paymentPayload: FacilitatorPayment,
    paymentRequirements: FacilitatorRequirements,
    call?: FacilitatorCall,
  ): Promise<unknown>
  /**
   * Has a payment carried out.
   *
   * @returns an answer of the form {@link SettleResponse}
   * @throws `PaymentsError`, whose `outcome` says whether money may have moved. An error of another kind
   * counts as an unknown outcome, unless its code says more or the request was never sent.
   */
  settle(
    paymentPayload: FacilitatorPayment,
    paymentRequirements: FacilitatorRequirements,
    call?: FacilitatorCall,
  ): Promise<unknown>
  /**
   * Asks for the kinds of payments that the facilitator serves.
   *
   * @returns an answer of the form {@link SupportedKinds}
   * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
   */
  getSupported(): Promise<unknown>
  /**
   * Asks what became of a settlement that the facilitator gave an id. The answer is `{ status, transaction? }`, and
   * `status` is `pending`, `completed` or `failed`. With this function a pending settlement is asked about, and not
   * sent again. Default: none, because it is no part of the standard.
   */
  status?: ((settlementId: string, call?: FacilitatorCall) => Promise<unknown>) | undefined
}

/** What became of a settlement, as a facilitator says it. Any other status than the three says nothing. */
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
/**
 * What became of a settlement, as a facilitator says it. `pending`, `completed` and `failed` are read; any
 * other `status` says nothing.
 */
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
/**
 * The answer to `GET /supported`: every version, scheme and network that the facilitator serves.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/x402-specification-v2.md
 */
export type SupportedKinds = z.infer<typeof SupportedSchema>

/** The kind of a payment. A facilitator serves some kinds and not others. */
export interface PaymentKind {
  x402Version: number
  scheme: string
  /** In version 2 the CAIP-2 id, e.g. `eip155:84532`. In version 1 a name, e.g. `base-sepolia`. */
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

/** What a facilitator answered, and which facilitator it was. */
export interface Answered {
  answer: unknown
  by: number
}

/** The limit of the whole call, with all facilitators that are asked. */
export interface FacilitatorsCall extends FacilitatorCall {
  timeoutMs: number
  correlationId: string
}

/** Limits of a settle. */
export interface SettleCall extends FacilitatorsCall {
  /** False after an attempt whose outcome is unknown. @default true */
  mayMoveOn?: boolean
}
