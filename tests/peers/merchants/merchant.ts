import type { IncomingHttpHeaders } from 'node:http'
import { paymentMiddleware, x402ResourceServer } from '@x402/express'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import express, { type Express, type Request, type RequestHandler } from 'express'
import type { Address } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import type { Chain, Token } from '../chain/chain.js'
import { startFacilitator, type Facilitator } from './facilitator.js'
import { listen } from '../chain/listen.js'

export interface MerchantOptions {
  /** In atomic units. @default '1000', which is $0.001 */
  price?: string
  /** @default a new account */
  payTo?: Address
  /** @default that of the chain */
  token?: Token
  /** How long a payment stays good. @default 300 */
  maxTimeoutSeconds?: number
}

/** What a handler was given after its payment was verified. */
export interface Sale {
  method: string
  path: string
  /** Without those that pay. */
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Merchant {
  url: string
  payTo: Address
  price: bigint
  token: Token
  facilitator: Facilitator
  sold: Sale[]
  close: () => Promise<void>
}

/**
 * A seller as its makers describe it: `@x402/express` before two routes, `GET /quote` and `/report` of any
 * method, which answers what it was sent.
 *
 * @see https://github.com/coinbase/x402/tree/main/typescript/packages/http/express
 */
export async function startMerchant(
  chain: Chain,
  options: MerchantOptions = {},
): Promise<Merchant> {
  const { price = '1000', payTo = newAddress(), token = chain.token } = options
  const { maxTimeoutSeconds = 300 } = options
  const facilitator = await startFacilitator(chain)
  const server = new x402ResourceServer(facilitator).register(chain.network, new ExactEvmScheme())
  const { name, version, asset, network } = token
  const accepts = {
    scheme: 'exact',
    network,
    payTo,
    maxTimeoutSeconds,
    price: { amount: price, asset, extra: { name, version } },
  }
  const paywall = paymentMiddleware({ 'GET /quote': { accepts }, '/report': { accepts } }, server)
  const sold: Sale[] = []
  const { url, close } = await listen(shop(paywall, sold))
  return { url, payTo, price: BigInt(price), token, facilitator, sold, close }
}

/** The two routes behind any paywall. What they sell is noted in `sold`. */
export function shop(paywall: RequestHandler, sold: Sale[]): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(express.raw({ type: () => true, limit: '10mb' }))
  app.use(paywall)
  app.get('/quote', (request, response) => {
    sold.push(saleOf(request))
    response.json({ quote: 'gold' })
  })
  app.all('/report', (request, response) => {
    const sale = saleOf(request)
    sold.push(sale)
    response.json({ ...sale, body: sale.body.toString('base64') })
  })
  return app
}

export function newAddress(): Address {
  return privateKeyToAddress(generatePrivateKey())
}

const PAYING = ['payment-signature', 'x-payment', 'authorization', 'payment-authorization']

function saleOf({ method, path, headers, body }: Request): Sale {
  const rest = Object.entries(headers).filter(([name]) => !PAYING.includes(name))
  return {
    method,
    path,
    headers: Object.fromEntries(rest),
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
  }
}
