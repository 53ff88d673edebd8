import type { Prices } from '../../seller/prices.js'
import { PRICES } from '../../seller/with-prices.js'
import { isRecord } from '../../wire/json.js'

/** The prices of a handler. @returns `undefined` for a handler that is not made by this package. */
export async function readPrices(handler: unknown): Promise<Prices | undefined> {
  const isObject = typeof handler === 'function' || isRecord(handler)
  const ask = isObject ? (handler as { [PRICES]?: unknown })[PRICES] : undefined
  return typeof ask === 'function' ? (ask as () => Promise<Prices | undefined>)() : undefined
}
