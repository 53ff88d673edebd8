import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import type { FoundPayment, Payment } from '../events/payment-carriers.js'
import type { Settleable, Settlement, Terms, Verified } from '../payment/payment.js'
import { requiredFor } from '../price/offer.js'
import type { Call } from '../events/call.js'
import { SettleResponseSchema, isAsset, type PaymentRequired } from '../../wire/x402.js'

/** What the request phase found out. */
export type HandedOver =
  | { kind: 'free' }
  | { kind: 'verified'; verified: Verified }
  /** Paid before the target was asked. */
  | { kind: 'settled'; payment: Settleable; settlement: Settlement }

const PaymentSchema = z.object({
  terms: z.string(),
  offer: z.looseObject({}),
  amount: z.string(),
  verifyAmount: z.string(),
  maxAmount: z.optional(z.string()),
  payer: z.optional(z.string()),
  network: z.optional(z.string()),
  agentRequestId: z.optional(z.string()),
  correlationId: z.string(),
  paymentId: z.optional(z.string()),
  facilitator: z.optional(z.number()),
})
const SettlementSchema = z.object({
  settled: SettleResponseSchema,
  creditsUsed: z.string(),
  inV1: z.boolean(),
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
  payment: z.optional(PaymentSchema),
  settlement: z.optional(SettlementSchema),
  call: z.optional(z.looseObject({})),
})
/** What is sealed for the response phase. */
export type Sealed = z.infer<typeof SealedSchema>

export function contentOf(call: Call, known: HandedOver, payment: Payment | undefined): Sealed {
  const bound = boundOf(call)
  if (known.kind === 'free' || payment === undefined) return { bound }
  const tokenHash = hash(payment.token)
  if (known.kind === 'settled') {
    const { settled, creditsUsed, inV1 } = known.settlement
    const settlement = { settled, creditsUsed: creditsUsed.toString(), inV1 }
    return { bound, tokenHash, payment: sealedPayment(known.payment), settlement }
  }
  const token = payment.inHeader ? { token: payment.token } : {}
  return { bound, tokenHash, ...token, payment: sealedPayment(known.verified) }
}

function sealedPayment(payment: Settleable): NonNullable<Sealed['payment']> {
  const { offer, terms, amount, verifyAmount, maxAmount, verification } = payment
  const { agentRequestId, correlationId, paymentId, facilitator } = payment
  return {
    terms: terms.kind,
    offer: { ...offer },
    amount: amount.toString(),
    verifyAmount: verifyAmount.toString(),
    maxAmount: maxAmount?.toString(),
    payer: verification?.payer ?? undefined,
    network: verification?.network ?? undefined,
    agentRequestId,
    correlationId,
    paymentId,
    facilitator,
  }
}

/** A seal counts for its own call and payment only. */
export function handedOver(
  content: Sealed,
  call: Call,
  payment: FoundPayment,
): HandedOver | undefined {
  if (content.bound !== boundOf(call) || content.answered === true) return undefined
  const { payment: sealed, settlement, tokenHash } = content
  if (sealed === undefined) return { kind: 'free' }
  const token = payment.kind === 'token' ? payment.token : content.token
  const isTold = payment.kind === 'token' || payment.kind === 'none'
  const isSame = token !== undefined && hash(token) === tokenHash
  // What is settled needs its token no more.
  if (!isTold || !(isSame || (settlement !== undefined && token === undefined))) return undefined
  const opened = openedPayment(sealed, token ?? '')
  if (settlement === undefined) return { kind: 'verified', verified: opened }
  const { settled, creditsUsed, inV1 } = settlement
  const receipt = { settled, creditsUsed: BigInt(creditsUsed), inV1 }
  return { kind: 'settled', payment: opened, settlement: receipt }
}

function openedPayment(sealed: NonNullable<Sealed['payment']>, token: string): Verified {
  const { amount, verifyAmount, maxAmount, payer, network } = sealed
  const { agentRequestId, correlationId, paymentId, facilitator } = sealed
  const offer = sealed.offer as unknown as PaymentRequired
  return {
    offer,
    terms: termsIn(offer, sealed.terms),
    amount: BigInt(amount),
    verifyAmount: BigInt(verifyAmount),
    maxAmount: maxAmount === undefined ? undefined : BigInt(maxAmount),
    token,
    verification: { isValid: true, payer, network },
    agentRequestId,
    correlationId,
    paymentId,
    facilitator,
  }
}

function termsIn(offer: PaymentRequired, kind: string): Terms {
  const requirements = offer.accepts.find(isAsset)
  if (kind === 'asset' && requirements !== undefined) return { kind, requirements }
  const plans = offer.accepts.filter((one) => 'planId' in one)
  return { kind: 'plan', paymentRequired: requiredFor(offer, plans) }
}

export function boundOf({ id, label, transport }: Call): string {
  // Hashed, since the client chooses how long its id is.
  return hash(JSON.stringify([id, label, transport.shape]))
}

export function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
