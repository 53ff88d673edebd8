/** Amounts and ids as they are written on the wire. A leaf; it imports nothing of ours. */

/** A whole amount ≥ 0: credits of a plan, or atomic units of an asset. Never a `number`. */
export type Amount = bigint | string

/** @returns a decimal string as `bigint`; `undefined` if it is no such string. */
export function toAmount(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value >= 0n ? value : undefined
  return typeof value === 'string' && /^(0|[1-9]\d{0,77})$/.test(value) ? BigInt(value) : undefined
}

/** @returns a whole number ≥ 0 of credits as `bigint`; `undefined` for anything else, also for texts. */
export function toCredits(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value >= 0n ? value : undefined
  return Number.isSafeInteger(value) && Number(value) >= 0 ? BigInt(value as number) : undefined
}

/** Whether two ids are the same. Hexadecimal addresses are the same in either case, other ids are not. */
export function sameId(a: string, b: string): boolean {
  if (a === b) return true
  return /^0x[\da-f]+$/i.test(a) && a.toLowerCase() === b.toLowerCase()
}

/** An amount of credits in words: `1 credit`, `2 credits`. */
export function creditsText(amount: bigint | number | string): string {
  return `${amount} ${String(amount) === '1' ? 'credit' : 'credits'}`
}

/** How many reservations one balance has at most. */
export const MAX_RESERVATIONS = 200
