import { afterEach, expect, test } from '@jest/globals'
import {
  PaidCallError,
  PaymentLimitError,
  createBudget,
  payingFetch,
  receiptOf,
} from '../src/client/index.js'
import { decodeHeader, encodeHeader } from '../src/x402.js'
import {
  ASSET,
  NETWORK,
  PAYEE,
  V1,
  challenge,
  closeSellers,
  limits,
  requirement,
  seller,
  sells,
  sellsV1,
  wallet,
} from './support/http-seller.js'

afterEach(closeSellers)

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
  expect(got.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
    'GET /quote?of=x',
    'GET /quote?of=x',
  ])
  expect(decodeHeader(String(got[1]?.headers['payment-signature']))).toMatchObject({
    accepted: requirement,
  })
})

test.each(['stream', 'form', 'bytes', 'Request'])(
  'the body of a %s is sent twice, the same',
  async (kind) => {
    const { url, got } = await seller(sells)
    const bytes = new Uint8Array(300_000).map((_, i) => (i * 7) % 256)
    const form = new FormData()
    form.set('file', new Blob([bytes]), 'a.bin')
    const { pay } = wallet()
    const fetch = payingFetch(pay, limits())
    const headers = { 'x-mine': 'yes' }
    const bodies: Record<string, () => Promise<Response>> = {
      stream: () =>
        fetch(url, { method: 'POST', headers, body: new Blob([bytes]).stream(), duplex: 'half' }),
      form: () => fetch(url, { method: 'POST', headers, body: form }),
      bytes: () => fetch(url, { method: 'PUT', headers, body: bytes }),
      Request: () => fetch(new Request(url, { method: 'PATCH', headers, body: bytes })),
    }
    const response = await bodies[kind]?.()
    expect(response?.status).toBe(200)
    const [first, second] = got
    expect(second?.body).toBe(first?.body)
    expect(second?.body.length).toBeGreaterThanOrEqual(bytes.length)
    expect(second?.headers['content-type']).toBe(first?.headers['content-type'])
    expect(second?.headers['x-mine']).toBe('yes')
    expect(second?.method).toBe(first?.method)
  },
)

test('a second 402 comes back and is not paid again; the amount stays held', async () => {
  const { url, got } = await seller(({ headers }, response) => {
    const error = headers['payment-signature'] ? 'insufficient_funds' : 'Payment required'
    const header = encodeHeader(challenge(`http://${headers.host}/`, { error }))
    response.writeHead(402, { 'PAYMENT-REQUIRED': header }).end('{}')
  })
  const { pay, asked } = wallet()
  const budget = createBudget(limits())
  const response = await payingFetch(pay, budget)(url)
  expect(response.status).toBe(402)
  expect(receiptOf(response)).toMatchObject({ paid: 'unknown', amount: '10000' })
  expect(receiptOf(response).reason).toMatch(/^insufficient_funds; whoever got the signed payment/)
  expect(asked).toHaveLength(1)
  expect(got).toHaveLength(2)
  expect(budget.standing()).toMatchObject([{ held: 10_000n, spent: 0n }])
})

test('a settlement that failed says no, and gives the amount back', async () => {
  const { url } = await seller((got, response, nth) => {
    if (nth === 1) return sells(got, response, nth)
    const failed = {
      success: false,
      errorReason: 'insufficient_funds',
      transaction: '',
      network: NETWORK,
    }
    response.writeHead(402, { 'PAYMENT-RESPONSE': encodeHeader(failed) }).end('{}')
  })
  const budget = createBudget(limits())
  const response = await payingFetch(wallet().pay, budget)(url)
  expect(receiptOf(response)).toMatchObject({ paid: 'no', reason: 'insufficient_funds' })
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test('an answer without a receipt leaves the outcome unknown', async () => {
  const { url } = await seller((got, response, nth) => {
    if (nth === 1) return sells(got, response, nth)
    response.writeHead(500).end('oops')
  })
  const budget = createBudget(limits())
  const response = await payingFetch(wallet().pay, budget)(url)
  expect(response.status).toBe(500)
  expect(receiptOf(response).paid).toBe('unknown')
  expect(budget.standing()).toMatchObject([{ held: 10_000n }])
})

test('a lost answer rejects with what is known', async () => {
  const { url } = await seller((got, response, nth) => {
    if (nth === 1) return sells(got, response, nth)
    response.socket?.resetAndDestroy()
  })
  const call = payingFetch(wallet().pay, limits())(url)
  await expect(call).rejects.toBeInstanceOf(PaidCallError)
  await expect(call).rejects.toMatchObject({ receipt: { paid: 'unknown', amount: '10000' } })
})

test('100 calls at once do not overspend a budget for three', async () => {
  const { url, got } = await seller(sells)
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  const calls = await Promise.allSettled(Array.from({ length: 100 }, () => fetch(url)))
  expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect(asked).toHaveLength(3)
  expect(got.filter(({ headers }) => headers['payment-signature'])).toHaveLength(3)
})

test('a seller of x402 v1 is paid in X-PAYMENT, within the same budget', async () => {
  const { url, got } = await seller(sellsV1)
  const { pay, asked } = wallet()
  const budget = createBudget(limits())
  const response = await payingFetch(pay, budget)(`${url}/v1`)
  expect(receiptOf(response)).toMatchObject({ paid: 'yes', amount: '10000', transaction: '0xabc' })
  expect(asked[0]?.[1].v1).toMatchObject({ ...V1, resource: `${url}/v1` })
  expect(decodeHeader(String(got[1]?.headers['x-payment']))).toEqual({
    x402Version: 1,
    scheme: 'exact',
    network: 'base-sepolia',
    payload: { signature: '0x', authorization: { to: PAYEE, value: '10000' } },
  })
  expect(budget.standing()).toMatchObject([{ spent: 10_000n }])
})

test('a redirect to another origin is not paid unless its host is listed', async () => {
  const shop = await seller(sells)
  const front = await seller((_, response) => {
    response.writeHead(302, { location: `${shop.url}/quote` }).end()
  })
  const { pay, asked } = wallet()
  const refused = payingFetch(pay, limits())(front.url)
  await expect(refused).rejects.toBeInstanceOf(PaymentLimitError)
  await expect(refused).rejects.toMatchObject({ limit: 'hosts' })
  expect(asked).toEqual([])
  const listed = limits({ hosts: [`127.0.0.1:${shop.port}`] })
  expect((await payingFetch(pay, listed)(front.url)).status).toBe(200)
  expect(front.got.some(({ headers }) => headers['payment-signature'])).toBe(false)
})
