import { afterEach, expect, test } from '@jest/globals'
import { Agent, tool } from '@strands-agents/sdk'
import { privateKeyToAccount } from 'viem/accounts'
import * as z from 'zod'
import { payerOf, payingFetch } from '../../src/client/index.js'
import { Payments, requiresPayment, HTTPFacilitatorClient } from '../../src/index.js'
import { startFunctionUrl, startLocal } from '../../src/local/index.js'
import { recordingPayer, scriptedModel } from '../../src/testing/index.js'

const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

/** A shop over plain HTTP, and how to buy in it with a payer. */
async function shop() {
  const local = await startLocal()
  open.push(local)
  const { x402, sellerAddress: payTo } = local
  const handler = requiresPayment(() => ({ statusCode: 200, body: 'sold' }), {
    payments: Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url }),
    httpEvents: 'http',
    tools: { 'GET /quote': { price: '$0.01', payTo } },
    network: x402.network,
    facilitators: [new HTTPFacilitatorClient({ url: x402.url })],
  })
  const served = await startFunctionUrl(handler)
  open.push(served)
  const usdc = `${x402.network}/${x402.asset.address}`
  const budgets = { [usdc]: { maxAmountPerPayment: 10_000n, total: 100_000n } }
  return { local, url: `${served.url}quote`, budgets }
}

test('an agent follows the script, and pays through a payer that keeps what it was asked', async () => {
  const { local, url, budgets } = await shop()
  const payer = recordingPayer(payerOf(privateKeyToAccount(local.x402.buyer.privateKey)))
  const buy = payingFetch(payer, { budgets })
  const quote = tool({
    name: 'quote',
    description: 'Buys a quote',
    inputSchema: z.object({}),
    callback: async () => (await buy(url)).text(),
  })
  const model = await scriptedModel([
    { tools: [{ name: 'quote' }] },
    (shown) => ({ text: shown.includes('sold') ? 'I bought it.' : 'I got nothing.' }),
  ])
  const agent = new Agent({ model, tools: [quote], printer: false })
  const result = await agent.invoke('Buy a quote')
  expect(result.toString()).toContain('I bought it.')
  expect(model.left).toBe(0)
  expect(model.shown[0]).toContain('Buy a quote')
  expect(payer.asked).toMatchObject([
    { requirement: { scheme: 'exact', amount: '10000' }, url, outcome: 'paid' },
  ])
  expect(local.x402.settlements).toHaveLength(1)
})

test('a script that is over says so, and what the model was shown', async () => {
  const model = await scriptedModel([{ text: 'Hello.' }])
  const agent = new Agent({ model, printer: false })
  await agent.invoke('Hi')
  await expect(agent.invoke('And now?')).rejects.toThrow(
    /the script of the model has 1 turn, and the agent asked for another one\. It showed: .*And now\?/,
  )
})

test('a turn can say a text and call several tools, each with a name of its own', async () => {
  const calls: unknown[] = []
  const note = tool({
    name: 'note',
    description: 'Notes',
    inputSchema: z.object({ n: z.number() }),
    callback: ({ n }) => {
      calls.push(n)
      return 'ok'
    },
  })
  const both = [
    { name: 'note', input: { n: 1 } },
    { name: 'note', input: { n: 2 } },
  ]
  const model = await scriptedModel([{ text: 'Two notes.', tools: both }, { text: 'Done.' }])
  await new Agent({ model, tools: [note], printer: false }).invoke('Note')
  expect(calls.sort()).toEqual([1, 2])
})

test('a payer without a wallet makes payments of the right form, which a facilitator refuses', async () => {
  const { local, url, budgets } = await shop()
  const payer = recordingPayer()
  const answer = await payingFetch(payer, { budgets })(url).catch((error: unknown) => error)
  expect(payer.asked).toMatchObject([{ outcome: 'paid', requirement: { amount: '10000' } }])
  expect(local.x402.settlements).toEqual([])
  expect(answer instanceof Response ? answer.status : 402).toBe(402)
})

test('the next payment fails as it is told to, and the one after is made', async () => {
  const { local, url, budgets } = await shop()
  const payer = recordingPayer(payerOf(privateKeyToAccount(local.x402.buyer.privateKey)))
  const buy = payingFetch(payer, { budgets })
  payer.failNext(new Error('the wallet is locked'))
  await expect(buy(url)).rejects.toThrow('the wallet is locked')
  expect(await (await buy(url)).text()).toBe('sold')
  expect(payer.asked.map(({ outcome }) => outcome)).toEqual(['failed', 'paid'])
})

test('it can pay what the payer inside can, and tells the same balances', () => {
  const plans = { getPlanBalance: () => Promise.resolve({ balance: 7 }) }
  const inside = { pay: () => Promise.resolve({}), protocols: ['x402', 'mpp'] as const, plans }
  expect(recordingPayer(inside)).toMatchObject({ protocols: ['x402', 'mpp'], plans })
  expect(recordingPayer()).toMatchObject({ protocols: ['x402'] })
})

test('a payment under way is there already', async () => {
  let pay: (answer: object) => void = () => undefined
  const payer = recordingPayer(() => new Promise((resolve) => (pay = resolve)))
  const requirement = { scheme: 'exact', network: 'eip155:84532' }
  const challenge = {
    x402Version: 2,
    resource: { url: 'http://a' },
    accepts: [requirement],
  } as const
  const paying = payer.pay({ ...challenge, accepts: [requirement] }, { requirement })
  expect(payer.asked).toMatchObject([{ outcome: 'asked' }])
  pay({})
  await paying
  expect(payer.asked).toMatchObject([{ outcome: 'paid' }])
})

test('what is no payer is refused', () => {
  expect(() => recordingPayer({ pay: 1 } as never)).toThrow(/payer: expected a function/)
})
