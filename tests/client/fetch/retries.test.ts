import { expect, test } from '@jest/globals'
import { createBudget, payingFetch, receiptOf } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import {
  asking,
  asksMpp,
  limits,
  mppWallet,
  seller,
  settled,
  wallet,
  type Answer,
  type Got,
} from '../support/http-seller.js'

const receipt = { 'PAYMENT-RESPONSE': encodeHeader(settled) }
const paymentOf = ({ headers }: Got) => headers['payment-signature'] ?? headers.authorization
const sold: Answer = (_, response) => void response.writeHead(200, receipt).end('sold')

/** Asks for money, then answers what is paid in turn; the last answer stays. */
async function answering(...turns: Answer[]) {
  let paid = 0
  return seller((got, response, nth) => {
    if (paymentOf(got) === undefined) return asking()(got, response, nth)
    const turn = turns[Math.min(paid++, turns.length - 1)] as Answer
    turn(got, response, nth)
  })
}

/** As SDKs do: again after a lost connection, and after what may pass. */
async function retrying(call: () => Promise<Response>, times = 5): Promise<Response> {
  for (let nth = 1; ; nth++) {
    const ended = await call().catch((error: unknown) => error as Error)
    const isFinal = ended instanceof Response && ended.status < 400
    if (isFinal) return ended
    if (nth < times) continue
    if (ended instanceof Response) return ended
    throw ended
  }
}

const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end(body)

test.each<[string, Answer]>([
  ['a lost connection', (_, response) => void response.socket?.resetAndDestroy()],
  ['a 503 with a settled receipt', status(503, receipt)],
  ['a 500', status(500)],
  ['a 409', status(409, { 'Retry-After': '1' })],
  ['a 429', status(429)],
  ['a 408', status(408)],
  ['a 404 that was charged', status(404, receipt)],
  ['a 402 that refuses the payment', asking({ error: 'insufficient_funds' })],
  [
    'a 500 that says the settlement failed',
    status(500, {
      'PAYMENT-RESPONSE': encodeHeader({ success: false, errorReason: 'unexpected_settle_error' }),
    }),
  ],
  ['a 307', status(307, { location: '/other' })],
])('after %s the same request again sends the same payment', async (_, failing) => {
  const { url, paid } = await answering(failing, failing, sold)
  const { pay, asked } = wallet()
  const budget = createBudget(limits())
  const fetch = payingFetch(pay, budget)
  const post = () => fetch(`${url}/answers`, { method: 'POST', body: '{"q":1}' })
  let response = await post().catch(() => undefined)
  for (let nth = 0; nth < 2; nth++) response = await post().catch(() => undefined)
  expect(await response?.text()).toBe('sold')
  expect(receiptOf(response)).toMatchObject({ paid: 'yes', transaction: '0xabc' })
  expect(asked).toHaveLength(1)
  expect(new Set(paid().map(paymentOf)).size).toBe(1)
  expect(paid().map(({ body }) => body)).toEqual(['{"q":1}', '{"q":1}', '{"q":1}'])
  expect(budget.standing()).toMatchObject([{ spent: 10_000n, held: 0n }])
})

test('a retried request carries its payment at once, and nobody asks for money again', async () => {
  const { url, got } = await answering(status(500), sold)
  const fetch = payingFetch(wallet().pay, limits())
  await retrying(() => fetch(url))
  expect(got.map((one) => paymentOf(one) !== undefined)).toEqual([false, true, true])
})

test('a delivered payment is never reused: the same request again is a new purchase', async () => {
  const { url, paid } = await answering(sold)
  const fetch = payingFetch(wallet().pay, limits())
  for (let nth = 0; nth < 2; nth++) expect(await (await fetch(url)).text()).toBe('sold')
  expect(paid()).toHaveLength(2)
})

test('an answer without a receipt is a delivery too', async () => {
  const { url } = await answering(status(200, {}, 'sold'))
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  expect(receiptOf(await fetch(url))).toMatchObject({ paid: 'unknown' })
  await fetch(url)
  expect(asked).toHaveLength(2)
})

test.each<[string, (url: string) => [string, RequestInit]]>([
  ['another body', (url) => [url, { method: 'POST', body: '2' }]],
  ['another method', (url) => [url, { method: 'PUT', body: '1' }]],
  ['another path', (url) => [`${url}/b`, { method: 'POST', body: '1' }]],
  ['another query', (url) => [`${url}?b`, { method: 'POST', body: '1' }]],
])('a request with %s is another intent', async (_, other) => {
  const { url } = await answering(status(500))
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  await fetch(url, { method: 'POST', body: '1' })
  await fetch(...other(url))
  expect(asked).toHaveLength(2)
})

test.each<[string, () => RequestInit]>([
  [
    'headers of its own, as retries have',
    () => ({ headers: { 'x-retry-count': String(Math.random()) }, body: '1' }),
  ],
  ['a stream', () => ({ body: new Blob(['1']).stream(), duplex: 'half' })],
  [
    'a form, whose boundary is another one each time',
    () => {
      const body = new FormData()
      body.set('file', new File(['one'], 'a.txt'))
      return { body }
    },
  ],
  [
    'JSON-RPC, whose id is another one each time',
    () => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: Math.random(),
        method: 'tools/call',
        params: { name: 'quote', arguments: {}, _meta: { progressToken: Math.random() } },
      }),
    }),
  ],
])('a request made again is known by what it wants: %s', async (_, init) => {
  const { url, paid } = await answering(status(500), sold)
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  const response = await retrying(() => fetch(`${url}#part`, { method: 'POST', ...init() }))
  expect(await response.text()).toBe('sold')
  expect([asked.length, new Set(paid().map(paymentOf)).size]).toEqual([1, 1])
})

