/**
 * Dollars are whole numbers of 10^-18 dollars, so that units of every token add up exactly. One token of the
 * local service is worth one dollar.
 */
export const DOLLAR_DECIMALS = 18

const DOLLARS = /^(\d{1,30})(?:\.(\d{1,18}))?$/

/** Reads a decimal text; `undefined` if it is none, or if it has more than 18 decimals. */
export function parseDollars(text: string): bigint | undefined {
  const [, whole, decimals = ''] = DOLLARS.exec(text) ?? []
  return whole === undefined ? undefined : BigInt(whole + decimals.padEnd(DOLLAR_DECIMALS, '0'))
}

/** Writes dollars with two decimals, or more if needed. */
export function formatDollars(value: bigint): string {
  const digits = value.toString().padStart(DOLLAR_DECIMALS + 1, '0')
  const decimals = digits.slice(-DOLLAR_DECIMALS).replace(/0+$/, '').padEnd(2, '0')
  return `${digits.slice(0, -DOLLAR_DECIMALS)}.${decimals}`
}

/** The dollars that an amount is worth. Unit of the amount: atomic units of the token. */
export function dollarsOf(units: bigint, tokenDecimals: number): bigint {
  return units * 10n ** BigInt(DOLLAR_DECIMALS - tokenDecimals)
}
