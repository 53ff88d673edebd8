import { canonicalJson } from './canonical-json.js'
import { sha256 } from './hash.js'
import { isRecord } from './json.js'
import { caip2 } from './networks.js'
import { signedPart } from './signed-terms.js'
import { asPayment } from './x402.js'

type Payload = Readonly<Record<string, unknown>>

/** Who signed a payment in money, if the payment names the signer. */
export function payerOf({ payload }: Readonly<{ payload?: unknown }>): string | undefined {
  const from = signedPart(isRecord(payload) ? payload : {})?.from
  return typeof from === 'string' ? from : undefined
}

/** Where a payment in money is settled, by the seller's terms. */
export interface SettledOn {
  readonly network: string
  readonly asset: string
}

/**
 * The key that makes a payment in money unique: network, asset, payer and nonce. They are signed, so nobody
 * can vary them, whatever else is written around them. Network and asset are those of the payment, or the
 * seller's if it names none.
 */
export function assetPaymentKey(payload: Payload, own: SettledOn): string {
  const { x402Version } = payload
  // Version 1 has no `accepted`. A buyer may write anything there, and nobody compares it.
  const accepted = x402Version !== 1 && isRecord(payload['accepted']) ? payload['accepted'] : {}
  const network = textOr(accepted['network'] ?? namedInV1(payload['network']), own.network)
  const asset = textOr(accepted['asset'], own.asset)
  const signed = isRecord(payload['payload']) ? payload['payload'] : {}
  const part = signedPart(signed)
  if (part !== undefined && network.toLowerCase().startsWith('eip155:')) {
    return sha256(
      `${network}|${asset}|${String(part.from)}|${canonicalNonce(part.nonce)}`.toLowerCase(),
    )
  }
  const { transaction } = signed
  const isNamed = transaction !== undefined && transaction !== null
  return sha256(`${network}|${isNamed ? messageOf(transaction) : canonicalJson(signed)}`)
}

/**
 * The key that makes a single-use token of Nevermined unique: its nonce, and who gave the permission. A nonce
 * counts in any form. A text that cannot be read is known by its own characters.
 *
 * @returns `undefined` for a reusable token (version 2), which has no nonce.
 */
export function tokenKey(payload: Payload | undefined, token: string): string | undefined {
  if (payload === undefined) return sha256(`text|${token}`)
  const payment = asPayment(payload)
  if (payment === undefined) return sha256(`json|${canonicalJson(payload)}`)
  const { authorization } = payment.payload
  const nonce = authorization?.['nonce']
  if (nonce === undefined || nonce === null) return undefined
  const named = (typeof nonce === 'string' ? nonce : canonicalJson(nonce)).trim()
  if (named === '') return undefined
  return sha256(`token|${named}|${textOr(authorization?.['from'], '').toLowerCase()}`)
}

/**
 * The id of a refund. Every call that reports the refund computes the same id. It leads to the record of the
 * payment.
 *
 * @param key key of the record
 * @param correlationId id of the settle that is to be paid back: the same call may be sold again later
 */
export function refundIdOf(key: string, correlationId: string): string {
  return `${key}.${sha256(correlationId).slice(0, SETTLE_CHARS)}`
}

/** @returns the key of the record that the id of a refund leads to. */
export function keyOfRefund(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('.')))
}

/** This much of a hash distinguishes the settles of one key. Unit: characters. */
const SETTLE_CHARS = 12

/** Until when a payment can be settled, if it says so. Unit: ms since the epoch. */
export function goodUntilMs(payload: Payload | undefined): number | undefined {
  const signed = payload?.['payload']
  const validBefore = Number(signedPart(isRecord(signed) ? signed : {})?.validBefore ?? Number.NaN)
  return Number.isFinite(validBefore) ? validBefore * 1000 : undefined
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

function namedInV1(network: unknown): string | undefined {
  return typeof network === 'string' ? caip2(network) : undefined
}

/**
 * The message that the signatures of a Solana transaction are for. The payer of the fee signs last, so
 * anything may stand in the place of that signature before. For other texts, the transaction itself.
 *
 * @see https://solana.com/docs/core/transactions
 */
function messageOf(transaction: unknown): string {
  if (typeof transaction !== 'string') return canonicalJson(transaction)
  const bytes = Buffer.from(transaction, 'base64')
  const [signatures = 0] = bytes
  const at = 1 + signatures * SIGNATURE_BYTES
  const isSigned = signatures > 0 && signatures <= MAX_SIGNATURES && at < bytes.length
  return (isSigned ? bytes.subarray(at) : bytes).toString('base64')
}

const SIGNATURE_BYTES = 64
/** A transaction of Solana has no room for more. */
const MAX_SIGNATURES = 19

/** A nonce in one form: on a chain it is a number, however it is written. */
function canonicalNonce(nonce: unknown): string {
  try {
    return BigInt(nonce as string).toString(16)
  } catch {
    return String(nonce)
  }
}
