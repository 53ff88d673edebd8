import type { Context } from 'aws-lambda'
import type { GatewayEvent } from '../../../wire/gateway-events.js'
import type { FacilitatorClient } from '../../../facilitators/facilitator-client.js'
import type { Money } from './money.js'

/**
 * The price of a call in money: fixed, or computed once per call from the event without its payment. The
 * arguments in it are the caller's and unchecked.
 */
export type AssetPrice =
  | Money
  | ((event: GatewayEvent, context: Context | undefined) => Money | Promise<Money>)

/** What one tool costs in money. What is left out is taken from the top-level options. */
export interface ToolAssetOptions {
  /**
   * Price in money, for buyers of standard x402: `'$0.01'` in the network's USDC, `{ amount, asset }` in
   * atomic units, or a function of the event. Beside plans, the buyer chooses. With `scheme: 'upto'` it is
   * the most a call may cost. 0 makes the call free. A bad answer of a function refuses the call before
   * anything runs; the answer for a retry with the payment has to be the same.
   * Default: none; paid with plans only.
   */
  price?: AssetPrice | undefined
  /** Address that is paid. Required with `price`. */
  payTo?: string | undefined
}

/** JSON-RPC endpoints of chains, by CAIP-2 network: `{ 'eip155:8453': 'https://…' }`. */
export type RpcUrls = Readonly<Record<string, string | readonly string[]>>

/** How money is taken, beside the options of plans. */
export interface AssetOptions extends ToolAssetOptions {
  /**
   * How long a payment must stay good, so that it still is when the handler is done; buyers sign for this
   * long. Less than half of it left refuses a payment. Unit: s, 10 to 3600. @default 300
   */
  maxTimeoutSeconds?: number | undefined
  /**
   * Who verifies and settles payments in money: `new HTTPFacilitatorClient({ url })`, that of `@x402/core`,
   * or your own. The first healthy one is asked; a verify moves on where one fails, a settle only where
   * nothing was sent. Required with `price`.
   */
  facilitators?: readonly FacilitatorClient[] | undefined
  /**
   * Where the seller's chains can be read, e.g. `{ 'eip155:8453': 'https://mainnet.base.org' }`: https, or http on
   * this machine; of several for one chain the next is asked where one fails. A payment by EIP-3009 that may have
   * been settled is looked up there. Nothing is ever sent to the chain. Default: none, and such payments stay unknown.
   */
  rpcUrls?: RpcUrls | undefined
  /**
   * Whether buyers name their payments by the extension `payment-identifier`: what is sent is checked, given
   * to hooks and events, and refused while another payment of that name is in work. `'off'`: not offered.
   * @default 'optional'
   * @see https://github.com/coinbase/x402/blob/main/specs/extensions/payment_identifier.md
   */
  paymentIdentifier?: 'optional' | 'required' | 'off' | undefined
}
