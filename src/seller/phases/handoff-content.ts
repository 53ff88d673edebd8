import * as z from 'zod/mini'
import type { FoundPayment, Payment } from '../events/payment-carriers.js'
import type { Settings } from '../options/settings.js'
import type { Settleable, Verified } from '../payment/chosen.js'
import type { Settlement } from '../options/payment-record.js'
import { railNamed } from '../rails/rail-named.js'
import type { Identity } from '../records/identity.js'
import { sha256 } from '../../wire/hash.js'
import type { SoldCall } from '../events/call.js'
import { SettleResponseSchema, decodeHeader, type PaymentRequired } from '../../wire/x402.js'

/** What the request phase did about the payment. */
export type HandedOver =
  | { kind: 'free' }
  | { kind: 'verified'; verified: Verified; identity: Identity | undefined }
  /** The call was paid before the target was asked. */
  | {
      kind: 'settled'
      payment: Settleable
      settlement: Settlement
      identity: Identity | undefined
    }

/** What the request phase knows of a call, and the payment that came with it. */
export interface Known {
  readonly handed:
    | Omit<Extract<HandedOver, { kind: 'free' }>, 'identity'>
    | Omit<Extract<HandedOver, { kind: 'verified' }>, 'identity'>
    | Omit<Extract<HandedOver, { kind: 'settled' }>, 'identity'>
  readonly payment: Payment | undefined
  /** The hashes by which payment and call are recognised. */
  readonly identity?: Identity
}

const PaymentSchema = z.object({
  rail: z.string(),
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
const IdentitySchema = z.object({
  key: z.string(),
  alias: z.optional(z.string()),
  payloadHash: z.string(),
  fingerprint: z.string(),
  isIdentified: z.boolean(),
  expiresAt: z.number(),
})
export const SealedSchema = z.object({
  /** The key under which it is kept in a store. An entry under another key does not count. */
  key: z.optional(z.string()),
  /** Whether it marks an answer of the request phase itself. */
  answered: z.optional(z.boolean()),
  /** What it is bound to: a hash of the JSON-RPC id and the call. */
  bound: z.string(),
  tokenHash: z.optional(z.string()),
  token: z.optional(z.string()),
  payment: z.optional(PaymentSchema),
  settlement: z.optional(SettlementSchema),
  identity: z.optional(IdentitySchema),
  call: z.optional(z.looseObject({})),
})
/** What is sealed for the response phase. */
export type Sealed = z.infer<typeof SealedSchema>

export function contentOf(call: SoldCall, { handed, payment, identity }: Known): Sealed {
  const bound = boundOf(call)
  if (handed.kind === 'free' || payment === undefined) return { bound }
  const tokenHash = sha256(payment.token)
  if (handed.kind === 'settled') {
    const { settled, creditsUsed, inV1 } = handed.settlement
    const settlement = { settled, creditsUsed: creditsUsed.toString(), inV1 }
    return { bound, tokenHash, payment: sealedPayment(handed.payment), settlement, identity }
  }
  const token = payment.inHeader ? { token: payment.token } : {}
  return { bound, tokenHash, ...token, payment: sealedPayment(handed.verified), identity }
}

function sealedPayment(payment: Settleable): NonNullable<Sealed['payment']> {
  const { offer, rail, amount, verifyAmount, maxAmount, verification } = payment
  const { agentRequestId, correlationId, paymentId, facilitator } = payment
  return {
    rail: rail.name,
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

/** What was handed over. A seal counts for its own call and payment only. */
export function handedOver(
  content: Sealed,
  call: SoldCall,
  payment: FoundPayment,
  settings: Settings,
): HandedOver | undefined {
  if (content.bound !== boundOf(call) || content.answered === true) return undefined
  const { payment: sealed, settlement } = content
  const identity = content.identity && { alias: undefined, ...content.identity }
  if (sealed === undefined) return { kind: 'free' }
  const came = paymentOf(content, payment)
  const opened = came && openedPayment(sealed, came, settings)
  if (opened === undefined) return undefined
  if (settlement === undefined) return { kind: 'verified', verified: opened, identity }
  const { settled, creditsUsed, inV1 } = settlement
  const receipt = { settled, creditsUsed: BigInt(creditsUsed), inV1 }
  return { kind: 'settled', payment: opened, settlement: receipt, identity }
}

type Came = Pick<Payment, 'token' | 'payload'>

/** The payment that the seal is about, as the response phase is shown it or as the seal holds it. */
function paymentOf(
  { token: sealedToken, tokenHash, settlement }: Sealed,
  payment: FoundPayment,
): Came | undefined {
  if (payment.kind === 'token') return sha256(payment.token) === tokenHash ? payment : undefined
  if (payment.kind !== 'none') return undefined
  if (sealedToken !== undefined) {
    const isSame = sha256(sealedToken) === tokenHash
    return isSame ? { token: sealedToken, payload: decodeHeader(sealedToken) } : undefined
  }
  // A settled payment needs its token no more.
  return settlement && { token: '', payload: undefined }
}

/** @returns `undefined` if this container's options have no such rail. */
function openedPayment(
  sealed: NonNullable<Sealed['payment']>,
  { token, payload }: Came,
  settings: Settings,
): Verified | undefined {
  const { amount, verifyAmount, maxAmount, payer, network } = sealed
  const { agentRequestId, correlationId, paymentId, facilitator } = sealed
  const offer = sealed.offer as unknown as PaymentRequired
  const rail = railNamed(sealed.rail, offer, settings)
  if (rail === undefined) return undefined
  return {
    offer,
    rail,
    amount: BigInt(amount),
    verifyAmount: BigInt(verifyAmount),
    maxAmount: maxAmount === undefined ? undefined : BigInt(maxAmount),
    token,
    payload,
    verification: { isValid: true, payer, network },
    agentRequestId,
    correlationId,
    paymentId,
    mismatch: undefined,
    facilitator,
  }
}

export function boundOf({ id, label, transport }: SoldCall): string {
  // It is hashed, since the client chooses the length of its id.
  return sha256(JSON.stringify([id, label, transport.shape]))
}
