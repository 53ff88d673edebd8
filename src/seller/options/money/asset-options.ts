import type { Context } from 'aws-lambda'
import type { GatewayEvent } from '../../../wire/gateway-events.js'
import type { FacilitatorClient } from '../../../facilitators/facilitator-client.js'
import type { Money } from './money.js'

/**
 * The price of a call in money: fixed, or computed once for each call. A function gets the event without its payment.
 * The arguments in the event are the caller's and unchecked.
 */
export type AssetPrice = Money | PriceFunction

/** Computes the price of one call in money. The event is as it came, without its payment. */
export type PriceFunction = (
  event: GatewayEvent,
  context: Context | undefined,
) => Money | Promise<Money>

/** What one tool costs in money. What is left out has the value that stands beside `tools`. */
export interface ToolAssetOptions {
  /**
   * The price in money, for buyers of standard x402: `'$0.01'` in the network's USDC, `{ amount, asset }` in atomic
   * units, or a function of the event. If there are plans too, the buyer chooses. With `scheme: 'upto'` this
   * price is the most that a call may cost. 0 makes the call free. If a function gives no good price, the call is refused before anything
   * runs. A function must give the same price when the buyer comes back with a payment. Unit: US dollars as text, or
   * atomic units of the asset.
   *
   * @default none
   */
  price?: AssetPrice | undefined
  /**
   * The address that is paid. Required with `price`.
   *
   * @default none
   */
  payTo?: string | undefined
}

/** JSON-RPC endpoints of chains, by CAIP-2 network: `{ 'eip155:8453': 'https://…' }`. */
export type RpcUrls = Readonly<Record<string, string | readonly string[]>>

/** How money is taken, beside the options of plans. */
export interface AssetOptions extends ToolAssetOptions {
  /**
   * How long a payment must be valid, so that it still is when the handler is done. Buyers sign for this long. A
   * payment that has less than half of it left is refused. Unit: s, 10 to 3600.
   *
   * @default 300
   */
  maxTimeoutSeconds?: number | undefined
  /**
   * Who verifies and settles payments in money: `new HTTPFacilitatorClient({ url })`, the client of `@x402/core`, or
   * your own. Required with `price`. The first healthy one is asked. A verify that fails goes on to the next one. A
   * settle goes on only if nothing was sent.
   *
   * @default none
   */
  facilitators?: readonly FacilitatorClient[] | undefined
  /**
   * Where the seller's chains can be read, by CAIP-2 network, e.g. `{ 'eip155:8453': 'https://mainnet.base.org' }`.
   * Each URL is https, or http on this machine. If a chain has several URLs and one fails, the next one is asked. A payment
   * by EIP-3009 that may have been settled is looked up on its chain. Nothing is ever sent to a chain. Without
   * `rpcUrls`, such payments stay unknown.
   *
   * @default none
   */
  rpcUrls?: RpcUrls | undefined
  /**
   * Whether buyers name their payments by the extension `payment-identifier`. A name is checked, and given to hooks and
   * events. A second payment is refused while another of the same name is in work.
   * - `'optional'`: buyers may name their payments.
   * - `'required'`: a payment without a name is refused.
   * - `'off'`: the extension is not offered.
   *
   * @default 'optional'
   * @see https://github.com/coinbase/x402/blob/main/specs/extensions/payment_identifier.md
   */
  paymentIdentifier?: 'optional' | 'required' | 'off' | undefined
}
