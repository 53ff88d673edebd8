import { expect, test } from '@jest/globals'
import axios from 'axios'
import {
  createBudget,
  payingAxios,
  payingFetch,
  payingMcp,
  receiptOf,
  type Intent,
  type PaymentLimits,
} from '../../../src/client/index.js'
import {
  ASSET,
  NETWORK,
  OTHER,
  PAYEE,
  asking,
  asksThen,
  challenge,
  limits,
  rejection,
  requirement,
  seller,
  sells,
  wallet,
} from '../support/http-seller.js'

const UNIT = { network: NETWORK, asset: ASSET }
const offering = (more: object) => asking({ accepts: [{ ...requirement, ...more }] })

test.each<[string, object, Partial<PaymentLimits>]>([
  ['schemes', { scheme: 'batch-settlement' }, {}],
  ['budgets', { asset: OTHER }, {}],
  ['budgets', { asset: null }, {}],
  ['budgets', { network: 'eip155:8453' }, {}],
  ['networks', {}, { networks: ['eip155:8453'] }],
  ['payees', {}, { payees: [OTHER] }],
  ['payees', { payTo: null }, { payees: [PAYEE] }],
  ['maxTimeoutSeconds', { maxTimeoutSeconds: 3601 }, {}],
  ['maxTimeoutSeconds', { maxTimeoutSeconds: '60' }, {}],
  ['maxTimeoutSeconds', { maxTimeoutSeconds: {} }, {}],
  ['maxTimeoutSeconds', { maxTimeoutSeconds: 61 }, { maxTimeoutSeconds: 60 }],
  ['allowUnstatedPrice', { amount: null }, { allowUnstatedPrice: true }],
  ['maxAmountPerPayment', { amount: '10001' }, {}],
  [
    'total',
    {},
    { budgets: { [`${NETWORK}/${ASSET}`]: { maxAmountPerPayment: 10_000n, total: 9_999n } } },
  ],
  ['confirm', {}, { confirm: () => false }],
  ['confirm', {}, { confirm: () => 'yes' as unknown as boolean }],
  ['plans', { scheme: 'nvm:erc4337', planId: '1' }, {}],
])('%s forbid what they should, before the payer is asked', async (limit, more, given) => {
  const { url, got } = await seller(offering(more))
  const { pay, asked } = wallet()
  const budget = createBudget(limits(given))
  const failure = await rejection(payingFetch(pay, budget)(url))
  expect(failure).toMatchObject({ name: 'PaymentLimitError', code: 'limit_exceeded', limit })
  expect(failure).toHaveProperty('paymentRequired.accepts', [{ ...requirement, ...more }])
  expect(failure.message).toMatch(/; nothing was paid$/)
  expect([asked.length, got.length]).toEqual([0, 1])
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test.each<[string, object, Partial<PaymentLimits>]>([
  ['a signature that lives as long as it may', { maxTimeoutSeconds: 3600 }, {}],
  ['a signature whose life is not said', { maxTimeoutSeconds: null }, {}],
  ['an allowed payee', {}, { payees: [OTHER, PAYEE.toUpperCase().replace('0X', '0x')] }],
  ['an allowed network', {}, { networks: [NETWORK] }],
  ['an allowed network by its other name', {}, { networks: ['Base-Sepolia'] }],
  ['a network that its seller calls by its other name', { network: 'base-sepolia' }, {}],
  ['one that is called so and allowed', { network: 'base-sepolia' }, { networks: [NETWORK] }],
  [
    'an asset on a network by its other name',
    {},
    { budgets: { [`base-sepolia/${ASSET}`]: { maxAmountPerPayment: 10_000n, total: 10_000n } } },
  ],
  ['an asset in another case', { asset: ASSET.toLowerCase() }, {}],
  ['what is confirmed', {}, { confirm: async () => Promise.resolve(true) }],
  ['nothing at all', { amount: '0' }, {}],
])('%s is paid', async (_, more, given) => {
  const { url } = await seller(asksThen(sells, offering(more)))
  const response = await payingFetch(wallet().pay, limits(given))(url)
  expect(receiptOf(response).paid).toBe('yes')
})

test.each([0, -1, 1.5, NaN, '60'])('%p is no time that a signature may live', (given) => {
  const make = () => payingFetch(wallet().pay, limits({ maxTimeoutSeconds: given as number }))
  expect(make).toThrow(expect.objectContaining({ option: 'limits.maxTimeoutSeconds' }))
})

test('who has to confirm a payment sees what it is for', async () => {
  const { url } = await seller(sells)
  const intents: Intent[] = []
  const confirm = (intent: Intent) => intents.push(intent) > 0
  const { signal } = new AbortController()
  const { pay, asked } = wallet()
  await payingFetch(pay, limits({ confirm }))(`${url}/quote`, { signal })
  expect(intents).toEqual([
    {
      amount: 10_000n,
      unit: UNIT,
      requirement,
      paymentRequired: challenge(`${url}/quote`),
      url: `${url}/quote`,
      signal: expect.any(AbortSignal),
    },
  ])
  expect(asked).toHaveLength(1)
})

test('what confirm changes is not what is paid', async () => {
  const { url } = await seller(sells)
  const confirm = ({ requirement: shown, paymentRequired, unit }: Intent) => {
    shown.payTo = OTHER
    paymentRequired.resource.url = 'https://other.example/'
    Object.assign(unit, { network: 'eip155:8453' })
    return true
  }
  const { pay, asked } = wallet()
  const response = await payingFetch(pay, limits({ confirm }))(url)
  expect(receiptOf(response)).toMatchObject({ paid: 'yes', unit: UNIT })
  expect(asked[0]?.[0]).toEqual(challenge(`${url}/`))
  expect(asked[0]?.[1].requirement).toEqual(requirement)
})

test('what confirm throws comes out unchanged, and nothing is paid', async () => {
  const { url, got } = await seller(sells)
  const failure = new Error('no')
  const { pay, asked } = wallet()
  const confirm = () => {
    throw failure
  }
  const budget = createBudget(limits({ confirm }))
  expect(await rejection(payingFetch(pay, budget)(url))).toBe(failure)
  expect([asked.length, got.length]).toEqual([0, 1])
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test('dearer calls only are confirmed where it says so', async () => {
  const { url } = await seller(sells)
  const asset = { maxAmountPerPayment: 10_000n, total: 30_000n }
  let asked = 0
  for (const confirmAbove of ['9999', '10000']) {
    const budgets = { [`${NETWORK}/${ASSET}`]: { ...asset, confirmAbove } }
    await payingFetch(wallet().pay, { budgets, confirm: () => (asked += 1) > 0 })(url)
  }
  expect(asked).toBe(1)
})

/** As much of an MCP client as is needed: its one tool is sold for the same. */
const mcp = {
  callTool: (params: { name: string; _meta?: Record<string, unknown> }) => {
    const isPaid = params._meta?.['x402/payment'] !== undefined
    const receipt = { _meta: { 'x402/payment-response': settled } }
    const structuredContent = challenge('mcp://tool/quote')
    return Promise.resolve(
      isPaid ? { content: [], ...receipt } : { isError: true, structuredContent },
    )
  },
}
const settled = { success: true, transaction: '0xabc', network: NETWORK }

test('one budget serves fetch, axios and MCP', async () => {
  const { url } = await seller(sells)
  const budget = createBudget(limits())
  const { pay, asked } = wallet()
  const instance = axios.create()
  payingAxios(instance, pay, budget)
  const calls = [
    () => payingFetch(pay, budget)(url),
    () => instance.get(url),
    () => payingMcp(mcp, pay, budget).callTool({ name: 'quote' }),
  ]
  for (const [i, call] of calls.entries()) {
    expect(receiptOf(await call())).toMatchObject({ paid: 'yes', amount: '10000', unit: UNIT })
    expect(budget.standing()).toMatchObject([{ spent: BigInt(i + 1) * 10_000n, held: 0n }])
  }
  for (const call of calls) {
    expect(await rejection(call())).toMatchObject({ limit: 'total', amount: '10000', allowed: '0' })
  }
  expect(asked).toHaveLength(3)
})

test('two clients with limits of their own have two budgets', async () => {
  const { url } = await seller(sells)
  const one = limits({
    budgets: { [`${NETWORK}/${ASSET}`]: { maxAmountPerPayment: 10_000n, total: 10_000n } },
  })
  for (const fetchPaying of [payingFetch(wallet().pay, one), payingFetch(wallet().pay, one)]) {
    expect((await fetchPaying(url)).status).toBe(200)
    expect(await rejection(fetchPaying(url))).toMatchObject({ limit: 'total' })
  }
})

test('the payer gets the way to pay that was chosen, as its seller wrote it', async () => {
  const chosen = { ...requirement, extra: { name: 'USDC', version: '2' }, odd: [1] }
  const extensions = { some: { info: { id: 1 } } }
  const accepts = [{ ...requirement, amount: '10001' }, chosen]
  const { url } = await seller(asksThen(sells, asking({ accepts, extensions })))
  const { pay, asked } = wallet()
  await payingFetch({ pay }, limits())(url)
  expect(asked).toEqual([
    [
      challenge(`${url}/`, { accepts, extensions }),
      { requirement: chosen, url: `${url}/`, signal: expect.any(AbortSignal) },
    ],
  ])
})
