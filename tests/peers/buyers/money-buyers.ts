import { x402Client } from '@x402/core/client'
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/client'
import { wrapFetchWithPayment } from '@x402/fetch'
import axios from 'axios'
import type { Address } from 'viem'
import { withPaymentInterceptor } from 'x402-axios'
import { wrapFetchWithPayment as wrapFetchV1 } from 'x402-fetch'
import type { PaymentHeaderInput } from '../../../src/agentcore/index.js'
import { payerOf, payingFetch } from '../../../src/client/index.js'
import { startLocal } from '../../../src/local/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { lowerCase } from '../../support/events.js'
import { paymentUser } from '../../support/payment-user.js'
import { allowing } from './buyers.js'
import type { Chain, Token } from '../chain/chain.js'
import { CENT } from '../merchants/money-shop.js'
import { officialClient } from './official-buyer.js'
import { funded, walletPayer, x402ClientOf } from '../chain/wallet-payer.js'

/** One who has a dollar, and how it buys over HTTP. */
export interface HttpBuyer {
  address: Address
  fetch: typeof globalThis.fetch
  /** The headers of the last request that it sent. */
  sent: () => Record<string, string>
}

export type Open = <T extends { close: () => Promise<void> }>(one: Promise<T>) => Promise<T>

/** Everybody who pays with `exact`, with the token that is asked for. */
export const HTTP_BUYERS: [
  string,
  (chain: Chain, token: Token, open: Open) => Promise<HttpBuyer>,
][] = [
  ['@x402/fetch', officialFetch],
  ['@x402/fetch of version 1', officialFetchV1],
  ['x402-fetch', publishedFetchV1],
  ['x402-axios', publishedAxiosV1],
  ['payingFetch', ourFetch],
  ['payingFetch with a viem account', accountFetch],
  ['AgentCore payments, by their header', agentCore],
]

const DOLLAR = 1_000_000n

/** As its makers describe it; a token that it does not know has to be allowed. */
export async function officialFetch(chain: Chain, token: Token): Promise<HttpBuyer> {
  const account = await funded(chain, DOLLAR, token)
  const client = isUsdc(token) ? officialClient(account) : x402ClientOf(account)
  const { fetch, sent } = recording()
  return { address: account.address, fetch: wrapFetchWithPayment(fetch, client), sent }
}

/** Nobody who speaks version 1 alone knows the header of version 2. */
async function officialFetchV1(chain: Chain, token: Token): Promise<HttpBuyer> {
  const account = await funded(chain, DOLLAR, token)
  const scheme = new ExactEvmSchemeV1(account)
  const client = new x402Client().registerV1('base-sepolia', scheme).setSpendControls(false)
  const { fetch, sent } = recording(['payment-required'])
  return { address: account.address, fetch: wrapFetchWithPayment(fetch, client), sent }
}

/** As published, and as most buyers of version 1 have it: it reads the body alone, by a schema of its own. */
async function publishedFetchV1(chain: Chain, token: Token): Promise<HttpBuyer> {
  const account = await funded(chain, DOLLAR, token)
  const { fetch, sent } = recording()
  return { address: account.address, fetch: wrapFetchV1(fetch, account), sent }
}

/** Its sister for axios, of the same schema. */
async function publishedAxiosV1(chain: Chain, token: Token): Promise<HttpBuyer> {
  const account = await funded(chain, DOLLAR, token)
  let last: Record<string, string> = {}
  const instance = axios.create({ proxy: false })
  withPaymentInterceptor(instance, account)
  instance.interceptors.request.use((config) => {
    last = lowerCase(config.headers.toJSON())
    return config
  })
  const fetch = async (input: string | URL | Request, init: RequestInit = {}) => {
    const { method = 'GET', body, headers: given } = init
    const url = input instanceof Request ? input.url : input.toString()
    const call = { url, method, data: body, headers: { ...(given as object) } }
    const { data, status, headers: got } = await instance.request<unknown>(call)
    const named = Object.entries(got).map(([name, value]) => [name, String(value)])
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    const headers = Object.fromEntries(named) as Record<string, string>
    return new Response(text, { status, headers })
  }
  return { address: account.address, fetch, sent: () => last }
}

async function ourFetch(chain: Chain, token: Token): Promise<HttpBuyer> {
  const account = await funded(chain, DOLLAR, token)
  const { fetch, sent } = recording()
  const limits = allowing({ token }, CENT)
  const paying = payingFetch(walletPayer(account, token), limits, { fetch })
  return { address: account.address, fetch: paying, sent }
}

/** Nothing but an account, and no other package that signs. */
async function accountFetch(chain: Chain, token: Token): Promise<HttpBuyer> {
  const account = await funded(chain, DOLLAR, token)
  const { fetch, sent } = recording()
  const paying = payingFetch(payerOf(account), allowing({ token }, CENT), { fetch })
  return { address: account.address, fetch: paying, sent }
}

async function agentCore(chain: Chain, token: Token, open: Open): Promise<HttpBuyer> {
  const { address, header } = await agentCoreUser(chain, token, open)
  const { fetch, sent } = recording()
  const paying = async (input: string | URL | Request, init: RequestInit = {}) => {
    const refused = await fetch(input, init)
    const { status: statusCode, headers } = refused
    const paid = await header({
      statusCode,
      headers: Object.fromEntries(headers),
      body: await refused.text(),
    })
    return fetch(input, { ...init, headers: { ...(init.headers as object), ...paid } })
  }
  return { address, fetch: paying, sent }
}

/** A user of the local AgentCore payments service, and the header with which it pays a 402. */
export async function agentCoreUser(chain: Chain, token: Token, open: Open) {
  const tokens = isUsdc(token) ? [] : [token]
  const local = await open(startLocal({ paymentsService: { tokens } }))
  const { manager, ids, address } = await paymentUser(local)
  await chain.mint(address, DOLLAR, token.asset)
  const header = async (paymentRequiredRequest: PaymentHeaderInput['paymentRequiredRequest']) => ({
    ...(await manager.generatePaymentHeader({ ...ids, paymentRequiredRequest })),
  })
  return { address, header }
}

/** A `fetch` whose answers lack some headers. */
function recording(without: string[] = []) {
  let headers = new Headers()
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    headers = request.headers
    const answer = await globalThis.fetch(request)
    const kept = new Headers(answer.headers)
    for (const name of without) kept.delete(name)
    return without.length === 0
      ? answer
      : new Response(answer.body, { status: answer.status, headers: kept })
  }
  return { fetch, sent: () => Object.fromEntries(headers) }
}

/** How the same request is answered again: with the answer only where it names its payment. */
export function statusAgain(sent: Record<string, string>): 200 | 409 {
  const payment = decodeHeader(sent['payment-signature'] ?? '')
  const extensions = payment?.['extensions'] as
    | Record<string, { info?: { id?: string } }>
    | undefined
  return extensions?.['payment-identifier']?.info?.id === undefined ? 409 : 200
}

function isUsdc({ asset }: Token): boolean {
  return asset === '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
}
