import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import axios from 'axios'
import { PaidCallError, receiptOf } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { axiosError, payingInstance } from '../support/axios-buyer.js'
import {
  SIGNATURE,
  asking,
  asksThen,
  challenge,
  limits,
  rejection,
  seller,
  sells,
  settled,
  type Answer,
} from '../support/http-seller.js'
import { leaks } from '../../support/secrets.js'

const secrets = [{ name: 'signature', value: SIGNATURE }]

test.each([
  ['http', 'text', 500],
  ['http', 'text', 402],
  ['http', 'arraybuffer', 500],
  ['http', 'stream', 500],
  ['http', 'text', 200],
  ['http', 'stream', 200],
  ['fetch', 'text', 500],
  ['fetch', 'stream', 500],
  ['fetch', 'text', 200],
] as const)('nothing shows the payment: %s, %s, %d', async (adapter, responseType, status) => {
  const last: Answer = (got, response, nth) =>
    status === 402 ? asking()(got, response, nth) : void response.writeHead(status).end('last')
  const { url, got } = await seller(asksThen(last))
  const { instance } = payingInstance({ adapter, responseType })
  const outcome: unknown = await instance.get(url).catch((error: unknown) => error)
  const response = axios.isAxiosError(outcome) ? outcome.response : outcome
  expect(receiptOf(response)).toMatchObject({ paid: 'unknown' })
  expect(leaks(got, secrets)).toEqual(['signature'])
  expect(leaks(outcome, secrets)).toEqual([])
  expect(response).toMatchObject({ config: { url }, request: undefined })
})

test.each<[string, Answer, object]>([
  ['a lost answer', (_, response) => void response.socket?.resetAndDestroy(), {}],
  ['no answer', () => undefined, { timeout: 50 }],
  ['nonsense', (_, response) => void response.socket?.end('HTTP/1.1 nonsense'), {}],
  [
    'too long an answer',
    (_, response) => void response.end('x'.repeat(99)),
    { maxContentLength: 9 },
  ],
])('nor does an error: %s', async (_, answer, config) => {
  for (const adapter of ['http', 'fetch'] as const) {
    const { url, paid } = await seller(asksThen(answer))
    const failure = await rejection(payingInstance({ adapter, ...config }).instance.get(url))
    expect(failure).toBeInstanceOf(PaidCallError)
    expect(leaks(paid(), secrets)).toEqual(['signature'])
    expect(leaks(failure, secrets)).toEqual([])
  }
})

test('an answer that breaks off is an error with a receipt and no payment', async () => {
  const { url } = await seller(
    asksThen((_, response) => {
      response.writeHead(200, { 'content-length': 9, 'PAYMENT-RESPONSE': encodeHeader(settled) })
      response.write('x', () => response.destroy())
    }),
  )
  const failure = await axiosError(payingInstance().instance.get(url))
  expect(receiptOf(failure.response)).toMatchObject({ paid: 'yes' })
  expect(leaks(failure, secrets)).toEqual([])
})

test.each<[string, (abort: () => void) => void, object]>([
  ['that is given up', (abort) => abort(), {}],
  ['that gets too long', () => undefined, { maxContentLength: 2 }],
])('a stream %s has an error without the payment', async (_, end, config) => {
  const { url } = await seller(
    asksThen((__, response) => void response.writeHead(200).write('many')),
  )
  const controller = new AbortController()
  const { instance } = payingInstance({ responseType: 'stream', ...config })
  const { data } = await instance.get<Readable>(url, { signal: controller.signal })
  const failed = once(data, 'error')
  data.resume()
  end(() => controller.abort())
  const [failure] = (await failed) as unknown[]
  expect(axios.isAxiosError(failure)).toBe(true)
  expect(leaks(failure, secrets)).toEqual([])
})

test('who gives up while the payer thinks pays nothing', async () => {
  const { url, got } = await seller(sells)
  const controller = new AbortController()
  const given = limits({
    confirm: () => {
      setImmediate(() => controller.abort())
      return new Promise<never>(() => undefined)
    },
  })
  const { instance, budget, asked } = payingInstance({}, given)
  const failure = await rejection(instance.get(url, { signal: controller.signal }))
  expect(axios.isCancel(failure)).toBe(true)
  expect([asked.length, got.length]).toEqual([0, 1])
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test('an adapter may say in its own way that its caller has given up', async () => {
  const { url } = await seller(sells)
  const controller = new AbortController()
  const http = axios.getAdapter('http')
  const { instance } = payingInstance({
    adapter: async (config) => {
      if (!config.headers.has('payment-signature')) return http(config)
      controller.abort()
      throw new Error('given up')
    },
  })
  const failure = await rejection(instance.get(url, { signal: controller.signal }))
  expect(failure).toBeInstanceOf(PaidCallError)
  expect(axios.isCancel(failure)).toBe(true)
})

test('who gives up after the payment was sent is told so, and the amount stays held', async () => {
  for (const adapter of ['http', 'fetch'] as const) {
    const controller = new AbortController()
    const { url, paid } = await seller(asksThen(() => controller.abort()))
    const { instance, budget } = payingInstance({ adapter })
    const failure = await rejection(instance.get(url, { signal: controller.signal }))
    expect(failure).toBeInstanceOf(PaidCallError)
    expect(axios.isCancel(failure)).toBe(true)
    expect(failure).toMatchObject({ receipt: { paid: 'unknown', amount: '10000' } })
    expect(leaks(failure, secrets)).toEqual([])
    expect(paid()).toHaveLength(1)
    expect(budget.standing()).toMatchObject([{ held: 10_000n }])
  }
})

test.each([200, 401, 403, 500])(
  'an answer of status %d is not paid, whatever it quotes',
  async (status) => {
    const { url, got } = await seller(({ headers }, response) => {
      const quoted = challenge(`http://${headers.host}/`)
      const quoting = {
        'content-type': 'application/json',
        'PAYMENT-REQUIRED': encodeHeader(quoted),
      }
      response.writeHead(status, quoting).end(JSON.stringify(quoted))
    })
    const { instance, asked } = payingInstance({ validateStatus: () => true })
    expect((await instance.get(url)).data).toMatchObject({ x402Version: 2 })
    expect([asked.length, got.length]).toEqual([0, 1])
  },
)
