import { expect, test } from '@jest/globals'
import axios from 'axios'
import { OptionsError, PaidCallError, payingAxios, receiptOf } from '../../../src/client/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { axiosError, payingInstance } from '../support/axios-buyer.js'
import {
  ASSET,
  NETWORK,
  OTHER,
  V1,
  asking,
  asksThen,
  asksV1,
  challenge,
  limits,
  rejection,
  seller,
  sells,
  sellsMpp,
  sellsV1,
  wallet,
  type Answer,
} from '../support/http-seller.js'

test('an axios instance pays, and its other interceptors see one call', async () => {
  const { url, got } = await seller(sells)
  const { instance, asked, budget } = payingInstance({ baseURL: url })
  const seen: string[] = []
  instance.interceptors.request.use((config) => {
    seen.push('request')
    return config
  })
  instance.interceptors.response.use((answer) => {
    seen.push('response')
    return answer
  })
  const response = await instance.post('/quote', { a: 1 }, { params: { of: 'x' } })
  expect([response.status, response.data, seen]).toEqual([200, 'sold', ['request', 'response']])
  expect(receiptOf(response)).toEqual({
    paid: 'yes',
    amount: '10000',
    agreed: '10000',
    unit: { network: NETWORK, asset: ASSET },
    transaction: '0xabc',
    network: NETWORK,
  })
  expect(asked.map(([, { url: called }]) => called)).toEqual([`${url}/quote?of=x`])
  expect(got.map(({ method, url: path, body }) => [method, path, body])).toEqual([
    ['POST', '/quote?of=x', '{"a":1}'],
    ['POST', '/quote?of=x', '{"a":1}'],
  ])
  expect(budget.standing()).toMatchObject([{ spent: 10_000n, held: 0n }])
})

test.each<[string, Answer, string]>([
  ['x402 v1', sellsV1, 'x-payment'],
  ['MPP', sellsMpp, 'authorization'],
  [
    'x402 v2 in the body only',
    asksThen(sells, (_, response) => {
      response.writeHead(402).end(JSON.stringify(challenge('/')))
    }),
    'payment-signature',
  ],
])('sellers of %s are paid too', async (_, sell, header) => {
  const { url, paid } = await seller(sell)
  const { instance, asked } = payingInstance()
  expect(receiptOf(await instance.get(url))).toMatchObject({ paid: 'yes', amount: '10000' })
  expect([paid().length, asked.length]).toEqual([1, 1])
  expect(paid()[0]?.headers[header]).toBeTruthy()
})

test.each<[string, Answer]>([
  ['is prose', (_, response) => void response.writeHead(402).end('pay me')],
  [
    'is too long',
    (_, response) => {
      const body = { x402Version: 1, accepts: [V1], beside: 'x'.repeat(65_536) }
      response.writeHead(402).end(JSON.stringify(body))
    },
  ],
  [
    'breaks off',
    (_, response) => {
      response.writeHead(402, { 'content-length': 500 })
      response.write(JSON.stringify(challenge('/')), () => response.destroy())
    },
  ],
])('a 402 whose challenge %s is rejected as ever, its data included', async (_, answer) => {
  const { url, got } = await seller(answer)
  const { instance, asked } = payingInstance()
  const native = await axiosError(axios.get(url))
  const failure = await axiosError(instance.get(url))
  expect(failure).toMatchObject({ message: native.message, code: native.code })
  expect(failure.response?.data).toEqual(native.response?.data)
  expect(receiptOf(failure.response)).toEqual({ paid: 'no' })
  expect([asked.length, got.length]).toEqual([0, 2])
})

test('a second 402 is rejected as ever and not paid again; the amount stays held', async () => {
  const { url, got } = await seller(asksThen(asking({ error: 'insufficient_funds' })))
  const { instance, asked, budget } = payingInstance()
  const failure = await axiosError(instance.get(url))
  expect(failure.response?.status).toBe(402)
  expect(receiptOf(failure.response)).toMatchObject({ paid: 'unknown', amount: '10000' })
  expect(receiptOf(failure.response).reason).toMatch(/^insufficient_funds;/)
  expect([asked.length, got.length]).toEqual([1, 2])
  expect(budget.standing()).toMatchObject([{ held: 10_000n, spent: 0n }])
})

test('which statuses are errors is for validateStatus to say, before and after paying', async () => {
  const { url } = await seller(asksThen((_, response) => void response.writeHead(500).end('oops')))
  const { instance } = payingInstance({ validateStatus: () => true })
  const response = await instance.get(url)
  expect([response.status, response.data, receiptOf(response).paid]).toEqual([
    500,
    'oops',
    'unknown',
  ])
  const free = await seller((_, answer) => void answer.writeHead(404).end('none'))
  const unpaid = await instance.get(free.url)
  expect([unpaid.status, receiptOf(unpaid)]).toEqual([404, { paid: 'no' }])
})

