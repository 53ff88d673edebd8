import { beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { PaymentRequirements } from '../../src/wire/x402.js'
import { gatewayTrial } from '../../src/local/trial-of.js'
import { localContext, type Local } from '../../src/local/index.js'
import { call, post } from '../local/support/gateway.js'
import { moneyChallenge, paymentFor } from '../seller/money/support/money.js'
import {
  allTextOf,
  eventOf,
  receiptOf,
  responseOf,
  stack,
  textOf,
  toolCall,
} from '../support/seller.js'
import { SHOP, fundedAccount, type Account } from '../seller/money/support/x402-payments.js'

type Handler = typeof import('../../examples/sell-for-usdc.js').handler

const DOLLAR = 1_000_000n

let local: Local
let account: Account

beforeAll(async () => {
  local = await stack()
  Object.assign(process.env, {
    X402_FACILITATOR_URL: local.x402.url,
    PAY_TO: SHOP,
    NVM_BACKEND_URL: local.url,
    NVM_API_KEY: local.nvmApiKey,
    NVM_PLAN_ID: local.planId,
    AWS_LAMBDA_LOG_LEVEL: 'FATAL',
  })
})

beforeEach(async () => {
  account = await fundedAccount(local, DOLLAR)
})

/** Asks what a call costs. */
async function ask(handler: Handler, args: Record<string, unknown>) {
  const challenge = moneyChallenge(
    await handler(eventOf(toolCall('T___tool', args)), localContext()),
  )
  return challenge as typeof challenge & { accepts: PaymentRequirements[] }
}

/** Asks, pays and calls, as a wallet does. */
async function buy(handler: Handler, args: Record<string, unknown>) {
  const before = await local.x402.balanceOf(SHOP)
  const payment = await paymentFor({ local, account }, await ask(handler, args))
  const paid = toolCall('T___tool', args, { _meta: { 'x402/payment': payment } })
  const output = await handler(eventOf(paid), localContext())
  const spent = DOLLAR - (await local.x402.balanceOf(account.address))
  expect((await local.x402.balanceOf(SHOP)) - before).toBe(spent)
  return { output, spent }
}

test('sell for USDC: a cent a call, from whoever has one', async () => {
  const { handler } = await import('../../examples/sell-for-usdc.js')
  const { accepts } = await ask(handler, {})
  expect(accepts).toMatchObject([{ scheme: 'exact', amount: '10000', payTo: SHOP }])
  const { output, spent } = await buy(handler, { name: 'Ada' })
  expect(textOf(output)).toBe(`Hello, Ada! Paid by ${account.address}.`)
  expect(receiptOf(output)).toMatchObject({ success: true, amount: '10000' })
  expect(spent).toBe(10_000n)
})

test('plan or USDC: a credit or a cent, as the buyer likes', async () => {
  const { handler } = await import('../../examples/plan-or-usdc.js')
  const { accepts } = await ask(handler, {})
  expect(accepts.map(({ scheme }) => scheme)).toEqual(['nvm:erc4337', 'exact'])
  const { output, spent } = await buy(handler, { name: 'Ada' })
  expect([textOf(output), spent]).toEqual(['Hello, Ada! Try our plan!', 10_000n])
  expect(local.balance()).toBe(100n)
  const subscriber = await handler(local.paidEvent('T___tool', { name: 'Eve' }), localContext())
  expect(textOf(subscriber)).toBe('Hello, Eve! Good to have you back.')
  expect(local.balance()).toBe(99n)
})

test.each([
  ['three words', 'one two three', 'three two one', 90n],
  ['nothing', '', '', 0n],
  ['a book', 'word '.repeat(1_000), 'word '.repeat(1_000).trim(), 20_000n],
])('upto: %s costs its tokens, and no more than was signed', async (_, prompt, text, price) => {
  const { handler } = await import('../../examples/upto-tokens.js')
  const { output, spent } = await buy(handler, { prompt })
  expect([textOf(output), spent]).toEqual([text, price])
  expect(receiptOf(output)?.['amount']).toBe(price === 0n ? undefined : `${price}`)
})

test('upfront: what is paid is rendered, in one trip to the facilitator', async () => {
  const { handler, refunds } = await import('../../examples/upfront.js')
  const trips = local.x402.calls.length
  const { output, spent } = await buy(handler, { scene: 'the sea' })
  expect([textOf(output), spent]).toEqual(['A picture of the sea', 500_000n])
  expect(local.x402.calls.slice(trips).map(({ route }) => route)).toEqual(['settle'])
  expect(refunds).toEqual([])
})

test('upfront: work that fails is owed to who paid for it', async () => {
  const { handler, refunds } = await import('../../examples/upfront.js')
  const { output, spent } = await buy(handler, {})
  expect(spent).toBe(500_000n)
  expect(allTextOf(output)).toContain('owes you a refund')
  const { transaction } = local.x402.settlements.at(-1) ?? {}
  const due = { reason: 'handler_failed', payer: account.address, amount: '500000', transaction }
  expect(refunds).toEqual([expect.objectContaining(due)])
  expect(responseOf(output).body.result?._meta).toMatchObject({
    'agentcore-x402/refund-due': due,
  })
})

test("the local stack's own tool is sold both ways", async () => {
  const own = await stack({ credits: 5n })
  const sold = async (payment: string) => {
    const { body } = await post(`${own.url}/mcp`, call('Greeter___hello', { name: 'Ada' }), {
      'payment-signature': payment,
    })
    return (body as { result: { content: { text: string }[] } }).result.content[0]?.text
  }
  const money = async () => [
    own.balance(),
    await own.x402.balanceOf(own.sellerAddress),
    await own.x402.balanceOf(own.x402.buyer.address),
  ]
  expect(await money()).toEqual([5n, 0n, 1_000_000_000n])
  expect(await sold(own.accessToken())).toBe('Hello, Ada!')
  expect(await money()).toEqual([4n, 0n, 1_000_000_000n])
  await gatewayTrial(own, {})
  const payment = await (await fetch(`${own.url}/try/money`)).text()
  expect(await sold(payment)).toBe('Hello, Ada!')
  expect(await money()).toEqual([4n, 10_000n, 999_990_000n])
})
