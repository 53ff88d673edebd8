/** Amounts and ids as they are written on the wire. A leaf; it imports nothing of ours. */

/** A whole amount ≥ 0: credits of a plan, or atomic units of an asset. Never a `number`. */
export type Amount = bigint | string

/** @returns a decimal string as `bigint`, `undefined` if it is none. */
export function toAmount(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value >= 0n ? value : undefined
  return typeof value === 'string' && /^(0|[1-9]\d{0,77})$/.test(value) ? BigInt(value) : undefined
}

/** Hexadecimal addresses are the same in either case, others are not. */
export function sameId(a: string, b: string): boolean {
  if (a === b) return true
  return /^0x[\da-f]+$/i.test(a) && a.toLowerCase() === b.toLowerCase()
}

/**
 * A leaf: what counts as an amount of credits.
 *
 * @returns the credits as `bigint`, or `undefined` if the value is not a whole number ≥ 0.
 */
export function toCredits(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value >= 0n ? value : undefined
  return Number.isSafeInteger(value) && Number(value) >= 0 ? BigInt(value as number) : undefined
}
