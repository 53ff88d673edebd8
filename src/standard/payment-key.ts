import { createHash } from 'node:crypto'
import { isRecord } from '../x402.js'

/** What of a payment names it: who signs, and with which nonce. Each can be redeemed once. */
export interface Signed {
  readonly payer: string | undefined
  /** The same for the same payment, whatever else is written around it; of Solana its transaction. */
  readonly key: string
}

/** Reads the payer and a key of a payment in money. */
export function signedBy({ payload }: Readonly<{ payload?: unknown }>): Signed {
  const signed = isRecord(payload) ? payload : {}
  const { authorization, permit2Authorization } = signed
  const part = isRecord(authorization) ? authorization : permit2Authorization
  const { from, nonce } = isRecord(part) ? part : {}
  const payer = typeof from === 'string' ? from : undefined
  const named =
    payer !== undefined && (typeof nonce === 'string' || typeof nonce === 'number')
      ? `${payer}|${canonical(nonce)}`.toLowerCase()
      : JSON.stringify(signed['transaction'] ?? signed)
  return { payer, key: createHash('sha256').update(named).digest('base64url') }
}

/** On a chain a nonce is a number, however it is written. */
function canonical(nonce: string | number): string {
  try {
    return BigInt(nonce).toString()
  } catch {
    return String(nonce)
  }
}
