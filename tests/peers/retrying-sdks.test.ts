import OpenAI, { APIError } from 'openai'
import { expect, test } from '@jest/globals'
import { createBudget, payingFetch } from '../../src/client/index.js'
import { encodeHeader } from '../../src/wire/x402.js'
import {
  asking,
  limits,
  seller,
  settled,
  wallet,
  type Answer,
  type Got,
} from '../client/support/http-seller.js'

const receipt = { 'PAYMENT-RESPONSE': encodeHeader(settled) }
const paymentOf = ({ headers }: Got) => headers['payment-signature']
/** The SDK waits no longer than this between its tries. */
const soon = { 'retry-after-ms': '5' }

const COMPLETION = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'sold' } }],
}
const sold: Answer = (_, response) =>
  void response
    .writeHead(200, { ...receipt, 'content-type': 'application/json' })
    .end(JSON.stringify(COMPLETION))
const fails =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, { ...soon, ...headers }).end('{"error":{"message":"later"}}')
const lost: Answer = (_, response) => void response.socket?.resetAndDestroy()

/** A model that is sold by x402, and the official SDK that calls it with `payingFetch`. */
async function scene(failures: number, failing: Answer, options: { timeout?: number } = {}) {
  let nth = 0
  const shop = await seller((got, response, n) => {
    if (paymentOf(got) === undefined) return asking()(got, response, n)
    return (++nth > failures ? sold : failing)(got, response, n)
  })
  const { pay, asked } = wallet()
  const budget = createBudget(limits())
  const fetch = payingFetch(pay, budget)
  const client = new OpenAI({ apiKey: 'k', baseURL: `${shop.url}/v1`, fetch, ...options })
  const messages = [{ role: 'user' as const, content: 'Hello' }]
  return {
    create: () => client.chat.completions.create({ model: 'm', messages }),
    payments: () => new Set(shop.paid().map(paymentOf)).size,
    tries: () => shop.paid().length,
    asked,
    budget,
  }
}

test.each<[string, Answer]>([
  ['lost connections', lost],
  ['503s with a settled receipt', fails(503, receipt)],
  ['500s', fails(500)],
  ['409s', fails(409)],
  ['429s', fails(429)],
  ['408s', fails(408)],
])('the OpenAI SDK pays once for one create() after %s', async (_, failing) => {
  const { create, payments, tries, asked, budget } = await scene(2, failing)
  expect((await create()).choices[0]?.message.content).toBe('sold')
  expect([tries(), payments(), asked.length]).toEqual([3, 1, 1])
  expect(budget.standing()).toMatchObject([{ spent: 10_000n, held: 0n }])
})

test.each<[string, Answer]>([
  ['lost connections', lost],
  ['503s with a settled receipt', fails(503, receipt)],
])('and once where it gives up after %s', async (_, failing) => {
  const { create, payments, tries, asked } = await scene(Infinity, failing)
  await expect(create()).rejects.toBeInstanceOf(APIError)
  expect([tries(), payments(), asked.length]).toEqual([3, 1, 1])
  await expect(create()).rejects.toBeInstanceOf(APIError)
  expect([tries(), payments(), asked.length]).toEqual([6, 1, 1])
})

test('and once where its own time is up', async () => {
  const { create, payments, asked } = await scene(1, () => undefined, { timeout: 500 })
  expect((await create()).choices[0]?.message.content).toBe('sold')
  expect([payments(), asked.length]).toEqual([1, 1])
})

test('two creates that are answered are two purchases', async () => {
  const { create, payments, asked } = await scene(0, sold)
  for (let nth = 0; nth < 2; nth++) await create()
  expect([payments(), asked.length]).toEqual([2, 2])
})