test('transforms run once, on the last answer', async () => {
  const { url } = await seller(asksThen((_, response) => void response.end('{"a":1}')))
  const seen: unknown[] = []
  const { instance } = payingInstance({
    transformResponse: (data: unknown) => (seen.push(data), 'transformed'),
  })
  expect((await instance.get(url)).data).toBe('transformed')
  expect(seen).toEqual(['{"a":1}'])
  const parsed = payingInstance()
  const again = await seller(asksThen((_, response) => void response.end('{"a":1}')))
  expect((await parsed.instance.get(again.url)).data).toEqual({ a: 1 })
})

test('an answer that cannot be transformed is rejected with its receipt', async () => {
  const { url } = await seller(sells)
  const { instance } = payingInstance()
  const failure = await axiosError(
    instance.get(url, { transitional: { silentJSONParsing: false }, responseType: 'json' }),
  )
  expect(receiptOf(failure.response)).toMatchObject({ paid: 'yes', transaction: '0xabc' })
})

test('a lost answer rejects with a PaidCallError', async () => {
  const { url, paid } = await seller(
    asksThen((_, response) => void response.socket?.resetAndDestroy()),
  )
  const { instance, budget } = payingInstance()
  const failure = await rejection(instance.get(url))
  expect(failure).toBeInstanceOf(PaidCallError)
  expect(failure).toMatchObject({ receipt: { paid: 'unknown', amount: '10000' } })
  expect((failure.cause as Error).message).toMatch(/ECONNRESET/)
  expect(paid()).toHaveLength(1)
  expect(budget.standing()).toMatchObject([{ held: 10_000n }])
})

test('an answer that comes too late rejects with a PaidCallError', async () => {
  const { url } = await seller(asksThen(() => undefined))
  const { instance } = payingInstance()
  const failure = await rejection(instance.get(url, { timeout: 50 }))
  expect(failure).toBeInstanceOf(PaidCallError)
  expect(failure).toMatchObject({ receipt: { paid: 'unknown' } })
})

test('limits forbid what they should, before the payer is asked', async () => {
  const { url, got } = await seller(asking())
  const forbidding = [
    limits({ payees: [OTHER] }),
    limits({ hosts: ['shop.example'] }),
    limits({ confirm: () => false }),
    limits({
      budgets: { [`${NETWORK}/${ASSET}`]: { maxAmountPerPayment: 9_999n, total: 30_000n } },
    }),
  ]
  for (const given of forbidding) {
    const { instance, asked, budget } = payingInstance({}, given)
    const failure = await rejection(instance.get(url))
    expect(failure).toMatchObject({ name: 'PaymentLimitError', code: 'limit_exceeded' })
    expect(asked).toEqual([])
    expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
  }
  expect(got).toHaveLength(forbidding.length)
})

test('100 calls at once do not overspend a budget for three', async () => {
  const { url, paid } = await seller(sells)
  const { instance } = payingInstance()
  const calls = await Promise.allSettled(Array.from({ length: 100 }, () => instance.get(url)))
  expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect(paid()).toHaveLength(3)
})

test('a call that the caller pays for itself goes through as it is', async () => {
  const { url, got } = await seller(sells)
  const { instance, asked } = payingInstance()
  const response = await instance.get(url, { headers: { 'payment-signature': 'mine' } })
  expect(receiptOf(response)).toMatchObject({ paid: 'yes', transaction: '0xabc' })
  const refused = await seller(asking())
  for (const headers of [{ 'X-Payment': 'mine' }, { Authorization: 'Payment mine' }]) {
    const failure = await axiosError(instance.get(refused.url, { headers }))
    expect(receiptOf(failure.response)).toEqual({ paid: 'unknown', reason: 'no receipt' })
  }
  expect([asked.length, got.length, refused.got.length]).toEqual([0, 1, 2])
})

test('what is wrong is refused at once', () => {
  const wrong: [string, unknown, unknown, unknown][] = [
    ['instance', undefined, wallet(), limits()],
    ['instance', fetch, wallet(), limits()],
    ['payer', axios.create(), undefined, limits()],
    ['limits', axios.create(), wallet(), undefined],
  ]
  for (const [option, instance, payer, given] of wrong) {
    const make = () => payingAxios(instance as never, payer as never, given as never)
    expect(make).toThrow(OptionsError)
    expect(make).toThrow(expect.objectContaining({ option }))
  }
})

test('a payment of v1 is what v1 has', async () => {
  const { url, paid } = await seller(asksThen(sellsV1, asksV1()))
  await payingInstance().instance.get(url)
  expect(decodeHeader(String(paid()[0]?.headers['x-payment']))).toMatchObject({
    x402Version: 1,
    scheme: 'exact',
    network: 'base-sepolia',
  })
})
