import { expect, test } from '@jest/globals'
import {
  NOTHING_HAPPENED,
  assetIn,
  buyOnce,
  callWith,
  centsOrPlan,
  challengeFrom,
  countingShop,
  moneyChallenge,
  paidIn,
  paymentFor,
  whatHappened,
  type MoneyOptions,
} from './support/money.js'
import { TOOL } from '../../support/outcome.js'
import {
  allTextOf,
  challengeOf,
  contextWith,
  eventOf,
  hello,
  receiptOf,
  recordingLogger,
  responseOf,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'
import { SHOP } from './support/x402-payments.js'

const CENT = 10_000n
const TOKEN = '0x3333333333333333333333333333333333333333'
const DOMAIN = { name: 'Token', version: '1' }
const TOKEN_OF_STACK = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'

test('every tool has the price of its row, and the others that of the top', async () => {
  const other = '0x4444444444444444444444444444444444444444'
  const tools = {
    T___dear: { price: '$0.50', description: 'dear' },
    theirs: { payTo: other },
    T___free: 'free',
  } as const
  const shop = await countingShop({ tools })
  const asked = async (name: string) => {
    const output = await shop.handler(eventOf(toolCall(name)))
    const challenge = moneyChallenge(output)
    const { amount, payTo } = assetIn(challenge)
    return [challenge.resource, amount, payTo]
  }
  expect(await asked('T___dear')).toEqual([
    { url: 'mcp://tool/T___dear', description: 'dear' },
    '500000',
    SHOP,
  ])
  expect(await asked('X___theirs')).toEqual([{ url: 'mcp://tool/X___theirs' }, '10000', other])
  expect(await asked(TOOL)).toEqual([{ url: `mcp://tool/${TOOL}` }, '10000', SHOP])
  expect(textOf(await shop.handler(eventOf(toolCall('T___free'))))).toBe('Hello!')
  expect([shop.ran(), await shop.taken()]).toEqual([1, 0n])
})

test('where only rows have prices, a tool without a row is unknown', async () => {
  const shop = await countingShop({ price: undefined, tools: { T___dear: { price: '$0.50' } } })
  const output = await shop.handler(callWith())
  expect(responseOf(output).body.error).toEqual({ code: -32602, message: 'Unknown tool' })
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

test('a row may be sold for plans and money, or for one of them', async () => {
  const local = await stack()
  const { planId, price, ...selling } = centsOrPlan(local)
  const tools = { T___both: { planId, price }, T___plan: { planId }, T___money: { price } }
  const shop = await countingShop({ ...selling, price: undefined, tools }, hello, local)
  const schemes = async (name: string) => {
    const output = await shop.handler(eventOf(toolCall(name)))
    return moneyChallenge(output).accepts.map(({ scheme }) => scheme)
  }
  expect(await schemes('T___both')).toEqual(['nvm:erc4337', 'exact'])
  expect(await schemes('T___plan')).toEqual(['nvm:erc4337'])
  expect(await schemes('T___money')).toEqual(['exact'])
})

test.each<[string, (amount: string) => NonNullable<MoneyOptions['price']>]>([
  ['a function', () => () => '$0.02'],
  ['an async function', () => async () => ({ amount: 20_000n, asset: TOKEN_OF_STACK })],
])('%s gives the price of a call, asked once with the call and no payment', async (_, priceOf) => {
  const given: unknown[][] = []
  const compute = priceOf('20000') as (...args: unknown[]) => '$0.02'
  const price = (...args: unknown[]) => {
    given.push(args)
    return compute(...args)
  }
  const shop = await countingShop({ price })
  const challenge = await challengeFrom(shop)
  expect(assetIn(challenge).amount).toBe('20000')
  const context = contextWith(60_000)
  const output = await shop.handler(callWith(await paymentFor(shop, challenge)), context)
  expect(paidIn(output)).toMatchObject({ success: true, amount: '20000' })
  expect([shop.ran(), await shop.taken()]).toEqual([1, 20_000n])
  expect(given).toHaveLength(2)
  expect(given[1]?.[1]).toBe(context)
  expect(given[1]?.[0]).toMatchObject({ mcp: { gatewayRequest: { body: toolCall(TOOL) } } })
  expect(JSON.stringify(given[1]?.[0])).not.toContain('signature')
})

test.each<[string, unknown]>([
  [
    'throws',
    () => {
      throw new Error('of the price')
    },
  ],
  ['rejects', () => Promise.reject(new Error('of the price'))],
  ['gives nothing', () => undefined],
  ['gives null', () => null],
  ['gives a number', () => 0.01],
  ['gives dollars without a sign', () => '0.01'],
  ['gives less than nothing', () => '$-1'],
  ['gives too many places', () => '$0.0000001'],
  ['gives an amount that is a number', async () => ({ amount: 5, asset: TOKEN_OF_STACK })],
  ['gives no asset', async () => ({ amount: '5' })],
  ['gives a token without its domain', () => ({ amount: '5', asset: TOKEN })],
])('a price that %s refuses the call, and no money is asked for', async (_, price) => {
  const logger = recordingLogger()
  const shop = await countingShop({ price: price as never, logger })
  const output = await shop.handler(callWith())
  expect(allTextOf(output)).toContain(
    'Try again later, with the same payment if you sent one. You were not charged for this call.',
  )
  expect(challengeOf(output)).toBeUndefined()
  expect(shop.events).toMatchObject([{ type: 'failed', code: 'price_invalid' }])
  expect(logger.lines).toMatchObject([{ level: 'error', details: { code: 'price_invalid' } }])
  expect(JSON.stringify(output)).not.toContain('of the price')
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

test('a price that was lower when it was asked for buys nothing now', async () => {
  let price = '$0.01' as const as `$${string}`
  const shop = await countingShop({ price: () => price })
  const payment = await paymentFor(shop, await challengeFrom(shop))
  price = '$0.02'
  const output = await shop.handler(callWith(payment))
  expect(moneyChallenge(output)).toMatchObject({
    error: 'verification failed: amount_mismatch',
    accepts: [{ amount: '20000' }],
  })
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})

test.each(['$0', '$0.00', () => '$0', { amount: 0n, asset: TOKEN, extra: DOMAIN }])(
  'a price of %p is none',
  async (price) => {
    const shop = await countingShop({ price: price as never })
    const output = await shop.handler(callWith())
    expect([textOf(output), receiptOf(output)]).toEqual(['Hello!', undefined])
    expect(await whatHappened(shop)).toEqual({ ...NOTHING_HAPPENED, ran: 1 })
  },
)

test.each<[string, string, string]>([
  ['eip155:8453', '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913', 'USD Coin'],
  ['eip155:84532', '0x036CbD53842c5426634e7929541eC2318f3dCF7e', 'USDC'],
  ['eip155:1', '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48', 'USD Coin'],
  ['eip155:137', '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359', 'USD Coin'],
  ['eip155:42161', '0xaf88d065e77c8cC2239327C5EDb3A432268e5831', 'USD Coin'],
  ['eip155:421614', '0x75faf114eafb1BDbe2F0316DF893fd58CE46AA4d', 'USD Coin'],
  ['eip155:43114', '0xB97EF9Ef8734C71904D8002F8b6Bc66Dd9c48a6E', 'USD Coin'],
])('a dollar on %s is its USDC, signed under its own name', async (network, asset, name) => {
  const shop = await countingShop({ network, price: '$1234.567' })
  expect(assetIn(await challengeFrom(shop))).toEqual({
    scheme: 'exact',
    network,
    amount: '1234567000',
    asset,
    payTo: SHOP,
    maxTimeoutSeconds: 300,
    extra: { name, version: '2' },
  })
})

test('another token is asked for as it was given, and so is its price for people', async () => {
  const price = { amount: '1000000000000000000', asset: TOKEN, extra: { ...DOMAIN, more: 1 } }
  const shop = await countingShop({ price, maxTimeoutSeconds: 60 })
  const output = await shop.handler(callWith())
  expect(assetIn(moneyChallenge(output))).toMatchObject({ ...price, maxTimeoutSeconds: 60 })
  expect(allTextOf(output)).toContain(`1000000000000000000 units of ${TOKEN} on eip155:84532`)
})

test('what is given for a known token stands before what the table says of it', async () => {
  const extra = { name: 'Bridged', note: 'n' }
  const shop = await countingShop({ price: { amount: '1', asset: TOKEN_OF_STACK, extra } })
  expect(assetIn(await challengeFrom(shop)).extra).toEqual({ ...extra, version: '2' })
})

test('options changed after the wrapper was made change nothing', async () => {
  const extra = { name: 'USDC', version: '2' }
  const price = { amount: '10000', asset: TOKEN_OF_STACK, extra }
  const shop = await countingShop({ price })
  Object.assign(price, { amount: '1', asset: TOKEN })
  extra.name = 'Other'
  expect(paidIn(await buyOnce(shop))).toMatchObject({ success: true, amount: '10000' })
  expect(await shop.taken()).toBe(CENT)
})
