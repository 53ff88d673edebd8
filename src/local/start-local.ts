import { createHmac } from 'node:crypto'
import { inCall } from '../errors/in-call.js'
import { OptionsError } from '../errors/payment-error.js'
import { LOOPBACK } from './http/listen.js'
import { createPaymentsService } from './agentcore/index.js'
import { gatewayEvent } from './gateway-event.js'
import type { Local, LocalOptions, TokenOptions } from './local-stack.js'
import type { StackState } from './kept-state.js'
import { openPage } from './page/open-page.js'
import type { LocalPage } from './page/serve-page.js'
import { openMarket, type Market } from './market.js'
import { openMemory, type Memory } from './memory.js'
import type { LocalPlan } from './nevermined/ledger-entries.js'
import { mintToken } from './nevermined/token.js'
import { startServer } from './server.js'
import { openShopFront } from './shop-front.js'
import { TrialTexts } from './trial/trial-texts.js'
import { openTable, type LocalTable, type OpenTable } from './table/payment-table.js'
import { createX402, X402_PATH, type MountableX402 } from './x402/index.js'

/**
 * Starts the local stack: Nevermined's HTTP API over a ledger with its rules, a facilitator of x402's own
 * schemes, a Gateway, and AgentCore payments. Nothing leaves the machine. Tokens and money are worthless
 * anywhere else.
 *
 * @example
 * const local = await startLocal()
 * const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
 * @throws OptionsError if the Gateway at `/mcp` cannot be made, if a chain is wanted and none starts, or if the folder
 * cannot be used.
 * @throws the system's error if the port cannot be had, e.g. with code `EADDRINUSE`.
 */
export async function startLocal(options: LocalOptions = {}): Promise<Local> {
  return inCall('startLocal', options, () => open(options))
}

async function open(options: LocalOptions): Promise<Local> {
  const memory = await openMemory(options)
  try {
    return await openMoney(options, memory)
  } catch (error) {
    await memory.close()
    throw error
  }
}

async function openMoney(options: LocalOptions, memory: Memory): Promise<Local> {
  const { delayMs = 0, now = Date.now } = options
  const { state, saved } = memory
  const setting = { now, delayMs, books: state.money, saved }
  const x402 = await createX402(options.x402 ?? {}, setting)
  try {
    await fundWallets(state, x402)
    return await openPayments(options, memory, x402)
  } catch (error) {
    await x402.close()
    throw error
  }
}

async function openPayments(
  options: LocalOptions,
  memory: Memory,
  x402: MountableX402,
): Promise<Local> {
  const { table = false } = options
  const { state, paymentsFile: file } = memory
  const secret = tableSecret(state)
  const opened = table === false ? undefined : await openTable({ table, secret, file })
  try {
    return await start(options, { ...memory, table: opened }, x402)
  } catch (error) {
    await opened?.close()
    throw error
  }
}

/** It stays as long as what it encrypts. */
function tableSecret({ signerSecret }: StackState): string {
  return createHmac('sha256', signerSecret).update('table of payments').digest('hex')
}

/** A chain begins anew. So wallets of before get there what a new wallet gets. */
async function fundWallets({ holdings, money }: StackState, x402: MountableX402): Promise<void> {
  for (const { network, wallet } of holdings.instruments.values()) {
    const isKnown = x402.settlesOn === 'ledger' && money.balances.has(wallet.address.toLowerCase())
    if (network !== 'ETHEREUM' || isKnown) continue
    await x402.fund(wallet.address, x402.walletFunds)
  }
}

async function start(
  options: LocalOptions,
  { state, saved, table, close: closeMemory }: Memory & { table: OpenTable | undefined },
  mounted: MountableX402,
): Promise<Local> {
  const { port = 0, delayMs = 0, now = Date.now } = options
  const host = checkHost(options.host)
  const market = openMarket(options, state)
  const { world, ...known } = market
  const { handle: handleX402, close: closeX402, walletFunds, ...x402 } = mounted
  const purse = { ...x402, walletFunds }
  const { handle: handlePayments, ...paymentsService } = createPaymentsService(
    { now, ...options.paymentsService },
    { purse, holdings: state.holdings, saved },
  )
  const shopFront = openShopFront()
  const mountedPage: { page?: LocalPage } = {}
  const texts = new TrialTexts()
  const server = await startServer({
    ...{ port, host, delayMs, now, world, saved },
    mcp: (request, response) => shopFront.handle(request, response),
    payments: handlePayments,
    x402: handleX402,
    page: (...asked) => firstOf(asked, texts, mountedPage.page),
  })
  const url = `http://127.0.0.1:${server.port}`
  const { nvmApiKey, planId, sellerAddress } = known
  const seller = { nvmApiKey, backendUrl: url, planId, address: sellerAddress, store: table?.store }
  try {
    shopFront.sell(options, seller)
    // Its ids are printed, so they have to be kept before.
    if (options.folder !== undefined) paymentsService.firstManager()
    await saved()
  } catch (error) {
    await server.close()
    throw error
  }
  const local: Local = {
    ...server,
    ...known,
    url,
    ledger: world.ledger,
    paymentsService,
    x402: { ...x402, url: `${url}${X402_PATH}` },
    table: table && placeOf(table),
    ...buyerOf(market),
    sell: (shop) => shopFront.sell(shop, seller),
    serveText: (name, make) => texts.set(name, make),
    close: async () => {
      mountedPage.page?.close()
      await shopFront.close()
      await server.close()
      await closeX402()
      await table?.close()
      await closeMemory()
    },
  }
  mountedPage.page = openPage(local, (assume) => shopFront.assume(assume))
  return local
}

type Asked = Parameters<LocalPage['handle']>

/** Lets the first that knows the path answer. */
async function firstOf(
  asked: Asked,
  ...served: readonly (Pick<LocalPage, 'handle'> | undefined)[]
): Promise<boolean> {
  for (const one of served) if (await one?.handle(...asked)) return true
  return false
}

function placeOf({ name, region, endpoint, secret }: OpenTable): LocalTable {
  return { name, region, endpoint, secret }
}

/** What can be listened on. The stack's own parts reach each other on loopback, so it has to be among it. */
const HOSTS: ReadonlySet<string> = new Set([LOOPBACK, '0.0.0.0', '::'])

function checkHost(host: string = LOOPBACK): string {
  if (HOSTS.has(host)) return host
  throw new OptionsError('host', `expected ${[...HOSTS].join(', ')}`)
}

/** What the buyer who has credits does. */
function buyerOf(market: Market): Pick<Local, 'accessToken' | 'paidEvent' | 'balance'> {
  const { world, planId, subscriberAddress } = market
  return {
    accessToken: (token) => accessToken(market, token),
    paidEvent: (tool, args = {}, token = accessToken(market)) => callEvent(tool, args, token),
    balance: () => world.ledger.balance(planId, subscriberAddress),
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
