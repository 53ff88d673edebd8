import { inCall } from '../errors/in-call.js'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createPaymentsService } from './agentcore/index.js'
import { exampleHandler } from './example-handler.js'
import { gatewayEvent } from './gateway-event.js'
import { mountGateway, type MountableGateway } from './gateway/index.js'
import type { Local, LocalOptions, TokenOptions } from './local-stack.js'
import type { World } from './nevermined/api-call.js'
import { Ledger } from './nevermined/ledger.js'
import type { LocalPlan } from './nevermined/ledger-entries.js'
import { createSigner, mintApiKey, mintToken } from './nevermined/token.js'
import { startServer } from './server.js'
import { shopGateway, type Seller, type ShopOptions } from './shop.js'
import { createX402, X402_PATH, type MountableX402 } from './x402/index.js'

/**
 * Starts the local stack: Nevermined's HTTP API over a ledger with its rules, a facilitator of x402's own
 * schemes, a Gateway, and AgentCore payments. Nothing leaves the machine. Tokens and money are worthless
 * anywhere else.
 *
 * @example
 * const local = await startLocal()
 * const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
 * @throws OptionsError if the Gateway at `/mcp` cannot be made, or if a chain is wanted and none starts.
 * @throws the system's error if the port cannot be had, e.g. with code `EADDRINUSE`.
 */
export async function startLocal(options: LocalOptions = {}): Promise<Local> {
  return inCall('startLocal', options, () => open(options))
}

async function open(options: LocalOptions): Promise<Local> {
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
  const { port = 0, delayMs = 0, now = Date.now } = options
  const market = openMarket(options)
  const { world, ...known } = market
  const { handle: handleX402, close: closeX402, walletFunds, ...x402 } = mounted
  const purse = { ...x402, walletFunds }
  const mountedPayments = createPaymentsService({ now, ...options.paymentsService }, purse)
  const { handle: handlePayments, ...paymentsService } = mountedPayments
  const shopFront = openShopFront()
  const server = await startServer({
    port,
    delayMs,
    world,
    mcp: (request, response) => shopFront.handle(request, response),
    payments: handlePayments,
    x402: handleX402,
  })
  const url = `http://127.0.0.1:${server.port}`
  const { nvmApiKey, planId, sellerAddress, subscriberAddress } = known
  const seller = { nvmApiKey, backendUrl: url, planId, address: sellerAddress }
  try {
    shopFront.sell(options, seller)
  } catch (error) {
    await server.close()
    throw error
  }
  return {
    ...server,
    ...known,
    url,
    ledger: world.ledger,
    paymentsService,
    x402: { ...x402, url: `${url}${X402_PATH}` },
    accessToken: (token) => accessToken(market, token),
    paidEvent: (tool, args = {}, token = accessToken(market)) => callEvent(tool, args, token),
    balance: () => world.ledger.balance(planId, subscriberAddress),
    sell: (shop) => shopFront.sell(shop, seller),
    close: async () => {
      await shopFront.close()
      await server.close()
      await closeX402()
    },
  }
}

/** The seller, the buyer who has credits, and the plan between them. */
interface Market {
  world: World
  planId: string
  sellerAddress: string
  nvmApiKey: string
  subscriberAddress: string
  subscriberApiKey: string
}

function openMarket({ plan, credits = 100n, now = Date.now }: LocalOptions): Market {
  const ledger = new Ledger(now)
  const signer = createSigner()
  const seller = ledger.addAccount()
  const subscriber = ledger.addAccount()
  const { planId } = ledger.addPlan(plan)
  ledger.credit(planId, subscriber.address, credits)
  return {
    world: { ledger, signer, permissions: new Map() },
    planId,
    sellerAddress: seller.address,
    nvmApiKey: mintApiKey(seller.address, signer),
    subscriberAddress: subscriber.address,
    subscriberApiKey: mintApiKey(subscriber.address, signer),
  }
}

/** Serves `/mcp` with one shop at a time. */
function openShopFront(): {
  sell: (shop: ShopOptions, seller: Seller) => void
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  close: () => Promise<void>
} {
  let gateway: MountableGateway | undefined
  return {
    sell: (shop, seller) => {
      const opened = mountGateway(shopGateway(shop, seller, exampleHandler))
      void gateway?.close()
      gateway = opened
    },
    handle: async (request, response) => gateway?.handle(request, response),
    close: async () => gateway?.close(),
  }
}

function accessToken(
  { world, planId, subscriberAddress }: Market,
  { version = 2, from = subscriberAddress, delegationId, ...bound }: TokenOptions = {},
): string {
  const plan = world.ledger.plan(bound.planId ?? planId)
  const minted = mintToken({ ...bound, ...termsOf(plan), from, version }, world.signer)
  world.permissions.set(minted.signature, { delegationId })
  return minted.token
}

function callEvent(
  tool: string,
  args: Record<string, unknown>,
  token: string | null,
): Record<string, unknown> {
  return gatewayEvent(
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: args } },
    token === null ? {} : { 'payment-signature': token },
  )
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
