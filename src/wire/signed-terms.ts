import { isRecord } from './json.js'
import { sameId, toAmount } from './amounts.js'

/** The longest that a signed payment may be valid if no limit is given. Unit: seconds. */
export const DEFAULT_VALID_SECONDS = 3600

/** How far the clocks of the signer and of the seller may differ from this one. Unit: seconds. */
export const CLOCK_SKEW_SECONDS = 60

/**
 * A transfer that its recipient submits.
 *
 * @see https://eips.ethereum.org/EIPS/eip-3009
 */
export const TRANSFER_WITH_AUTHORIZATION = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
] as const

/** The terms that a payment may be signed for. */
export interface SignedTerms {
  amount: bigint | undefined
  asset: string | undefined
  payTo: string | undefined
  /** The latest it may still be settled. Unit: seconds since the epoch. */
  latestSeconds: number
}

/**
 * Compares what was signed with the terms. Only the signed part counts, not what stands beside it. In x402
 * that is a transfer by EIP-3009 or a permission by Permit2. Missing fields belong to other schemes, whose
 * payloads cannot be read here.
 *
 * @returns the first field that differs from the terms.
 * @see https://github.com/coinbase/x402/blob/main/specs/schemes/exact/scheme_exact_evm.md
 */
export function signedMismatch(payload: unknown, terms: SignedTerms): string | undefined {
  const { authorization, permit2Authorization } = fieldsOf(payload)
  const permit = fieldsOf(permit2Authorization)
  const permitted = fieldsOf(permit['permitted'])
  const inPermit = first([
    ['permitted.amount', isAmount(permitted['amount'], terms.amount)],
    ['permitted.token', isId(permitted['token'], terms.asset)],
    ['witness.to', isId(fieldsOf(permit['witness'])['to'], terms.payTo)],
    ['deadline', isInTime(permit['deadline'], terms.latestSeconds)],
  ])
  if (inPermit !== undefined) return `permit2Authorization.${inPermit}`
  const inTransfer = transferMismatch(fieldsOf(authorization), terms)
  return inTransfer && `authorization.${inTransfer}`
}

/** Checks a transfer by EIP-3009 alone, as MPP has it. */
export function transferMismatch(
  transfer: Readonly<Record<string, unknown>>,
  { amount, payTo, latestSeconds }: SignedTerms,
): string | undefined {
  return first([
    ['value', isAmount(transfer['value'], amount)],
    ['to', isId(transfer['to'], payTo)],
    ['validBefore', isInTime(transfer['validBefore'], latestSeconds)],
  ])
}

/**
 * Whether a payment would be valid no longer than allowed. A seller that does not say leaves it to the
 * signer. A value that is no number can be read as any.
 */
export function isValidFor(seconds: unknown, mostSeconds: number): boolean {
  return isAbsent(seconds) || (typeof seconds === 'number' && seconds <= mostSeconds)
}

/**
 * Until when a signed payment can be settled.
 *
 * @param payload the payload of x402, or the transfer of MPP
 * @returns seconds since the epoch; `undefined` if it does not say.
 */
export function signedUntil(payload: unknown): number | undefined {
  const fields = fieldsOf(payload)
  const until = signedPart(fields)?.validBefore ?? fields['validBefore']
  const seconds = typeof until === 'number' ? until : Number(toAmount(until) ?? NaN)
  return Number.isFinite(seconds) ? seconds : undefined
}

/** The part that a payer signed on an EVM chain, by EIP-3009 or Permit2, under the names of EIP-3009. */
export interface SignedPart {
  readonly from: unknown
  readonly nonce: unknown
  readonly validAfter: unknown
  readonly validBefore: unknown
  /** Amount and payee. With Permit2 also the asset. */
  readonly terms: readonly unknown[]
}

/** @returns `undefined` if neither is there. */
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
  const { amount, token } = fieldsOf(permitted)
  const { to, validAfter } = fieldsOf(witness)
  return { from, nonce, validAfter, validBefore: deadline, terms: [amount, token, to] }
}

function first(checks: readonly (readonly [string, boolean])[]): string | undefined {
  return checks.find(([, isRight]) => !isRight)?.[0]
}

function isAmount(signed: unknown, amount: bigint | undefined): boolean {
  return isAbsent(signed) || (amount !== undefined && toAmount(signed) === amount)
}

function isId(signed: unknown, wanted: string | undefined): boolean {
  if (isAbsent(signed)) return true
  return typeof signed === 'string' && wanted !== undefined && sameId(signed, wanted)
}

function isInTime(signed: unknown, latestSeconds: number): boolean {
  if (isAbsent(signed)) return true
  const seconds = typeof signed === 'number' ? signed : toAmount(signed)
  return seconds !== undefined && seconds <= latestSeconds
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}
