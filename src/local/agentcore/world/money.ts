/**
 * Dollars as whole numbers of 10^-18, so that units of every token add up exactly. Tokens of the local
 * service are worth one dollar each.
 */
export const DOLLAR_DECIMALS = 18

const DOLLARS = /^(\d{1,30})(?:\.(\d{1,18}))?$/

/** What a decimal string says; undefined if it is none, or has more than 18 decimals. */
export function parseDollars(text: string): bigint | undefined {
  const [, whole, decimals = ''] = DOLLARS.exec(text) ?? []
  return whole === undefined ? undefined : BigInt(whole + decimals.padEnd(DOLLAR_DECIMALS, '0'))
}

/** At least two decimals, and as many as it takes. */
export function formatDollars(value: bigint): string {
  const digits = value.toString().padStart(DOLLAR_DECIMALS + 1, '0')
  const decimals = digits.slice(-DOLLAR_DECIMALS).replace(/0+$/, '').padEnd(2, '0')
  return `${digits.slice(0, -DOLLAR_DECIMALS)}.${decimals}`
}

/** So many atomic units of a token, in dollars. */
export function dollarsOf(units: bigint, tokenDecimals: number): bigint {
  return units * 10n ** BigInt(DOLLAR_DECIMALS - tokenDecimals)
}
