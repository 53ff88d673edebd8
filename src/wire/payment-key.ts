import { createHash } from 'node:crypto'
import { isRecord } from './json.js'
import { signedPart } from './signed-terms.js'

/** Who signed a payment in money, where it says so. */
export function payerOf({ payload }: Readonly<{ payload?: unknown }>): string | undefined {
  const from = signedPart(isRecord(payload) ? payload : {})?.from
  return typeof from === 'string' ? from : undefined
}

/**
 * Names of a payment: the same for the same payment, whatever else is written around it. Of one that is signed in
 * several ways, all: which of them counts, the network says.
 */
export function keysOf(payment: Readonly<{ payload?: unknown }>): string[] {
  const signed = isRecord(payment.payload) ? payment.payload : {}
  const payer = payerOf(payment)
  const nonce = signedPart(signed)?.nonce
  const { transaction } = signed
  const isNamed = payer !== undefined && (typeof nonce === 'string' || typeof nonce === 'number')
  const names = [
    ...(isNamed ? [`${payer}|${canonical(nonce)}`.toLowerCase()] : []),
    ...(transaction === undefined || transaction === null ? [] : [messageOf(transaction)]),
  ]
  return (names.length === 0 ? [JSON.stringify(signed)] : names).map(hash)
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/**
 * What the signatures of a transaction of Solana are for. Who pays the fee signs last, so that anything may stand
 * in the place of that signature before. Of others the transaction itself.
 *
 * @see https://solana.com/docs/core/transactions
 */
function messageOf(transaction: unknown): string {
  if (typeof transaction !== 'string') return JSON.stringify(transaction)
  const bytes = Buffer.from(transaction, 'base64')
  const [signatures = 0] = bytes
  const at = 1 + signatures * SIGNATURE_BYTES
  const isSigned = signatures > 0 && signatures <= MAX_SIGNATURES && at < bytes.length
  return (isSigned ? bytes.subarray(at) : bytes).toString('base64')
}

const SIGNATURE_BYTES = 64
/** More do not fit into a transaction of Solana. */
const MAX_SIGNATURES = 19

/** On a chain a nonce is a number, however it is written. */
function canonical(nonce: string | number): string {
  try {
    return BigInt(nonce).toString()
  } catch {
    return String(nonce)
  }
}
