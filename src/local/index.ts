import {
  createPaymentsService,
  type MountablePaymentsService,
  type PaymentsServiceOptions,
} from './agentcore/index.js'
import { createGateway, type MountableGateway } from './gateway/index.js'
import { Ledger, type LocalPlan } from './nevermined/ledger.js'
import { exampleHandler } from './example-handler.js'
import { gatewayEvent } from './gateway-event.js'
import { shopGateway, type ShopOptions } from './shop.js'
import { startServer, type LocalServer } from './server.js'
import { createSigner, mintApiKey, mintToken } from './nevermined/token.js'
import {
  createX402,
  X402_PATH,
  type LocalX402,
  type MountableX402,
  type X402Options,
} from './x402/index.js'

export { createPaymentsService, startPaymentsService } from './agentcore/index.js'
export type {
  InstrumentStatus,
  LocalInstrument,
  LocalPaymentsManager,
  LocalPaymentsService,
  LocalSession,
  LocalToken,
  MountablePaymentsService,
  PaymentsCall,
  PaymentsFault,
  PaymentsFaults,
  PaymentsPeeks,
  PaymentsServiceOptions,
  WalletBalance,
} from './agentcore/index.js'
export type { Fault, Faults, Route } from './http/faults.js'
export type { Assumptions } from './gateway/protocol/assumptions.js'
export { createGateway, startGateway } from './gateway/index.js'
export type { LocalGateway, MountableGateway } from './gateway/index.js'
export type { Invocation } from './gateway/protocol/invocations.js'
export type {
  GatewayInterceptor,
  GatewayOptions,
  GatewayTarget,
  HttpTarget,
  LambdaTarget,
  McpTarget,
  ToolDefinition,
  ToolSchema,
} from './gateway/protocol/options.js'
export type { Lambda, LambdaFunction, LambdaHandler, LambdaInvocation } from './lambda/lambda.js'
export { LambdaError, localContext } from './lambda/lambda.js'
export { startLambda } from './lambda/process.js'
export type { LambdaProcess, LambdaProcessOptions } from './lambda/process.js'
export type {
  Ledger,
  LocalAccount,
  LocalDelegation,
  LocalPlan,
  LocalSettlement,
} from './nevermined/ledger.js'
export type { RecordedCall } from './server.js'
export type { ShopOptions } from './shop.js'
export type {
  LocalX402,
  X402Asset,
  X402Call,
  X402Fault,
  X402Faults,
  X402Options,
  X402Route,
  X402Settlement,
} from './x402/index.js'

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

/**
 * Starts the local stack: Nevermined's HTTP contract over a ledger with real rules, a facilitator of x402's own
 * schemes, a Gateway, and AgentCore payments. Nothing leaves the machine, and tokens and money are worthless
 * anywhere else.
 *
 * @example
 * const local = await startLocal()
 * const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
 * @throws OptionsError if the Gateway at `/mcp` cannot be made or no chain starts where one is wanted, and the
 * system's error if the port cannot be had, e.g. with code `EADDRINUSE`.
 */
export async function startLocal(options: LocalOptions = {}): Promise<Local> {
  const { delayMs = 0, now = Date.now } = options
  const x402 = await createX402(options.x402 ?? {}, { now, delayMs })
  try {
    return await start(options, x402)
  } catch (error) {
    await x402.close()
    throw error
  }
}

async function start(options: LocalOptions, mounted: MountableX402): Promise<Local> {
  const { port = 0, delayMs = 0, credits = 100n, now = Date.now } = options
  const ledger = new Ledger(now)
  const signer = createSigner()
  const permissions = new Map<string, { delegationId: string | undefined }>()
  const seller = ledger.addAccount()
  const subscriber = ledger.addAccount()
  const { planId } = ledger.addPlan(options.plan)
  ledger.credit(planId, subscriber.address, credits)

  const { handle: handleX402, close: closeX402, walletFunds, ...x402 } = mounted
  const money = { ...x402, walletFunds }
  const paymentsService = createPaymentsService({ now, ...options.paymentsService }, money)
  const nvmApiKey = mintApiKey(seller.address, signer)
  let gateway: MountableGateway | undefined
  const sell = (shop: ShopOptions): void => {
    const who = { nvmApiKey, backendUrl: url, planId, address: seller.address }
    const opened = createGateway(shopGateway(shop, who, exampleHandler))
    void gateway?.close()
    gateway = opened
  }
  const server = await startServer({
    port,
    delayMs,
    world: { ledger, signer, permissions },
    mcp: async (request, response) => gateway?.handle(request, response),
    payments: (request, response) => paymentsService.handle(request, response),
    x402: handleX402,
  })
  const url = `http://127.0.0.1:${server.port}`
  try {
    sell(options)
  } catch (error) {
    await server.close()
    throw error
  }

  function accessToken(token: TokenOptions = {}): string {
    const { version = 2, from = subscriber.address, delegationId, ...bound } = token
    const plan = ledger.plan(bound.planId ?? planId)
    const minted = mintToken({ ...bound, ...termsOf(plan), from, version }, signer)
    permissions.set(minted.signature, { delegationId })
    return minted.token
  }

  return {
    ...server,
    url,
    nvmApiKey,
    subscriberApiKey: mintApiKey(subscriber.address, signer),
    sellerAddress: seller.address,
    subscriberAddress: subscriber.address,
    planId,
    ledger,
    paymentsService,
    x402: { ...x402, url: `${url}${X402_PATH}` },
    accessToken,
    paidEvent: (tool, args = {}, token = accessToken()) =>
      gatewayEvent(
        { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: args } },
        token === null ? {} : { 'payment-signature': token },
      ),
    balance: () => ledger.balance(planId, subscriber.address),
    sell,
    close: async () => {
      await gateway?.close()
      await server.close()
      await closeX402()
    },
  }
}

function termsOf({ planId, fiatProvider }: LocalPlan): {
  planId: string
  scheme: string
  network: string
} {
  return fiatProvider === undefined
    ? { planId, scheme: 'nvm:erc4337', network: 'eip155:84532' }
    : { planId, scheme: 'nvm:card-delegation', network: fiatProvider }
}
