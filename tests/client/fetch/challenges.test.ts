import { expect, test } from '@jest/globals'
import { createBudget, payingFetch, receiptOf } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import {
  OTHER,
  V1,
  asksThen,
  challenge,
  limits,
  requirement,
  seller,
  sells,
  wallet,
  type Answer,
} from '../support/http-seller.js'

const HERE = '/quote'
const asksWith =
  (headers: Record<string, string>, body: string | Buffer = ''): Answer =>
  (_, response) =>
    void response.writeHead(402, headers).end(body)
const inBody = (more: object = {}) => JSON.stringify({ ...challenge(HERE), ...more })
const inHeader = (more: object = {}) => ({
  'PAYMENT-REQUIRED': encodeHeader({ ...challenge(HERE), ...more }),
})
const cheap = { ...requirement, amount: '7' }
const odd = [7, null, 'exact', {}, { scheme: 'exact' }, { ...requirement, amount: 7 }, []]

test.each<[string, Answer, string]>([
  ['in a header', asksWith(inHeader()), '10000'],
  ['in the body only', asksWith({}, inBody()), '10000'],
  ['in the body, whatever its type', asksWith({ 'content-type': 'text/html' }, inBody()), '10000'],
  ['in both, of which the header counts', asksWith(inHeader({ accepts: [cheap] }), inBody()), '7'],
  [
    'in the body, as the header is no base64',
    asksWith({ 'PAYMENT-REQUIRED': '%%' }, inBody()),
    '10000',
  ],
  [
    'in the body, as the header is of another version',
    asksWith(inHeader({ x402Version: 3 }), inBody()),
    '10000',
  ],
  [
    'in the body, as the header offers nothing',
    asksWith(inHeader({ accepts: odd }), inBody({ accepts: [cheap] })),
    '7',
  ],
  ['beside entries that cannot be read', asksWith(inHeader({ accepts: [...odd, cheap] })), '7'],
  [
    'with nulls for what is absent',
    asksWith(inHeader({ error: null, extensions: null, accepts: [{ ...cheap, extra: null }] })),
    '7',
  ],
  ['as the cheapest of several', asksWith(inHeader({ accepts: [requirement, cheap] })), '7'],
  [
    'beside others that the limits forbid',
    asksWith(
      inHeader({ accepts: [{ ...cheap, asset: OTHER }, { ...cheap, amount: '-1' }, cheap] }),
    ),
    '7',
  ],
  [
    'in a body of the greatest size',
    asksWith({}, inBody({ error: 'x'.repeat(65_536 - inBody({ error: '' }).length) })),
    '10000',
  ],
])('a challenge is read %s', async (_, ask, amount) => {
  const { url, paid } = await seller(asksThen(sells, ask))
  const { pay, asked } = wallet()
  const response = await payingFetch(pay, limits())(url)
  expect([response.status, receiptOf(response).agreed]).toEqual([200, amount])
  expect([asked.length, paid().length]).toEqual([1, 1])
})

const tooLong = inBody({ error: 'x'.repeat(65_537 - inBody({ error: '' }).length) })
const beside = JSON.stringify({ x402Version: 1, accepts: [V1], beside: 'x'.repeat(65_536) })
const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7) % 256))

test.each<[string, Answer, string | Buffer]>([
  ['is empty', asksWith({}), ''],
  ['is prose', asksWith({ 'PAYMENT-REQUIRED': 'yes' }, 'pay me'), 'pay me'],
  ['has an unreadable header only', asksWith({ 'PAYMENT-REQUIRED': encodeHeader([]) }, '{}'), '{}'],
  ['offers nothing', asksWith({}, inBody({ accepts: [] })), inBody({ accepts: [] })],
  ['offers nothing readable', asksWith({}, inBody({ accepts: odd })), inBody({ accepts: odd })],
  ['names no resource', asksWith({}, inBody({ resource: null })), inBody({ resource: null })],
  [
    'is of another version',
    asksWith({}, inBody({ x402Version: '2' })),
    inBody({ x402Version: '2' }),
  ],
  ['is one byte too long', asksWith({}, tooLong), tooLong],
  ['is too long for what is beside it', asksWith({}, beside), beside],
  ['is much too long', asksWith({}, bytes), bytes],
  [
    'asks for what the payer does not know',
    asksWith({ 'WWW-Authenticate': 'Basic realm="x"' }, 'no'),
    'no',
  ],
])('a 402 whose challenge %s comes back as it is', async (_, ask, body) => {
  const { url, got } = await seller(ask)
  const { pay, asked } = wallet()
  const budget = createBudget(limits())
  const response = await payingFetch(pay, budget)(url)
  expect(response.status).toBe(402)
  expect(response.bodyUsed).toBe(false)
  expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(body))).toBe(true)
  expect(receiptOf(response)).toEqual({ paid: 'no' })
  expect([asked.length, got.length]).toEqual([0, 1])
  expect(budget.standing()).toMatchObject([{ held: 0n, spent: 0n }])
})

test('a challenge may take its time', async () => {
  const { url } = await seller(
    asksThen(sells, (_, response) => {
      response.writeHead(402).write(inBody().slice(0, 100))
      setTimeout(() => response.end(inBody().slice(100)), 50)
    }),
  )
  expect(receiptOf(await payingFetch(wallet().pay, limits())(url)).paid).toBe('yes')
})

test('a 402 whose body breaks off comes back, and so does its error', async () => {
  const { url, got } = await seller((_, response) => {
    response.writeHead(402, { 'content-length': 500 })
    response.write(inBody().slice(0, 100), () => response.destroy())
  })
  const response = await payingFetch(wallet().pay, limits())(url)
  expect(response.status).toBe(402)
  expect(receiptOf(response)).toEqual({ paid: 'no' })
  await expect(response.text()).rejects.toMatchObject({ message: 'terminated' })
  expect(got).toHaveLength(1)
})

test('a body that breaks off is no matter where the header says it all', async () => {
  const { url } = await seller(
    asksThen(sells, (_, response) => {
      response.writeHead(402, { ...inHeader(), 'content-length': 500 })
      response.write('{', () => response.destroy())
    }),
  )
  const response = await payingFetch(wallet().pay, limits())(url)
  expect(receiptOf(response).paid).toBe('yes')
})

test('other statuses are not for payment, whatever they carry', async () => {
  for (const status of [200, 401, 403, 412, 500]) {
    const body = JSON.stringify({ x402Version: 1, accepts: [V1] })
    const { url, got } = await seller((_, response) => {
      response.writeHead(status, inHeader()).end(body)
    })
    const response = await payingFetch(wallet().pay, limits())(url)
    expect([response.status, await response.text(), got.length]).toEqual([status, body, 1])
    expect(receiptOf(response)).toEqual({ paid: 'no' })
  }
})
