import { parse } from './events/parse.js'
import type { Settings } from './options/settings.js'
import { findPrice, quote } from './price/quote.js'
import { storeFor } from './records/store-for.js'
import type { PaymentRequired } from '../wire/x402.js'

/** What sells: a wrapped handler, or an interceptor. */
export type SellerKind = 'handler' | 'interceptor'

/** What a handler or interceptor sells, and for how much. */
export interface Prices {
  /** Whether it answers calls itself, or stands before and after the targets of a Gateway. */
  readonly kind: SellerKind
  /** Its options, every default filled in. */
  readonly settings: Settings
  /** The names in the option `tools`. */
  readonly rows: readonly string[]
  /** Whether HTTP requests are calls by method and path, and not messages of MCP. */
  readonly isHttp: boolean
  /**
   * What the call in an event costs. Nothing is run or charged.
   *
   * @returns the challenge, without the words for people. `undefined`: the call is not sold.
   * @throws PaymentError if the price cannot be said, e.g. because the plan is unknown.
   */
  priceOf(event: unknown): Promise<PaymentRequired | 'free' | undefined>
}

export function pricesOf(settings: Settings, kind: SellerKind): Prices {
  return {
    kind,
    settings,
    rows: [...settings.tools.keys()],
    isHttp: settings.httpEvents === 'http',
    async priceOf(event) {
      const parsed = await parse(event, undefined, settings)
      if (parsed.kind !== 'call') return undefined
      const { call, context } = parsed
      const price = findPrice(call, settings)
      if (typeof price === 'string') return price === 'free' ? price : undefined
      const quoted = await quote(
        { call, settings, context, store: storeFor(settings, context) },
        price,
      )
      return quoted === 'free' ? quoted : quoted.offer
    },
  }
}
