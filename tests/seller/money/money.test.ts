import { expect, test } from '@jest/globals'
import type { PaidHandler } from '../../../src/index.js'
import {
  assetIn,
  buyOnce,
  callWith,
  centsOrPlan,
  challengeFrom,
  moneyChallenge,
  moneyShop,
  paidIn,
  paymentFor,
} from './support/money.js'
import { allTextOf, receiptOf, responseOf, stack, textOf } from '../../support/seller.js'

const CENT = 10_000n

test('a challenge states the price in money, and who is paid with what', async () => {
  const shop = await moneyShop()
  const output = await shop.handler(callWith())
  const { resource, accepts, extensions } = moneyChallenge(output)
  expect(resource).toEqual({ url: 'mcp://tool/T___hello' })
  expect(accepts).toEqual([
    {
      scheme: 'exact',
      network: 'eip155:84532',
      amount: '10000',
      asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      payTo: '0x1111111111111111111111111111111111111111',
      maxTimeoutSeconds: 300,
      extra: { name: 'USDC', version: '2' },
    },
  ])
  expect(extensions).toMatchObject({ 'payment-identifier': { info: { required: false } } })
  expect(allTextOf(output)).toContain('send a payment of $0.01 in USDC on eip155:84532')
})

test('a paid call runs once, moves the price to the unit, and says so', async () => {
  const payments: unknown[] = []
  const handler: PaidHandler = (_event, _context, payment) => {
    payments.push(payment)
    return { content: [{ type: 'text', text: 'Hello!' }] }
  }
  const shop = await moneyShop({}, handler)
  const output = await buyOnce(shop)
  const { address } = shop.account
  expect(textOf(output)).toBe('Hello!')
  expect(await shop.taken()).toBe(CENT)
  expect(await shop.local.x402.balanceOf(address)).toBe(1_000_000n - CENT)
  expect(paidIn(output)).toEqual({
    success: true,
    amount: '10000',
    payer: address,
    network: 'eip155:84532',
  })
  const [settlement] = shop.local.x402.settlements
  expect(receiptOf(output)?.['transaction']).toBe(settlement?.transaction)
  expect(payments).toEqual([
    {
      payer: address,
      planId: undefined,
      network: 'eip155:84532',
      scheme: 'exact',
      credits: 0n,
      maxCredits: undefined,
      amount: CENT,
      asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      paymentId: undefined,
      agentRequestId: undefined,
      correlationId: expect.any(String),
      signal: undefined,
    },
  ])
  expect(shop.events.map(({ type }) => type)).toEqual(['failed', 'verified', 'settled'])
})

test('plans and money are offered side by side, and the payment that comes chooses', async () => {
  const local = await stack()
  const shop = await moneyShop(centsOrPlan(local), undefined, local)
  const challenge = await challengeFrom(shop)
  expect(challenge.accepts.map(({ scheme }) => scheme)).toEqual(['nvm:erc4337', 'exact'])

  const inMoney = await shop.handler(callWith(await paymentFor(shop, challenge)))
  expect(paidIn(inMoney)).toMatchObject({ success: true, amount: '10000' })
  expect([await shop.taken(), local.balance()]).toEqual([CENT, 100n])

  const inCredits = await shop.handler(local.paidEvent('T___hello'))
  expect(receiptOf(inCredits)).toMatchObject({ success: true, creditsRedeemed: '1' })
  expect([await shop.taken(), local.balance()]).toEqual([CENT, 99n])
})

test('each facilitator is asked about its own: the other one hears nothing', async () => {
  const local = await stack()
  const shop = await moneyShop(centsOrPlan(local), undefined, local)
  await buyOnce(shop)
  expect(local.calls.map(({ route }) => route)).toEqual(['plan'])
  expect(local.x402.calls.map(({ route }) => route)).toEqual(['verify', 'settle'])
  await shop.handler(local.paidEvent('T___hello'))
  expect(local.x402.calls).toHaveLength(2)
})

test('the facilitator is asked with the terms of the seller, never the copy of the buyer', async () => {
  const shop = await moneyShop()
  const challenge = await challengeFrom(shop)
  const accepted = { ...assetIn(challenge), extra: { ...assetIn(challenge).extra, own: 'words' } }
  await shop.handler(callWith(await paymentFor(shop, challenge, {}, { accepted })))
  const asked = shop.local.x402.calls.map(({ body }) => body as Record<string, unknown>)
  expect(asked.map((body) => body['paymentRequirements'])).toEqual([
    assetIn(challenge),
    assetIn(challenge),
  ])
  expect(await shop.taken()).toBe(CENT)
})

test('a price of nothing asks for nothing', async () => {
  const shop = await moneyShop({ price: '$0' })
  const output = await shop.handler(callWith())
  expect(textOf(output)).toBe('Hello!')
  expect(responseOf(output).headers).toEqual({ 'Content-Type': 'application/json' })
  expect(shop.local.x402.calls).toEqual([])
})
