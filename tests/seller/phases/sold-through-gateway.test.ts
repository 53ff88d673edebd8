import { expect, test } from '@jest/globals'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { PaymentLimitError, createBudget, payingMcp, receiptOf } from '../../../src/client/index.js'
import { decodeToken } from '../../../src/wire/x402.js'
import { buyer } from '../../client/support/client.js'
import { started } from '../../local/support/gateway.js'
import { SHOWN } from './support/phases.js'
import { stack } from '../../support/seller.js'
import { SHOPS } from './support/shops.js'

interface Result {
  isError?: boolean
  content: { type: string; text: string }[]
  structuredContent?: { accepts?: unknown[] }
  _meta?: Record<string, Record<string, unknown>>
}

async function callTool(client: Client, name: string, token?: string): Promise<Result> {
  const _meta = token === undefined ? {} : { _meta: { 'x402/payment': decodeToken(token) } }
  return (await client.callTool({ name, arguments: { say: 'gold' }, ..._meta })) as Result
}

const CASES = SHOPS.flatMap(([name, open]) => SHOWN.map((shown) => [name, shown, open] as const))

test.each(CASES)(
  'a client lists, is refused, pays in _meta and gets result and receipt: %s, %s request',
  async (_name, responseSees, open) => {
    const local = await stack()
    const shop = await open(started, local, { responseSees })
    const client = await started.client(shop.url)
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain(shop.tool)

    const refused = await callTool(client, shop.tool)
    expect(refused.isError).toBe(true)
    expect(refused.structuredContent?.accepts).toHaveLength(1)
    expect(JSON.stringify(refused)).not.toContain('gold')
    expect(local.balance()).toBe(100n)

    const paid = await callTool(client, shop.tool, local.accessToken())
    expect(paid.isError ?? false).toBe(false)
    expect(paid.content[0]?.text).toContain('gold')
    expect(paid._meta?.['x402/payment-response']).toMatchObject({
      success: true,
      creditsRedeemed: '1',
      remainingBalance: '99',
    })
    expect(local.balance()).toBe(99n)
    expect(local.ledger.settlements).toHaveLength(1)
  },
)

test.each(CASES)(
  'a connection that pays in an HTTP header pays once a call: %s, %s request',
  async (_name, responseSees, open) => {
    const local = await stack()
    const shop = await open(started, local, { responseSees })
    const headers = { 'Payment-Signature': local.accessToken() }
    const client = await started.client(shop.url, { headers })
    for (const left of ['99', '98']) {
      const paid = await callTool(client, shop.tool)
      expect(paid._meta?.['x402/payment-response']).toMatchObject({ remainingBalance: left })
    }
    expect(local.ledger.settlements).toHaveLength(2)
  },
)

test.each(CASES)(
  'a client that pays by itself keeps to its budget: %s, %s request',
  async (_name, responseSees, open) => {
    const local = await stack()
    const shop = await open(started, local, { responseSees })
    const client = await started.client(shop.url)
    const payments = buyer(local)
    const budget = createBudget({
      plans: [local.planId],
      credits: { maxAmountPerPayment: 1n, total: 2n },
    })
    const paying = payingMcp(client, payments, budget)
    const calls = await Promise.allSettled(
      [1, 2, 3].map((say) => paying.callTool({ name: shop.tool, arguments: { say: `${say}` } })),
    )
    const bought = calls.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []))
    const refused = calls.flatMap((it) => (it.status === 'rejected' ? [it.reason as unknown] : []))
    expect(bought.map((result) => receiptOf(result as Result))).toEqual([
      expect.objectContaining({ paid: 'yes', amount: '1' }),
      expect.objectContaining({ paid: 'yes', amount: '1' }),
    ])
    expect(refused).toEqual([expect.any(PaymentLimitError)])
    expect(local.balance()).toBe(98n)
    expect(budget.standing()).toMatchObject([{ spent: 2n, held: 0n, left: 0n }])
  },
)
