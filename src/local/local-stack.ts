import type { MountablePaymentsService, PaymentsServiceOptions } from './agentcore/index.js'
import type { Ledger } from './nevermined/ledger.js'
import type { LocalPlan } from './nevermined/ledger-entries.js'
import type { LocalServer } from './server.js'
import type { ShopOptions } from './shop.js'
import type { LocalX402, X402Options } from './x402/index.js'

/** What the local stack is started with; everything has a default. */
export interface LocalOptions extends ShopOptions {
  /** @default 0: the system chooses */
  port?: number
  /** Added to every answer of both facilitators. Unit: ms. @default 0 */
  delayMs?: number
  /** The plan on sale. Default: bought on chain, $1.00 for 100 credits, 1 to 1000 credits a call. */
  plan?: Partial<LocalPlan>
  /** Credits the subscriber starts with. @default 100n */
  credits?: bigint
  /** Clock of ledger, payments service and facilitators. Unit: ms since the epoch. @default Date.now */
  now?: () => number
  /** The AgentCore payments service on the same port. */
  paymentsService?: PaymentsServiceOptions
  /** The standard x402 facilitator on the same port. */
  x402?: X402Options
}

/** What a token is minted with; everything has a default. */
export interface TokenOptions {
  planId?: string
  /** Address of the payer. Default: the subscriber. */
  from?: string
  /** 3 is single-use and bound to `resource`. @default 2 */
  version?: 2 | 3
  resource?: { url: string }
  agentId?: string
  httpVerb?: string
  /** Lets settle top up from this delegation. */
  delegationId?: string
}

/** A running local stack: a facilitator on loopback, its ledger, and everything to test against it. */
export interface Local extends Omit<LocalServer, 'port'> {
  url: string
  port: number
  /** The seller's key, `NVM_API_KEY`. */
  nvmApiKey: string
  /** Where money for the seller goes, e.g. what the example at `/mcp` takes. */
  sellerAddress: string
  /** A key of the buyer who holds credits, `NVM_SUBSCRIBER_API_KEY`. */
  subscriberApiKey: string
  subscriberAddress: string
  planId: string
  ledger: Ledger
  /** AgentCore payments; `url` is the endpoint of AWS's clients. */
  paymentsService: MountablePaymentsService
  /** The standard x402 facilitator; its wallets are those of the payments service, too. */
  x402: LocalX402
  /** Mints a token of the subscriber. */
  accessToken(options?: TokenOptions): string
  /** A Gateway event calling a tool, paid with a fresh token unless `token` says otherwise. */
  paidEvent(
    tool: string,
    args?: Record<string, unknown>,
    token?: string | null,
  ): Record<string, unknown>
  /** Credits the subscriber holds, straight from the ledger. */
  balance(): bigint
  /**
   * Sells something else at `/mcp` from now on, e.g. a handler that is made with `nvmApiKey` and `url`.
   *
   * @throws OptionsError if a Gateway cannot be made of it.
   */
  sell(shop: ShopOptions): void
}