test('a body that breaks off was not delivered', async () => {
  const half: Answer = (_, response) => {
    response.writeHead(200, { ...receipt, 'content-length': '100' }).write('so')
    setTimeout(() => response.destroy(), 20)
  }
  const { url, paid } = await answering(half, sold)
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  await expect((await fetch(url)).text()).rejects.toThrow()
  expect(await (await fetch(url)).text()).toBe('sold')
  expect(asked).toHaveLength(1)
  expect(new Set(paid().map(paymentOf)).size).toBe(1)
})

test('an answer whose reader has enough is delivered', async () => {
  const { url } = await answering(sold)
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  await (await fetch(url)).body?.cancel()
  await fetch(url)
  expect(asked).toHaveLength(2)
})

test('an abort leaves the payment to the next call', async () => {
  const { url, paid } = await answering(() => undefined, sold)
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  await expect(fetch(url, { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
    code: 'paid_call_failed',
    message: expect.stringContaining('the same call again sends the same payment'),
  })
  expect(await (await fetch(url)).text()).toBe('sold')
  expect([asked.length, new Set(paid().map(paymentOf)).size]).toEqual([1, 1])
})

test('what a redirect after the payment does not give was not delivered', async () => {
  const there: Answer = (_, response) => void response.writeHead(303, { location: '/result' }).end()
  const shop = await seller((got, response, nth) => {
    if (got.url === '/result') return status(nth < 4 ? 500 : 200, {}, 'sold')(got, response, nth)
    return (paymentOf(got) === undefined ? asking() : there)(got, response, nth)
  })
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  const response = await retrying(() => fetch(`${shop.url}/buy`, { method: 'POST', body: '1' }))
  expect(await response.text()).toBe('sold')
  expect(asked).toHaveLength(1)
})

test('an expired payment is forgotten', async () => {
  const { url } = await answering(status(500))
  const { pay, asked } = wallet()
  let nowMs = Date.now()
  const fetch = payingFetch(pay, limits(), { now: () => nowMs })
  await fetch(url)
  nowMs += 899_000
  await fetch(url)
  expect(asked).toHaveLength(1)
  nowMs += 2_000
  await fetch(url)
  expect(asked).toHaveLength(2)
})

test('a trusted seller that took nothing is paid anew', async () => {
  const failed = { success: false, errorReason: 'insufficient_funds' }
  const refusing = status(402, { 'PAYMENT-RESPONSE': encodeHeader(failed) })
  const { url } = await answering(refusing, sold)
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits({ trustReceipts: true }))
  expect(receiptOf(await fetch(url))).toMatchObject({ paid: 'no' })
  expect(await (await fetch(url)).text()).toBe('sold')
  expect(asked).toHaveLength(2)
})

test.each(['invalid_exact_evm_nonce_already_used', 'BCK.X402.0059', 'settlement failed'])(
  'after a lost answer a refusal with %s does not say that nothing was paid',
  async (errorReason) => {
    const refusing = status(402, {
      'PAYMENT-RESPONSE': encodeHeader({ success: false, errorReason }),
    })
    const { url } = await answering(status(500), refusing)
    const budget = createBudget(limits({ trustReceipts: true }))
    const fetch = payingFetch(wallet().pay, budget)
    await fetch(url)
    const receipt = receiptOf(await fetch(url))
    expect(receipt).toMatchObject({ paid: 'unknown', amount: '10000' })
    expect(receipt.reason).toContain('the payment may have been taken before')
    expect(budget.standing()).toMatchObject([{ held: 10_000n }])
  },
)

test('a receipt of success is final, whatever the next answer says', async () => {
  const { url } = await answering(status(503, receipt), asking())
  const fetch = payingFetch(wallet().pay, limits())
  await fetch(url)
  expect(receiptOf(await fetch(url))).toMatchObject({ paid: 'yes', transaction: '0xabc' })
})

test('equal requests at the same time are purchases of their own', async () => {
  const { url, paid } = await answering(sold)
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  await Promise.all([fetch(url), fetch(url)])
  expect(asked).toHaveLength(2)
  expect(paid()).toHaveLength(2)
})

test('each lost payment is taken up by one later call', async () => {
  const { url, paid } = await answering(status(500), status(500), sold)
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  await Promise.all([fetch(url), fetch(url)])
  await Promise.all([fetch(url), fetch(url)])
  expect(asked).toHaveLength(2)
  expect(paid()).toHaveLength(4)
  expect(new Set(paid().map(paymentOf)).size).toBe(2)
})

test('a payment of MPP is sent again, or refused beside an Authorization of the call', async () => {
  let paid = 0
  const shop = await seller((got, response, nth) => {
    if (!/^payment /i.test(got.headers.authorization ?? '')) return asksMpp()(got, response, nth)
    return (++paid < 2 ? status(500) : sold)(got, response, nth)
  })
  const { payer, asked } = mppWallet()
  const fetch = payingFetch(payer, limits())
  await fetch(shop.url)
  const headers = { authorization: 'Bearer mine' }
  await expect(fetch(shop.url, { headers })).rejects.toMatchObject({ code: 'payment_unusable' })
  expect(await (await fetch(shop.url)).text()).toBe('sold')
  expect(asked).toHaveLength(1)
})
