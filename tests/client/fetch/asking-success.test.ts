import { expect, test } from '@jest/globals'
import axios from 'axios'
import {
  createBudget,
  payingAxios,
  payingFetch,
  receiptOf,
  type Receipt,
} from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { challenge, limits, seller, settled, wallet, type Answer } from '../support/http-seller.js'

/** What `payments-py` answers behind AgentCore Gateway. */
const REFUSED = {
  jsonrpc: '2.0',
  id: '1',
  result: {
    isError: true,
    content: [{ type: 'text', text: '{"error": "Payment required", "code": 402}' }],
    _meta: { x402: true },
  },
}
const CALL = { jsonrpc: '2.0', id: '1', method: 'tools/call', params: { name: 'quote' } }

const asks =
  (body: unknown, more: Record<string, string> = {}): Answer =>
  ({ headers }, response) => {
    const header = encodeHeader({ ...challenge(`http://${headers.host}/`), error: null })
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    response
      .writeHead(200, { 'Content-Type': 'application/json', 'payment-required': header, ...more })
      .end(text)
  }
const delivers: Answer = (_, response) => {
  const headers = { 'payment-response': encodeHeader(settled), 'Content-Type': 'application/json' }
  response.writeHead(200, headers).end('{"jsonrpc":"2.0","id":"1","result":{"content":[]}}')
}

type Buy = (url: string) => Promise<{ status: number; receipt: Receipt }>

function client(name: string) {
  const { pay, asked } = wallet()
  const budget = createBudget(limits())
  const viaFetch: Buy = async (url) => {
    const init = { method: 'POST', body: JSON.stringify(CALL) }
    const response = await payingFetch(pay, budget)(url, init)
    return { status: response.status, receipt: receiptOf(response) }
  }
  const instance = payingAxios(axios.create({ proxy: false }), pay, budget)
  const viaAxios: Buy = async (url) => {
    const response = await instance.post(url, CALL)
    return { status: response.status, receipt: receiptOf(response) }
  }
  return { buy: name === 'payingFetch' ? viaFetch : viaAxios, asked, budget }
}

const CLIENTS = ['payingFetch', 'payingAxios']
const each = <T>(cases: readonly [string, T][]) =>
  CLIENTS.flatMap((name) => cases.map(([what, value]) => [name, what, value] as const))

test.each(
  each<unknown>([
    ['an error result', REFUSED],
    ['an error of JSON-RPC', { jsonrpc: '2.0', id: '1', error: { code: -32003, message: 'pay' } }],
    ['an error result without its envelope', REFUSED.result],
  ]),
)('%s pays a seller that asks in the header of a 200 with %s', async (name, _, body) => {
  const ask = asks(body)
  const { url, got, paid } = await seller((one, response, nth) =>
    (nth === 1 ? ask : delivers)(one, response, nth),
  )
  const { buy, asked } = client(name)
  const { status, receipt } = await buy(url)
  expect([status, receipt]).toMatchObject([200, { paid: 'yes', transaction: '0xabc' }])
  expect([asked.length, got.length, paid().length]).toEqual([1, 2, 1])
})

test.each(CLIENTS)('%s pays once where a 200 asks again, and keeps the payment', async (name) => {
  const { url, got, paid } = await seller(asks(REFUSED))
  const { buy, asked, budget } = client(name)
  const { status, receipt } = await buy(url)
  expect([status, receipt.paid === 'yes']).toEqual([200, false])
  expect([asked.length, got.length, paid().length]).toEqual([1, 2, 1])
  const [standing] = budget.standing()
  expect((standing?.held ?? 0n) + (standing?.spent ?? 0n)).toBe(10_000n)
  // The same call again sends the same payment.
  if (name === 'payingAxios') await buy(url)
  const sent = paid().map(({ headers }) => headers['payment-signature'])
  expect([asked.length, new Set(sent).size]).toEqual([1, 1])
})

test.each(
  each<Answer>([
    ['delivers', asks({ jsonrpc: '2.0', id: '1', result: { content: [] } })],
    ['delivers a text', asks('gold')],
    ['delivers nothing', asks('')],
    ['delivers what looks like a challenge', asks(challenge('/'))],
    ['delivers and gives a receipt', asks(REFUSED, { 'payment-response': encodeHeader(settled) })],
    ['fails without asking', (_, response) => void response.end(JSON.stringify(REFUSED))],
    [
      'asks for what cannot be read',
      (_, response) => {
        response.writeHead(200, { 'payment-required': 'e30=' }).end(JSON.stringify(REFUSED))
      },
    ],
  ]),
)('%s does not pay for a 200 that %s', async (name, _, answer) => {
  const { url, got } = await seller(answer)
  const { buy, asked } = client(name)
  expect((await buy(url)).status).toBe(200)
  expect([asked.length, got.length]).toEqual([0, 1])
})
