import { getAddress, type Address, type Hex } from 'viem'
import {
  createInterceptor,
  requiresPayment,
  type HandlerResult,
  type RequiresPaymentOptions,
  type VerifiedPayment,
} from '../../../src/index.js'
import type { GatewayOptions, LambdaHandler } from '../../../src/local/index.js'
import { Started, tool } from '../../local/support/gateway.js'
import { startMcpServer } from '../../local/support/mcp-server.js'
import { silent } from '../../support/seller.js'
import type { Chain, Token } from '../chain/chain.js'
import { startFacilitator, type Facilitator } from './facilitator.js'
import { newAddress } from './merchant.js'

/** One cent of USDC, in atomic units. */
export const CENT = 10_000n

/** How our seller sells something for a cent, settled by the facilitator of `@x402/evm`. */
export interface Till {
  options: RequiresPaymentOptions
  payTo: Address
  facilitator: Facilitator
  /** All transfers to the seller, as the chain has them. */
  income: () => Promise<{ asset: Address; from: Address; value: bigint; transaction: Hex }[]>
}

/** @param price `'$0.01'`, or the same in atomic units of a token */
export async function openTill(
  chain: Chain,
  price: '$0.01' | Token = '$0.01',
  more: Partial<RequiresPaymentOptions> = {},
  how: { estimates?: boolean } = {},
): Promise<Till> {
  const payTo = newAddress()
  const facilitator = await startFacilitator(chain, how)
  const terms = { price: priceIn(price), payTo, network: chain.network, logger: silent }
  return {
    options: { ...terms, facilitators: [facilitator], ...more } as RequiresPaymentOptions,
    payTo,
    facilitator,
    async income() {
      const all = await chain.transfers()
      return all
        .filter(({ to }) => to === payTo)
        .map(({ asset, from, value, transaction }) => ({
          asset: getAddress(asset),
          from,
          value,
          transaction,
        }))
    },
  }
}

function priceIn(price: '$0.01' | Token) {
  if (price === '$0.01') return price
  const { asset, name, version } = price
  return { amount: CENT, asset, extra: { name, version } }
}

/** A handler of ours, wrapped. */
export interface Sold {
  handler: LambdaHandler
  /** How often it ran. */
  ran: () => number
}

export const GOLD = { content: [{ type: 'text', text: 'gold' }] }
export type Work = (payment: VerifiedPayment) => HandlerResult | Promise<HandlerResult>

export function sold(options: RequiresPaymentOptions, work: Work = () => GOLD): Sold {
  let ran = 0
  const handler = requiresPayment((_event, _context, payment) => {
    ran += 1
    return work(payment)
  }, options)
  return { handler, ran: () => ran }
}

/** A way to sell `srv___echo` through a Gateway, and how often it was done. */
export type Door = (
  till: Till,
  started: Started,
) => Promise<{ gateway: GatewayOptions; ran: () => number }>

export const DOORS: [string, Door][] = [
  ['a Lambda target', asTarget],
  ['a REQUEST interceptor that answers itself', asInterceptor],
  ['the interceptor before an MCP server', asPair],
]

async function asTarget({ options }: Till) {
  const { handler, ran } = sold(options)
  return { gateway: { targets: [{ name: 'srv', lambda: handler, tools: [tool('echo')] }] }, ran }
}

async function asInterceptor({ options }: Till) {
  const { handler, ran } = sold(options)
  const stub = { name: 'srv', lambda: () => 'a stub', tools: [tool('echo')] }
  const requestInterceptor = { lambda: handler, passRequestHeaders: true }
  return { gateway: { targets: [stub], requestInterceptor }, ran }
}

async function asPair({ options }: Till, started: Started) {
  const server = started.add(await startMcpServer())
  const { handle } = createInterceptor({ ...options, secret: 's'.repeat(32) })
  const both = { lambda: handle as LambdaHandler, passRequestHeaders: true }
  const targets = [{ name: 'srv', mcp: server.url }]
  const isCall = (body: unknown) =>
    (body as { method?: string } | undefined)?.method === 'tools/call'
  return {
    gateway: { targets, requestInterceptor: both, responseInterceptor: both },
    ran: () => server.requests.filter(({ body }) => isCall(body)).length,
  }
}

/** What was bought, where it is there. */
export function goldIn(body: unknown): string | undefined {
  return textsIn((body as { result?: unknown }).result)[0]
}

/** The texts of a result. The result of a Lambda target is itself the text of one. */
export function textsIn(result: unknown): string[] {
  const { content = [] } = (result ?? {}) as { content?: { text: string }[] }
  const texts = content.map(({ text }) => text)
  return texts.flatMap((text) => (text.startsWith('{"isError"') ? textsIn(JSON.parse(text)) : text))
}

export function transactionOf(income: { transaction: string } | undefined) {
  return { transaction: income?.transaction }
}
