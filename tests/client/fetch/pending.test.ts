import { expect, test } from '@jest/globals'
import axios from 'axios'
import { createBudget, payingAxios, payingFetch, receiptOf } from '../../../src/client/index.js'
import { sendPayment } from '../../../src/client/buying/send-payment.js'
import { OpenPayments } from '../../../src/client/buying/open-payments.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import {
  NETWORK,
  asking,
  challenge,
  limits,
  seller,
  settled,
  wallet,
  type Answer,
} from '../support/http-seller.js'

const TX = '0xfeed'
const pending = { success: false, errorReason: 'settlement_pending', network: NETWORK }
const STATUS = { status: 'pending', paymentId: '6b1d', statusUrl: 'https://f.example/6b1d' }
const now = { 'Retry-After': '0' }

const inHeader =
  (status: number, said: object, name = 'PAYMENT-RESPONSE'): Answer =>
  (_, response) =>
    void response.writeHead(status, { [name]: encodeHeader(said), ...now }).end('{}')
const inBody =
  (status: number, said: object): Answer =>
  (_, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...now })
      .end(JSON.stringify(said))
const sold: Answer = (_, response) =>
  void response.writeHead(200, { 'PAYMENT-RESPONSE': encodeHeader(settled) }).end('sold')

const FORMS: [string, Answer][] = [
  ['a 402 with a transaction', inHeader(402, { ...pending, transaction: TX })],
  ['a 402 without one', inHeader(402, { ...pending, transaction: '' })],
  ['a 402 with null for one', inHeader(402, { ...pending, transaction: null })],
  ['a 402 in the header of x402 v1', inHeader(402, pending, 'X-PAYMENT-RESPONSE')],
  ['a 202', inHeader(202, pending)],
  ['a 503', inHeader(503, { ...pending, transaction: TX })],
  ['a 500', inHeader(500, { ...pending, transaction: TX })],
  [
    'a 402 with the status in an extension',
    inHeader(402, { success: false, extensions: { 'settlement-status': STATUS } }),
  ],
  [
    'a 402 with a challenge that says so',
    (got, response) => {
      const error = 'Payment settlement failed: settlement_pending'
      const header = encodeHeader(challenge(`http://${got.headers.host}/`, { error }))
      response.writeHead(402, { 'PAYMENT-REQUIRED': header, ...now }).end('{}')
    },
  ],
  ['a 402 with it in the body', inBody(402, { ...pending, transaction: TX })],
  ['a 503 with it in the body', inBody(503, { error: 'settlement_pending' })],
  ['a 500 with an error object', inBody(500, { error: { code: 'settlement_pending' } })],
  ['a 409 with a list of errors', inBody(409, { errors: [{ reason: 'settlement_pending' }] })],
  ['a 202 with the id of the payment', inBody(202, { paymentId: '6b1d', status: 'pending' })],
  [
    'a 200 of a facilitator, passed on as 402',
    inBody(402, { success: false, extensions: { 'settlement-status': STATUS } }),
  ],
]

async function pendingFor(times: number, form: Answer) {
  let paid = 0
  return seller((got, response, nth) => {
    if (got.headers['payment-signature'] === undefined) return asking()(got, response, nth)
    return (++paid > times ? sold : form)(got, response, nth)
  })
}

const DOORS = ['payingFetch', 'payingAxios'] as const

function buyerOf(door: (typeof DOORS)[number]) {
  const { pay, asked } = wallet()
  const budget = createBudget(limits({ trustReceipts: true }))
  const fetch = payingFetch(pay, budget)
  const instance = axios.create({
    validateStatus: () => true,
    transformResponse: (data: unknown) => data,
  })
  if (door === 'payingAxios') payingAxios(instance, pay, budget)
  const call = async (url: string) => {
    if (door === 'payingFetch') {
      const response = await fetch(url)
      return { status: response.status, text: await response.text(), receipt: receiptOf(response) }
    }
    const response = await instance.get<string>(url)
    return { status: response.status, text: response.data, receipt: receiptOf(response) }
  }
  return { asked, budget, call }
}

const CASES = DOORS.flatMap((door) => FORMS.map(([name, form]) => [door, name, form] as const))

