import { expect, test } from '@jest/globals'
import { receiptOf } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { payingInstance } from '../support/axios-buyer.js'
import { asking, seller, settled, type Answer, type Got } from '../support/http-seller.js'

const receipt = { 'PAYMENT-RESPONSE': encodeHeader(settled) }
const paymentOf = ({ headers }: Got) => headers['payment-signature']
const sold: Answer = (_, response) => void response.writeHead(200, receipt).end('sold')

async function failingTwice(failing: Answer) {
  let paid = 0
  return seller((got, response, nth) => {
    if (paymentOf(got) === undefined) return asking()(got, response, nth)
    return (++paid < 3 ? failing : sold)(got, response, nth)
  })
}

test.each<[string, Answer]>([
  ['a lost connection', (_, response) => void response.socket?.resetAndDestroy()],
  ['a 503 with a settled receipt', (_, response) => void response.writeHead(503, receipt).end()],
  ['a 500', (_, response) => void response.writeHead(500).end()],
  ['a 409', (_, response) => void response.writeHead(409, { 'Retry-After': '1' }).end()],
  [
    'a body that breaks off',
    (_, response) => {
      response.writeHead(200, { ...receipt, 'content-length': '100' }).write('so')
      setTimeout(() => response.destroy(), 20)
    },
  ],
])('after %s the same call again sends the same payment', async (_, failing) => {
  const { url, paid } = await failingTwice(failing)
  const { instance, budget, asked } = payingInstance()
  const call = () => instance.post<string>('/answers', { q: 1 }, { baseURL: url, params: { a: 1 } })
  for (let nth = 0; nth < 2; nth++) await expect(call()).rejects.toThrow()
  const response = await call()
  expect(response.data).toBe('sold')
  expect(receiptOf(response)).toMatchObject({ paid: 'yes' })
  expect([asked.length, new Set(paid().map(paymentOf)).size]).toEqual([1, 1])
  expect(budget.standing()).toMatchObject([{ spent: 10_000n, held: 0n }])
})

test.each<[string, () => unknown]>([
  ['bytes', () => new Uint8Array([1, 2])],
  ['a buffer', () => new Uint8Array([1, 2]).buffer],
  ['a query', () => new URLSearchParams({ a: '1' })],
  ['a blob', () => new Blob(['1'])],
  [
    'a form',
    () => {
      const form = new FormData()
      form.set('name', 'Ada')
      form.set('file', new File(['one'], 'a.txt'))
      return form
    },
  ],
])('a call made again is known by its body: %s', async (_, body) => {
  const { url } = await failingTwice((_, response) => void response.writeHead(500).end())
  const { instance, asked } = payingInstance({ validateStatus: () => true })
  for (let nth = 0; nth < 3; nth++) await instance.post(url, body())
  expect(asked).toHaveLength(1)
  await instance.post(url, 'other')
  expect(asked).toHaveLength(2)
})

test('a stream that breaks off was not delivered', async () => {
  const { url, paid } = await failingTwice((_, response) => {
    response.writeHead(200, { ...receipt, 'content-length': '100' }).write('so')
    setTimeout(() => response.destroy(), 20)
  })
  const { instance, asked } = payingInstance({ responseType: 'stream' })
  for (let nth = 0; nth < 2; nth++) {
    const { data } = await instance.get<AsyncIterable<Uint8Array>>(url)
    await expect(
      (async () => {
        for await (const _ of data) void _
      })(),
    ).rejects.toThrow()
  }
  await instance.get(url)
  expect([asked.length, new Set(paid().map(paymentOf)).size]).toEqual([1, 1])
})
