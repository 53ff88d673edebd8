import type { LocalPayments, PaymentsServiceOptions } from './agentcore/index.js'
import type { Ledger } from './nevermined/ledger.js'
import type { LocalPlan } from './nevermined/ledger-entries.js'
import type { LocalServer } from './server.js'
import type { ShopOptions } from './shop.js'
import type { LocalTable } from './table/payment-table.js'
import type { LocalX402, X402Options } from './x402/index.js'

/** The options of the local stack. Everything has a default. */
export interface LocalOptions extends ShopOptions {
  /**
   * The port to listen on. Unit: a TCP port, 0 to 65 535.
   *
   * @default 0: the system chooses
   */
  port?: number
  /**
   * The address to listen on: this machine alone, or every address of it (`0.0.0.0`, or `::` with IPv6), e.g. in a
   * container whose port is published. Only requests that name this machine in `Host` are answered in either case.
   *
   * @default '127.0.0.1'
   */
  host?: '127.0.0.1' | '0.0.0.0' | '::'
  /**
   * Added to every answer of both facilitators. Unit: ms, 0 or more.
   *
   * @default 0
   */
  delayMs?: number
  /**
   * A folder in which the stack keeps keys, plan, wallets and balances between starts. It is made if it is not there.
   * One stack at a time may use it. Money on a chain is not kept.
   *
   * @default none: everything is in memory, and new at each start
   */
  folder?: string
  /**
   * Keeps payments in a table, as sellers do in AWS: the example that is sold at `/mcp` does, and your own handler can.
   * `true` starts a server of DynamoDB's API, if dynoxide is installed. A URL names one that runs on this machine. The
   * table is made if it is not there. It needs `@aws-sdk/client-dynamodb`.
   *
   * @default false: no table
   */
  table?: boolean | string
  /**
   * Deletes what `folder` holds before the start.
   *
   * @default false
   */
  reset?: boolean
  /**
   * The plan on sale. With a `folder` that knows a plan, it replaces the members of that plan.
   *
   * @default bought on chain, $1.00 for 100 credits, 1 to 1000 credits a call
   */
  plan?: Partial<LocalPlan>
  /**
   * What the subscriber holds at the start. Unit: credits of the plan.
   *
   * @default 100n; with a `folder` that knows the subscriber, what was left
   */
  credits?: bigint
  /**
   * The clock of ledger, payments service and facilitators, to replace in tests. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: () => number
  /**
   * Options of the AgentCore payments service on the same port.
   *
   * @default none: each has its own default
   */
  paymentsService?: PaymentsServiceOptions
  /**
   * Options of the standard x402 facilitator on the same port.
   *
   * @default none: each has its own default
   */
  x402?: X402Options
}

/** The options of `local.accessToken`. Everything has a default. */
export interface TokenOptions {
  /**
   * The plan that the token pays from.
   *
   * @default the plan on sale
   */
  planId?: string
  /**
   * Address of the payer.
   *
   * @default the subscriber
   */
  from?: string
  /**
   * 3 is single-use and bound to `resource`. 2 can be used again.
   *
   * @default 2
   */
  version?: 2 | 3
  /**
   * What the token is bound to.
   *
   * @default none
   */
  resource?: { url: string }
  /**
   * The agent that the token is bound to.
   *
   * @default none
   */
  agentId?: string
  /**
   * The HTTP method that the token is bound to.
   *
   * @default none
   */
  httpVerb?: string
  /**
   * Lets a settle order more credits from this delegation.
   *
   * @default none
   */
  delegationId?: string
}

/** A running local stack: a facilitator on loopback, its ledger, and everything to test against it. */
export interface Local extends Omit<LocalServer, 'port'> {
  /** Where the stack is: `http://127.0.0.1:<port>`. It is also the API of Nevermined. */
  url: string
  /** The port that the stack listens on. */
  port: number
  /** The seller's key, `NVM_API_KEY`. */
  nvmApiKey: string
  /** The seller's address. The example at `/mcp` takes money for it. */
  sellerAddress: string
  /** The API key of the buyer who holds credits, `NVM_SUBSCRIBER_API_KEY`. */
  subscriberApiKey: string
  /** The address of the buyer who holds credits. */
  subscriberAddress: string
  /** The id of the plan on sale. */
  planId: string
  /** The plans, accounts and balances of the Nevermined facilitator. Tests may change them. */
  ledger: Ledger
  /** The AgentCore payments service. AWS's clients take `url` as their endpoint. */
  paymentsService: LocalPayments
  /** The standard x402 facilitator. It settles what wallets of the payments service sign, too. */
  x402: LocalX402
  /** The table of payments. `undefined` without the option `table`. */
  table: LocalTable | undefined
  /**
   * Serves a text at `/try/<name>`, made anew for each request. The lines that `agentcore-x402 local` prints fetch their
   * payments there.
   */
  serveText(name: string, make: () => string | Promise<string>): void
  /** Mints a token of the subscriber, or of the payer that the options name. */
  accessToken(options?: TokenOptions): string
  /**
   * A Gateway event that calls a tool. It is paid with a new token, unless `token` is given. With `null` it
   * is not paid.
   */
  paidEvent(
    tool: string,
    args?: Record<string, unknown>,
    token?: string | null,
  ): Record<string, unknown>
  /** How many credits the subscriber holds. It is read from the ledger. */
  balance(): bigint
  /**
   * Sells something else at `/mcp` from now on, e.g. a handler that needs `nvmApiKey` and `url`.
   *
   * @throws OptionsError if a Gateway cannot be made of it.
   */
  sell(shop: ShopOptions): void
}
