import { isRecord } from './json.js'

/** What a payer signed on an EVM chain, by EIP-3009 or Permit2, under the names of the former. */
export interface SignedPart {
  readonly from: unknown
  readonly nonce: unknown
  readonly validAfter: unknown
  readonly validBefore: unknown
  /** Amount, payee, and of Permit2 the asset. */
  readonly terms: readonly unknown[]
}

/** @returns `undefined` where neither is there. */
export function signedPart({
  authorization,
  permit2Authorization,
}: Readonly<Record<string, unknown>>): SignedPart | undefined {
  if (isRecord(authorization)) {
    const { from, nonce, validAfter, validBefore, value, to } = authorization
    return { from, nonce, validAfter, validBefore, terms: [value, to] }
  }
  if (!isRecord(permit2Authorization)) return undefined
  const { from, nonce, deadline, permitted, witness } = permit2Authorization
  const { amount, token } = isRecord(permitted) ? permitted : {}
  const { to, validAfter } = isRecord(witness) ? witness : {}
  return { from, nonce, validAfter, validBefore: deadline, terms: [amount, token, to] }
}