test.each(CASES)('%s follows a pending payment with the same one: %s', async (door, _, form) => {
  const { url, paid } = await pendingFor(2, form)
  const { asked, budget, call } = buyerOf(door)
  expect(await call(url)).toMatchObject({ text: 'sold', receipt: { paid: 'yes' } })
  expect(asked).toHaveLength(1)
  expect(paid()).toHaveLength(3)
  expect(new Set(paid().map(({ headers }) => headers['payment-signature'])).size).toBe(1)
  expect(budget.standing()).toMatchObject([{ spent: 10_000n, held: 0n }])
})

test.each(CASES)('%s says unknown of a payment that stays pending: %s', async (door, _, form) => {
  const { url, paid } = await pendingFor(Infinity, form)
  const { asked, budget, call } = buyerOf(door)
  for (const times of [4, 8]) {
    expect((await call(url)).receipt).toMatchObject({
      paid: 'unknown',
      amount: '10000',
      reason: 'settlement_pending',
    })
    expect(paid()).toHaveLength(times)
  }
  expect(asked).toHaveLength(1)
  expect(budget.standing()).toMatchObject([{ spent: 0n, held: 10_000n }])
})

test('the transaction of a pending payment is told', async () => {
  const { url } = await pendingFor(Infinity, inHeader(402, { ...pending, transaction: TX }))
  const response = await payingFetch(wallet().pay, limits())(url)
  expect(receiptOf(response)).toMatchObject({ transaction: TX, network: NETWORK })
  expect(receiptOf(response.clone())).toMatchObject({ paid: 'unknown', transaction: TX })
})

test.each<[string, Answer]>([
  ['a success that speaks of pending work', inBody(200, { status: 'pending', error: 'pending' })],
  ['a job that was taken on', inBody(202, { status: 'pending', jobId: 'j1' })],
  ['a success whose content quotes one', inBody(200, { ...pending })],
])('%s is a delivery', async (_, answer) => {
  const { url, paid } = await pendingFor(Infinity, answer)
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  await fetch(url)
  expect(paid()).toHaveLength(1)
  await fetch(url)
  expect(asked).toHaveLength(2)
})

/** Sends a payment that stays pending, with a clock of the test. */
async function stayingPending(expiresMs: number, retryAfterMs?: number) {
  let nowMs = 0
  const slept: number[] = []
  const clock = {
    now: () => nowMs,
    sleep: (ms: number) => {
      slept.push(ms)
      nowMs += ms
      return Promise.resolve()
    },
  }
  const payments = new OpenPayments<string>(clock.now)
  const conclude = () => ({ paid: 'unknown' as const })
  const purchase = { payment: 'p', expiresMs, conclude, isReturned: () => false }
  const attempt = async () => ({
    answer: 'pending',
    evidence: { isPending: true },
    isDelivered: false,
    retryAfterMs,
  })
  const open = { intent: 'a', purchase }
  await sendPayment(open, { attempt, signal: undefined, payments, clock })
  return { slept, isKept: payments.take('a') === open }
}

test('pauses grow, and the payment is kept at the end', async () => {
  expect(await stayingPending(60_000)).toEqual({ slept: [1_000, 2_000, 4_000], isKept: true })
})

test('what the seller wants to wait is bounded', async () => {
  const { slept } = await stayingPending(60_000, 3_600_000)
  expect(slept).toEqual([10_000, 10_000, 10_000])
})

test('a payment that expires is not sent again', async () => {
  expect((await stayingPending(2_500)).slept).toEqual([1_000])
  expect((await stayingPending(500)).slept).toEqual([])
})

test('a caller that gives up in a pause has its payment kept', async () => {
  const { url, paid } = await pendingFor(1, (_, response) => {
    response.writeHead(402, { 'PAYMENT-RESPONSE': encodeHeader(pending) }).end()
  })
  const { pay, asked } = wallet()
  const fetch = payingFetch(pay, limits())
  const call = fetch(url, { signal: AbortSignal.timeout(300) })
  await expect(call).rejects.toMatchObject({ receipt: { paid: 'unknown' } })
  expect(paid()).toHaveLength(1)
  expect(await (await fetch(url)).text()).toBe('sold')
  expect(asked).toHaveLength(1)
})
