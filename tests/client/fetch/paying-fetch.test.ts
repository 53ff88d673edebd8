import { expect, test } from '@jest/globals'
import {
  OptionsError,
  PaidCallError,
  createBudget,
  payingFetch,
  receiptOf,
  type PayingFetchOptions,
} from '../../../src/client/index.js'
import { decodeHeader, encodeHeader } from '../../../src/wire/x402.js'
import {
  ASSET,
  NETWORK,
  asking,
  asksThen,
  limits,
  requirement,
  seller,
  sells,
  settled,
  wallet,
} from '../support/http-seller.js'

test('a call is paid once, and the answer comes back with a receipt', async () => {
  const { url, got } = await seller(sells)
  const { pay, asked } = wallet()
  const response = await payingFetch(pay, limits())(`${url}/quote?of=x`)
  expect(await response.text()).toBe('sold')
  expect(receiptOf(response)).toEqual({
    paid: 'yes',
    amount: '10000',
    agreed: '10000',
    unit: { network: NETWORK, asset: ASSET },
    transaction: '0xabc',
    network: NETWORK,
  })
  expect(asked).toHaveLength(1)
  expect(asked[0]?.[1]).toMatchObject({ requirement, url: `${url}/quote?of=x` })
  expect(got.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
    'GET /quote?of=x',
    'GET /quote?of=x',
  ])
  expect(decodeHeader(String(got[1]?.headers['payment-signature']))).toMatchObject({
    accepted: requirement,
  })
})

test('a call that costs nothing is sent once, and nobody is asked to pay', async () => {
  const { url, got } = await seller((_, response) => void response.writeHead(201).end('free'))
  const { pay, asked } = wallet()
  const response = await payingFetch(pay, limits())(url)
  expect([response.status, await response.text()]).toEqual([201, 'free'])
  expect(receiptOf(response)).toEqual({ paid: 'no' })
  expect([asked, got]).toEqual([[], [expect.objectContaining({ method: 'GET' })]])
})

test('of a call that was paid in another way, its own receipt is known', async () => {
  const { url } = await seller((_, response) => {
    response.writeHead(200, { 'PAYMENT-RESPONSE': encodeHeader(settled) }).end()
  })
  const response = await payingFetch(wallet().pay, limits())(url)
  expect(receiptOf(response)).toMatchObject({ paid: 'yes', transaction: '0xabc' })
})

test('a second 402 comes back and is not paid again; the amount stays held', async () => {
  const { url, got } = await seller(asksThen(asking({ error: 'insufficient_funds' })))
  const { pay, asked } = wallet()
  const budget = createBudget(limits())
  const response = await payingFetch(pay, budget)(url)
  expect(response.status).toBe(402)
  expect(receiptOf(response)).toMatchObject({ paid: 'unknown', amount: '10000' })
  expect(receiptOf(response).reason).toMatch(/^insufficient_funds; the signed payment was sent/)
  expect(asked).toHaveLength(1)
  expect(got).toHaveLength(2)
  expect(budget.standing()).toMatchObject([{ held: 10_000n, spent: 0n }])
})

test.each([
  ['', limits(), 10_000n],
  [', and is given back where the seller is trusted', limits({ trustReceipts: true }), 0n],
])('a settlement that failed says no; the amount stays held%s', async (_, allowed, held) => {
  const failed = {
    success: false,
    errorReason: 'insufficient_funds',
    transaction: '',
    network: NETWORK,
  }
  const { url } = await seller(
    asksThen((_, response) => {
      response.writeHead(402, { 'PAYMENT-RESPONSE': encodeHeader(failed) }).end('{}')
    }),
  )
  const budget = createBudget(allowed)
  const response = await payingFetch(wallet().pay, budget)(url)
  expect(receiptOf(response)).toMatchObject({ paid: 'no', reason: 'insufficient_funds' })
  expect(budget.standing()).toMatchObject([{ held, spent: 0n }])
})

test('an answer without a receipt leaves the outcome unknown', async () => {
  const { url } = await seller(asksThen((_, response) => void response.writeHead(500).end('oops')))
  const budget = createBudget(limits())
  const response = await payingFetch(wallet().pay, budget)(url)
  expect([response.status, await response.text()]).toEqual([500, 'oops'])
  const reason = 'a payment was sent, and no answer says what became of it'
  expect(receiptOf(response)).toMatchObject({ paid: 'unknown', reason })
  expect(budget.standing()).toMatchObject([{ held: 10_000n }])
})

