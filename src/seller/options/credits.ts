/**
 * A leaf: what counts as an amount of credits.
 *
 * @returns the credits as `bigint`, or `undefined` if the value is not a whole number ≥ 0.
 */
export function toCredits(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value >= 0n ? value : undefined
  return Number.isSafeInteger(value) && Number(value) >= 0 ? BigInt(value as number) : undefined
}
