import { createHash } from 'node:crypto'
import { isRecord } from '../x402.js'

/** What of a payment names it: who signs, and with which nonce. Each can be redeemed once. */
export interface Signed {
  readonly payer: string | undefined
  /**
   * The same for the same payment, whatever else is written around it. Of a payment that is signed in several
   * ways, all: which of them counts, the network says.
   */
  readonly keys: readonly string[]
}

/** Reads the payer and the keys of a payment in money. */
export function signedBy({ payload }: Readonly<{ payload?: unknown }>): Signed {
  const signed = isRecord(payload) ? payload : {}
  const { authorization, permit2Authorization } = signed
  const part = isRecord(authorization) ? authorization : permit2Authorization
  const { from, nonce } = isRecord(part) ? part : {}
  const payer = typeof from === 'string' ? from : undefined
  const { transaction } = signed
  const isNamed = payer !== undefined && (typeof nonce === 'string' || typeof nonce === 'number')
  const names = [
    ...(isNamed ? [`${payer}|${canonical(nonce)}`.toLowerCase()] : []),
    ...(transaction === undefined || transaction === null ? [] : [messageOf(transaction)]),
  ]
  return { payer, keys: (names.length === 0 ? [JSON.stringify(signed)] : names).map(hash) }
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
