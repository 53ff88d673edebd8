import { McpError } from '@modelcontextprotocol/sdk/types.js'
import { expect, test } from '@jest/globals'
import { createBudget, payingMcp, receiptOf, type PayFunction } from '../../../src/client/index.js'
import { refusing, said, shop, type Params, type Tool } from '../support/mcp-shop.js'
import { buyer } from '../support/client.js'
import { soldFor } from '../support/mcp-shop.js'
import { sell, stack } from '../../support/seller.js'

const TOOL = 'T___hello'
const CALL = { name: TOOL, arguments: { q: 1 } }
const TERMS = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: '1' }
const CHALLENGE = {
  x402Version: 2,
  resource: { url: `mcp://tool/${TOOL}` },
  accepts: [TERMS],
  extensions: { 'agentcore-x402/credits': { info: { credits: '3' } } },
}
const SETTLED = { success: true, transaction: '0xabc', network: 'eip155:84532' }
const PENDING = { success: false, errorReason: 'settlement_pending', transaction: '0xfeed' }
const withReceipt = (receipt: unknown) => ({ _meta: { 'x402/payment-response': receipt } })
const failed = (more: object = {}) => ({ isError: true, content: [], ...more })
const paymentOf = ({ _meta }: Params) => JSON.stringify(_meta?.['x402/payment'])

/** Asks for money, then answers what is paid in turn; the last answer stays. */
async function selling(...turns: Tool[]) {
  let nth = 0
  const tool: Tool = (params) => {
    if (params._meta?.['x402/payment'] === undefined) return refusing(CHALLENGE)
    return (turns[Math.min(nth++, turns.length - 1)] as Tool)(params)
  }
  const { client, paid } = await shop({ [TOOL]: tool })
  let asked = 0
  const pay: PayFunction = () => {
    const payload = { authorization: { nonce: String(++asked) } }
    return Promise.resolve({
      meta: { 'x402/payment': { x402Version: 2, accepted: TERMS, payload } },
    })
  }
  const limits = {
    plans: ['1'],
    credits: { maxAmountPerPayment: 5n, total: 50n },
    trustReceipts: true,
  }
  const budget = createBudget(limits)
  const paying = payingMcp(client, pay, budget)
  return { paying, budget, paid, asked: () => asked }
}

const sold: Tool = () => ({ content: [{ type: 'text', text: 'sold' }], ...withReceipt(SETTLED) })
const broken: Tool = () => {
  throw new McpError(-32603, 'down')
}

test.each<[string, Tool]>([
  ['an error of JSON-RPC', broken],
  ['a failed result', () => failed()],
  ['a failed result that was charged', () => failed(withReceipt(SETTLED))],
])('after %s the same call again sends the same payment', async (_, failing) => {
  const { paying, paid, asked, budget } = await selling(failing, failing, sold)
  for (let nth = 0; nth < 2; nth++) await paying.callTool(CALL).catch(() => undefined)
  const _meta = { progressToken: 7 }
  const result = await paying.callTool({ ...CALL, _meta })
  expect(said(result)).toBe('sold')
  expect(receiptOf(result)).toMatchObject({ paid: 'yes', amount: '3' })
  expect([asked(), new Set(paid().map(paymentOf)).size]).toEqual([1, 1])
  expect(budget.standing()).toMatchObject([{ spent: 3n, held: 0n }])
})

test('a call with other arguments is another intent, and so is one after a delivery', async () => {
  const { paying, asked } = await selling(broken, broken, sold)
  await paying.callTool(CALL).catch(() => undefined)
  await paying.callTool({ ...CALL, arguments: { q: 2 } }).catch(() => undefined)
  expect(asked()).toBe(2)
  await paying.callTool(CALL)
  expect(asked()).toBe(2)
  await paying.callTool(CALL)
  expect(asked()).toBe(3)
})

test.each<[string, Tool]>([
  ['a receipt', () => failed(withReceipt(PENDING))],
  ['a receipt without a transaction', () => failed(withReceipt({ ...PENDING, transaction: null }))],
  ['a challenge', () => refusing({ ...CHALLENGE, error: 'settlement_pending' })],
  ['structured content', () => failed({ structuredContent: PENDING })],
  ['a text', () => failed({ content: [{ type: 'text', text: JSON.stringify(PENDING) }] })],
  [
    'the data of an error of JSON-RPC',
    () => {
      throw new McpError(402, 'pending', { ...CHALLENGE, error: 'settlement_pending' })
    },
  ],
])('a settlement that %s says is pending is followed by the same payment', async (_, pending) => {
  const { paying, paid, asked } = await selling(pending, sold)
  expect(said(await paying.callTool(CALL))).toBe('sold')
  expect([asked(), paid().length, new Set(paid().map(paymentOf)).size]).toEqual([1, 2, 1])
})

test('pending in a good answer is unknown, and the answer is delivered', async () => {
  const { paying, asked, budget } = await selling(() => ({ content: [], ...withReceipt(PENDING) }))
  const result = await paying.callTool(CALL)
  expect(receiptOf(result)).toMatchObject({ paid: 'unknown', transaction: '0xfeed' })
  expect(receiptOf(withReceipt(PENDING))).toMatchObject({ paid: 'unknown', transaction: '0xfeed' })
  expect(budget.standing()).toMatchObject([{ held: 3n, spent: 0n }])
  await paying.callTool(CALL)
  expect(asked()).toBe(2)
})

test('a caller that gives up while a payment is pending has it kept', async () => {
  const { paying, asked, budget } = await selling(() => failed(withReceipt(PENDING)), sold)
  const signal = AbortSignal.timeout(200)
  await expect(paying.callTool(CALL, undefined, { signal })).rejects.toMatchObject({
    name: 'PaidCallError',
    receipt: { paid: 'unknown' },
  })
  expect(budget.standing()).toMatchObject([{ held: 3n }])
  expect(said(await paying.callTool(CALL))).toBe('sold')
  expect(asked()).toBe(1)
})

test('a real seller whose answer was lost is asked again with the same payment', async () => {
  const local = await stack()
  const tool = soldFor('1', sell(local))
  let losing = true
  const sale = await shop({
    [TOOL]: async (params) => {
      const result = await tool(params)
      if (losing && params._meta?.['x402/payment'] !== undefined) sale.hangUp()
      return result
    },
  })
  const limits = { plans: [local.planId], credits: { maxAmountPerPayment: 1n, total: 9n } }
  const paying = payingMcp(sale.client, buyer(local), limits)
  await expect(paying.callTool(CALL)).rejects.toMatchObject({ receipt: { paid: 'unknown' } })
  losing = false
  const again = await paying.callTool(CALL)
  expect(receiptOf(again).paid).not.toBe('no')
  expect(new Set(sale.paid().map(paymentOf)).size).toBe(1)
  expect(local.balance()).toBe(99n)
})
