import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { decodeHeader, encodeHeader } from '../../../src/wire/x402.js'
import {
  bothHttpPhases,
  httpContext,
  type Got,
  type HttpAnswer,
  type HttpPlay,
} from './support/http-phases.js'
import { memoryStore } from './support/memory-store.js'
import { paymentFor, type MoneyChallenge } from '../money/support/money.js'
import { pair, type Pair } from '../money/support/money-pairs.js'
import { SECRET } from './support/sealed-calls.js'
import { forget } from '../money/support/sales.js'

const CENT = 10_000n
const FLOWS = ['authorization', 'upfront'] as const
const trips = { authorization: ['verify', 'settle'], upfront: ['settle'] }

async function shopWith(options: Record<string, unknown>): Promise<Pair> {
  return pair({ secret: SECRET, store: memoryStore(), ...options })
}

/** A new payment, as the buyer of `POST /hello` makes it of a 402. */
async function tokenFor(shop: Pair): Promise<string> {
  const { got } = await bothHttpPhases(shop.handle, {})
  const challenge = decodeHeader(got.headers['payment-required'] ?? '')
  expect(got.status).toBe(402)
  forget(shop)
  return encodeHeader(await paymentFor(shop, challenge as unknown as MoneyChallenge))
}

async function buyOver(shop: Pair, answer: HttpAnswer = { body: 'Hello!' }, play: HttpPlay = {}) {
  const token = await tokenFor(shop)
  return bothHttpPhases(shop.handle, { token }, () => answer, play)
}

function receiptIn({ headers }: Got): Record<string, unknown> {
  return decodeHeader(headers['payment-response'] ?? '') ?? {}
}

test.each(FLOWS)('%s: an HTTP target is paid once, and does not see the payment', async (flow) => {
  const shop = await shopWith({ flow })
  const { got, forwarded } = await buyOver(shop)
  expect([got.status, got.body.toString()]).toEqual([200, 'Hello!'])
  expect(receiptIn(got)).toMatchObject({ success: true, amount: '10000' })
  expect(got.headers['Cache-Control']).toBe('private')
  expect(JSON.stringify(forwarded)).not.toMatch(/signature|x402/i)
  expect([shop.asked(), await shop.spent()]).toEqual([trips[flow], CENT])
})

test.each(FLOWS)('%s: handed over again, an HTTP response is settled once', async (flow) => {
  const shop = await shopWith({ flow })
  const { got } = await buyOver(shop, { body: 'Hello!' }, { responses: 3 })
  expect([got.status, receiptIn(got)['success']]).toEqual([200, true])
  expect([shop.asked(), await shop.spent()]).toEqual([trips[flow], CENT])
})

test.each(FLOWS)('%s: a payment that was refused reaches no target', async (flow) => {
  const shop = await shopWith({ flow })
  const token = await tokenFor(shop)
  shop.local.x402.faults.set({ kind: 'refuse' })
  const { got, forwarded } = await bothHttpPhases(shop.handle, { token })
  expect([got.status, forwarded, await shop.spent()]).toEqual([402, undefined, 0n])
})

test('authorization: a target that failed costs nothing, and its payment is free again at once', async () => {
  const shop = await shopWith({ flow: 'authorization' })
  const token = await tokenFor(shop)
  const failed = await bothHttpPhases(shop.handle, { token }, () => ({ status: 500, body: 'No' }))
  expect([failed.got.status, await shop.spent()]).toEqual([500, 0n])
  const { got } = await bothHttpPhases(shop.handle, { token })
  expect([got.body.toString(), await shop.spent()]).toEqual(['Hello!', CENT])
})

test('upfront: an HTTP target that failed leaves a refund due', async () => {
  const shop = await shopWith({ flow: 'upfront' })
  const { got } = await buyOver(shop, { status: 503, body: 'No' })
  expect([got.status, got.body.toString()]).toEqual([503, 'No'])
  expect(shop.refunds).toMatchObject([{ reason: 'handler_failed', amount: '10000' }])
  expect(decodeHeader(got.headers['x-refund-due'] ?? '')).toEqual(shop.refunds[0])
  expect(receiptIn(got)).toMatchObject({ success: true })
  expect(shop.events.map(({ type }) => type)).toEqual(['settled', 'refund-due'])
  expect([shop.asked(), await shop.spent()]).toEqual([['settle'], CENT])
})

test.each<[string, Record<string, unknown>, Context | undefined]>([
  ['there is no store', { store: undefined }, undefined],
  ['the Gateway gives no id', {}, httpContext(null)],
])(
  'upfront: nothing is settled where %s, since nothing could be delivered',
  async (_, options, context) => {
    const shop = await shopWith({ flow: 'upfront', ...options })
    const token = await tokenFor(shop)
    const played = await bothHttpPhases(shop.handle, { token }, undefined, context && { context })
    expect([played.got.status, played.forwarded]).toEqual([503, undefined])
    expect([shop.asked(), await shop.spent()]).toEqual([[], 0n])
  },
)

test.each([0, 1])('upfront: where put number %i fails, nobody pays for nothing', async (from) => {
  const store = memoryStore()
  let puts = 0
  // The challenge keeps nothing.
  const put = (key: string, value: string, ttlSeconds: number) =>
    puts++ === from ? Promise.reject(new Error('full')) : store.put(key, value, ttlSeconds)
  const shop = await shopWith({ flow: 'upfront', store: { ...store, put } })
  const token = await tokenFor(shop)
  const { got } = await bothHttpPhases(shop.handle, { token })
  const isDelivered = got.body.toString() === 'Hello!'
  expect([got.status, isDelivered]).toEqual(from === 0 ? [503, false] : [200, true])
  expect([await shop.spent(), shop.refunds]).toEqual([from === 0 ? 0n : CENT, []])
})
