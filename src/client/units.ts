/** A whole amount ≥ 0: credits of a plan, or atomic units of an asset. Never a `number`. */
export type Amount = bigint | string

/** What is paid with: credits of a Nevermined plan, or an asset on a network. */
export type PaymentUnit = { planId: string } | { network: string; asset: string }

export function sameUnit(a: PaymentUnit, b: PaymentUnit): boolean {
  if ('planId' in a) return 'planId' in b && a.planId === b.planId
  return !('planId' in b) && a.network === b.network && sameId(a.asset, b.asset)
}

/** Hexadecimal addresses are the same in either case, others are not. */
export function sameId(a: string, b: string): boolean {
  if (a === b) return true
  return /^0x[\da-f]+$/i.test(a) && a.toLowerCase() === b.toLowerCase()
}

/** @returns a decimal string as `bigint`, `undefined` if it is none. */
export function toAmount(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value >= 0n ? value : undefined
  return typeof value === 'string' && /^(0|[1-9]\d{0,77})$/.test(value) ? BigInt(value) : undefined
}