test('a lost answer rejects with what is known', async () => {
  const { url, got } = await seller(
    asksThen((_, response) => void response.socket?.resetAndDestroy()),
  )
  const budget = createBudget(limits())
  const call = payingFetch(wallet().pay, budget)(url)
  await expect(call).rejects.toBeInstanceOf(PaidCallError)
  await expect(call).rejects.toMatchObject({ receipt: { paid: 'unknown', amount: '10000' } })
  expect(got).toHaveLength(2)
  expect(budget.standing()).toMatchObject([{ held: 10_000n }])
})

test('a call that fails before anything is asked rejects as fetch does', async () => {
  const { url } = await seller((_, response) => void response.socket?.resetAndDestroy())
  const call = payingFetch(wallet().pay, limits())(url)
  await expect(call).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed' })
})

test('100 calls at once do not overspend a budget for three', async () => {
  const { url, paid } = await seller(sells)
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  const calls = await Promise.allSettled(Array.from({ length: 100 }, () => fetch(url)))
  expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect(asked).toHaveLength(3)
  expect(paid()).toHaveLength(3)
})

test('a call that the caller pays for itself goes through as it is', async () => {
  const { url, got } = await seller(sells)
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  const response = await fetch(url, { headers: { 'Payment-Signature': 'mine' } })
  expect(await response.text()).toBe('sold')
  expect(receiptOf(response)).toEqual({
    paid: 'yes',
    amount: '10000',
    transaction: '0xabc',
    network: NETWORK,
  })
  expect(got).toMatchObject([{ headers: { 'payment-signature': 'mine' } }])
  expect(asked).toEqual([])
})

test('an empty header is no payment, and is replaced by one', async () => {
  const { url, got } = await seller(sells)
  const headers = { 'payment-signature': '', 'x-payment': '' }
  await payingFetch(wallet().pay, limits())(url, { headers })
  expect(decodeHeader(String(got[1]?.headers['payment-signature']))).toMatchObject({
    accepted: requirement,
  })
  expect(got[1]?.headers['payment-signature']).not.toContain(',')
})

test.each([
  { 'payment-signature': 'mine' },
  { 'X-PAYMENT': 'mine' },
  { authorization: 'payment mine' },
])('a call with %j that is refused is not paid again', async (headers) => {
  const { url, got } = await seller(asking())
  const { pay, asked } = wallet()
  const response = await payingFetch(pay, limits())(url, { headers })
  expect([response.status, asked.length, got.length]).toEqual([402, 0, 1])
  expect(receiptOf(response)).toEqual({ paid: 'unknown', reason: 'no receipt' })
})

test('of a copy only what its headers say is known', async () => {
  const { url } = await seller(sells)
  const response = await payingFetch(wallet().pay, limits())(url)
  const told = { paid: 'yes', amount: '10000', transaction: '0xabc', network: NETWORK }
  expect(receiptOf(response.clone())).toEqual(told)
  expect(receiptOf(new Response('', { headers: response.headers }))).toEqual(told)
  expect(receiptOf(new Response(''))).toEqual({ paid: 'unknown', reason: 'no receipt' })
  const receipt = receiptOf(response)
  receipt.paid = 'no'
  expect(receiptOf(response).paid).toBe('yes')
})

test.each<[string, unknown]>([
  ['options', null],
  ['options', 7],
  ['fetch', { fetch: 'no' }],
  ['now', { now: 1 }],
  ['Fetch', { Fetch: fetch }],
])('a wrong option is refused at once, naming %s', (option, options) => {
  const make = () => payingFetch(wallet().pay, limits(), options as PayingFetchOptions)
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(expect.objectContaining({ option }))
})

test.each<[string, unknown, unknown]>([
  ['payer', undefined, limits()],
  ['payer', {}, limits()],
  ['payer.protocols', { ...wallet(), protocols: 'x402' }, limits()],
  ['payer.protocols', { ...wallet(), protocols: ['x402', 'x403'] }, limits()],
  ['limits', wallet(), undefined],
  ['limits.hosts', wallet(), limits({ hosts: ['https://shop.example'] })],
])('a %s that cannot be is refused at once', (option, payer, given) => {
  const make = () => payingFetch(payer as never, given as never)
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(expect.objectContaining({ option }))
})
