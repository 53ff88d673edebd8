import { build } from 'esbuild'
import { privateKeyToAccount } from 'viem/accounts'
import { Payments } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { paymentFor, type MoneyChallenge } from '../../seller/money/support/money.js'
import { toolCall } from '../../support/seller.js'
import type { LocalStack } from './local-stack.js'

/** The module that the shop sells, as `--handler` takes it. */
export const SHOP = '.cache/local-shop/every-outcome.mjs'

/** Bundles the module with a copy of this package in it, as sellers do. */
export async function bundleShop(): Promise<void> {
  await build({
    entryPoints: ['tests/cli/support/every-outcome.ts'],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    outfile: SHOP,
    logLevel: 'error',
  })
}

interface Answer {
  result?: { structuredContent?: MoneyChallenge }
}

/** A stack that sells the shop, and its buyer. */
export class Shop {
  readonly stack: LocalStack
  url = ''
  token = ''

  constructor(stack: LocalStack) {
    this.stack = stack
  }

  async open(): Promise<this> {
    await this.stack.until(/PAYMENT_CONNECTOR_ID/)
    this.url = await this.stack.variable('NVM_BACKEND_URL')
    const buyer = Payments.getInstance({
      nvmApiKey: await this.stack.variable('NVM_SUBSCRIBER_API_KEY'),
      backendUrl: this.url,
    })
    const { accessToken } = await buyer.x402.getX402AccessToken(
      await this.stack.variable('NVM_PLAN_ID'),
    )
    this.token = accessToken
    return this
  }

  async post(body: unknown, payment?: string): Promise<Answer> {
    const response = await fetch(`${this.url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(payment !== undefined && { 'payment-signature': payment }),
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    return (await response.json()) as Answer
  }

  /** Calls a tool, paid with credits unless something else is given. */
  call(tool: string, payment: string | undefined = this.token): Promise<Answer> {
    return this.post(toolCall(`Greeter___${tool}`), payment)
  }

  unpaid(tool: string): Promise<Answer> {
    return this.post(toolCall(`Greeter___${tool}`))
  }

  /** A payment of $0.01 for a tool. */
  async money(tool: string): Promise<string> {
    const { result } = await this.unpaid(tool)
    const challenge = result?.structuredContent as MoneyChallenge
    const account = privateKeyToAccount(
      (await this.stack.variable('X402_BUYER_KEY')) as `0x${string}`,
    )
    const asset = { address: challenge.accepts[0]?.asset }
    const local = { x402: { asset } } as unknown as Local
    return encodeHeader(await paymentFor({ local, account }, challenge))
  }

  /** What the next line of a tool says became of the call. */
  async line(tool: string, door = 'gateway'): Promise<string> {
    const next = this.#seen.get(tool) ?? 0
    this.#seen.set(tool, next + 1)
    const start = new RegExp(`^[\\d:]{8}  ${door} +`)
    return this.stack.find(`line ${next + 1} of ${tool}`, (text) => {
      const lines = text.split('\n').filter((line) => start.test(line))
      const rests = lines.map((line) => line.replace(start, ''))
      const own = rests.filter(
        (rest) => rest.startsWith(`${tool}  `) || rest.startsWith(`${tool} `),
      )
      return own[next]?.slice(tool.length).trim()
    })
  }

  readonly #seen = new Map<string, number>()
}
