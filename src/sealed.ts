import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import type { FoundPayment, Payment } from './carriers.js'
import { offerOf } from './offer.js'
import type { Call } from './parse.js'
import type { Verified } from './verify.js'
import type { PaymentRequired } from './x402.js'

/** What the request phase found out. */
export type HandedOver = { kind: 'free' } | { kind: 'verified'; verified: Verified }

const VerifiedSchema = z.object({
  credits: z.string(),
  verifyCredits: z.string(),
  maxCredits: z.optional(z.string()),
  paymentRequired: z.looseObject({}),
  payer: z.optional(z.string()),
  network: z.optional(z.string()),
  agentRequestId: z.optional(z.string()),
  correlationId: z.string(),
})
export const SealedSchema = z.object({
  /** Where it is kept, in a store: an entry counts nowhere else. */
  key: z.optional(z.string()),
  /** An answer of the request phase itself. */
  answered: z.optional(z.boolean()),
  /** The JSON-RPC id and what is called. */
  bound: z.string(),
  tokenHash: z.optional(z.string()),
  token: z.optional(z.string()),
  verified: z.optional(VerifiedSchema),
  call: z.optional(z.looseObject({})),
})
/** What is sealed for the response phase. */
export type Sealed = z.infer<typeof SealedSchema>

export function contentOf(call: Call, known: HandedOver, payment: Payment | undefined): Sealed {
  const bound = boundOf(call)
  if (known.kind === 'free' || payment === undefined) return { bound }
  const { quote, verification, agentRequestId, correlationId } = known.verified
  return {
    bound,
    tokenHash: hash(payment.token),
    ...(payment.inHeader && { token: payment.token }),
    verified: {
      credits: quote.credits.toString(),
      verifyCredits: quote.verifyCredits.toString(),
      maxCredits: quote.maxCredits?.toString(),
      paymentRequired: { ...quote.paymentRequired },
      payer: verification.payer ?? undefined,
      network: verification.network ?? undefined,
      agentRequestId,
      correlationId,
    },
  }
}

/** A seal counts for its own call and payment only. */
export function handedOver(
  content: Sealed,
  call: Call,
  payment: FoundPayment,
): HandedOver | undefined {
  if (content.bound !== boundOf(call) || content.answered === true) return undefined
  const { verified } = content
  if (verified === undefined) return { kind: 'free' }
  const token = payment.kind === 'token' ? payment.token : content.token
  const isTold = payment.kind === 'token' || payment.kind === 'none'
  if (!isTold || token === undefined || hash(token) !== content.tokenHash) return undefined
  const paymentRequired = verified.paymentRequired as unknown as PaymentRequired
  const { payer, network, agentRequestId, correlationId } = verified
  const credits = BigInt(verified.credits)
  const maxCredits = verified.maxCredits === undefined ? undefined : BigInt(verified.maxCredits)
  return {
    kind: 'verified',
    verified: {
      quote: {
        paymentRequired,
        offer: offerOf(paymentRequired, credits, maxCredits),
        credits,
        verifyCredits: BigInt(verified.verifyCredits),
        maxCredits,
      },
      token,
      verification: { isValid: true, payer, network },
      agentRequestId,
      correlationId,
    },
  }
}

export function boundOf({ id, label, transport }: Call): string {
  // Hashed, since the client chooses how long its id is.
  return hash(JSON.stringify([id, label, transport.shape]))
}

export function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
