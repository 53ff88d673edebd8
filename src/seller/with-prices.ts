import type { Settings } from './options/settings.js'
import type { SellerKind } from './prices.js'

/** The member of a handler that knows its prices. It is the same in every copy of this package. */
export const PRICES = Symbol.for('agentcore-x402.prices')

/** Lets the local stack and `doctor` ask what is sold without calling the handler. Nothing else uses this. */
export function withPrices<T extends object>(handler: T, settings: Settings, kind: SellerKind): T {
  const value = async (): Promise<unknown> => (await import('./prices.js')).pricesOf(settings, kind)
  return Object.defineProperty(handler, PRICES, { value })
}
