import { expect, jest, test } from '@jest/globals'
import { type InterceptorOutput, type PaidHandler } from '../../../src/index.js'
import { NOW_MS } from '../../support/clock.js'
import { TOOL, countOf, eventually, outcomeOf, singleUse } from '../../support/outcome.js'
import { allTextOf, receiptOf, sell, stack, textOf } from '../../support/seller.js'
import { isShared, newStore } from '../../support/tested-store.js'
import { callWith, challengeFrom, moneyShop, paymentFor } from '../money/support/money.js'
import { refundIn } from '../money/support/sales.js'
import { LEASE_MS, containers, numbered } from './support/containers.js'
import { failingStore, onceAt } from './support/failing-store.js'

// What a payment that is known means for the call that comes with it, by how far it has come.

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const toldBy = (output: InterceptorOutput) => [outcomeOf(output), textOf(output)]

/** A promise to be kept later. */
function later() {
  let come: (value?: unknown) => void = () => undefined
  const coming = new Promise((resolve) => (come = resolve))
  return { coming, come: () => come() }
}

test('work whose lease is over is done again, and its first caller neither settles nor delivers', async () => {
  const { coming, come } = later()
  const handler = numbered(coming)
  const { local, clock, call } = await containers(handler)
  const lost = call()
  await eventually(() => handler.mock.calls.length === 1)
  clock.ms += LEASE_MS - 1
  expect(outcomeOf(await call())).toBe('in work')
  clock.ms += 1
  expect(toldBy(await call())).toEqual(['settled', 'Hello! Run 2'])
  come()
  expect(outcomeOf(await lost)).toBe('in work')
  expect([handler.mock.calls.length, countOf(local, 'settle'), local.balance()]).toEqual([
    2,
    1,
    99n,
  ])
  expect(toldBy(await call())).toEqual(['settled', 'Hello! Run 2'])
})

test("with onTakeover 'unknown' work whose lease is over is not done again, and may still end", async () => {
  const { coming, come } = later()
  const handler = numbered(coming)
  const { local, clock, call } = await containers(handler, { onTakeover: 'unknown' })
  const late = call()
  await eventually(() => handler.mock.calls.length === 1)
  clock.ms += LEASE_MS - 1
  expect(outcomeOf(await call())).toBe('in work')
  clock.ms += 1
  expect([outcomeOf(await call()), outcomeOf(await call())]).toEqual(['used', 'used'])
  expect([countOf(local, 'settle'), local.balance()]).toEqual([0, 100n])
  come()
  expect(outcomeOf(await late)).toBe('settled')
  expect([handler.mock.calls.length, countOf(local, 'settle'), local.balance()]).toEqual([
    1,
    1,
    99n,
  ])
})

test("with onTakeover 'unknown' a payment that nobody has verified yet is taken over all the same", async () => {
  const { coming, come } = later()
  const handler = numbered()
  let hooks = 0
  const onBeforeVerify = async () => void ((hooks += 1) === 1 && (await coming))
  const options = { onTakeover: 'unknown', onBeforeVerify }
  const { clock, call } = await containers(handler, options)
  const lost = call()
  await eventually(() => hooks === 1)
  clock.ms += LEASE_MS
  expect(outcomeOf(await call())).toBe('settled')
  come()
  expect(outcomeOf(await lost)).toBe('in work')
  expect(handler).toHaveBeenCalledTimes(1)
})

test('a container that died before it settled: the kept answer is settled and delivered, and nothing runs', async () => {
  const handler = numbered()
  const { local, clock, store, callIn, call } = await containers(handler)
  void callIn(failingStore(store, onceAt('settling', 'dead')))()
  await eventually(() => handler.mock.calls.length === 1)
  clock.ms += LEASE_MS - 1
  expect(outcomeOf(await call())).toBe('in work')
  clock.ms += 1
  expect(toldBy(await call())).toEqual(['settled', 'Hello! Run 1'])
  expect([handler.mock.calls.length, countOf(local, 'settle'), local.balance()]).toEqual([
    1,
    1,
    99n,
  ])
})

test('a container that died after it settled: nothing runs, nobody pays again, and nobody is asked to', async () => {
  const handler = numbered()
  const { local, clock, store, callIn, call } = await containers(handler)
  // The record stays as it was before the settlement.
  void callIn(failingStore(store, onceAt('settled', 'dead before')))()
  await eventually(() => local.balance() === 99n)
  clock.ms += LEASE_MS
  for (let times = 0; times < 2; times++) {
    // A store that all containers share shows that nobody else had the payment.
    expect(outcomeOf(await call())).toBe(isShared() ? 'settled' : 'unknown')
    clock.ms += LEASE_MS
  }
  expect([handler.mock.calls.length, local.balance()]).toEqual([1, 99n])
})

const upfront = { flow: 'upfront', onRefundDue: () => undefined } as const

test('upfront: work that was paid and ended in nobody’s hands is done again, and not paid again', async () => {
  const { coming, come } = later()
  const handler = numbered(coming)
  const { local, clock, call } = await containers(handler, upfront)
  const lost = call()
  await eventually(() => handler.mock.calls.length === 1)
  clock.ms += LEASE_MS - 1
  expect(outcomeOf(await call())).toBe('in work')
  clock.ms += 1
  const output = await call()
  expect(toldBy(output)).toEqual(['settled', 'Hello! Run 2'])
  come()
  expect(outcomeOf(await lost)).toBe('in work')
  expect(await call()).toEqual(output)
  expect([handler.mock.calls.length, countOf(local, 'settle'), local.balance()]).toEqual([
    2,
    1,
    99n,
  ])
})

test("upfront, onTakeover 'unknown': such work is not done again, and its buyer has the receipt", async () => {
  const { coming, come } = later()
  const handler = numbered(coming)
  const options = { ...upfront, onTakeover: 'unknown' }
  const { local, clock, call } = await containers(handler, options)
  const late = call()
  await eventually(() => handler.mock.calls.length === 1)
  clock.ms += LEASE_MS
  const output = await call()
  expect(outcomeOf(output)).toBe('already paid')
  expect(allTextOf(output)).toContain('lost_call')
  come()
  expect(outcomeOf(await late)).toBe('settled')
  expect([handler.mock.calls.length, countOf(local, 'settle'), local.balance()]).toEqual([
    1,
    1,
    99n,
  ])
})

test('upfront: a payment whose refund is due gets the same word again, and the seller is told once', async () => {
  const handler = jest.fn<PaidHandler>(() => {
    throw new Error('broken')
  })
  const onRefundDue = jest.fn()
  const { local, call } = await containers(handler, { flow: 'upfront', onRefundDue })
  const first = await call()
  expect(refundIn(first).header).toMatchObject({ reason: 'handler_failed' })
  expect(receiptOf(first)).toMatchObject({ success: true })
  expect(refundIn(await call())).toEqual(refundIn(first))
  expect(receiptOf(await call())).toEqual(receiptOf(first))
  expect([handler.mock.calls.length, onRefundDue.mock.calls.length]).toEqual([1, 1])
  expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
})

test('a single-use token is remembered for 24 hours, and buys nothing more after them', async () => {
  const handler = numbered()
  const { local, clock, call } = await containers(handler)
  const first = await call()
  clock.ms += 24 * HOUR_MS - 1
  expect(await call()).toEqual(first)
  expect(countOf(local, 'verify')).toBe(isShared() ? 2 : 1)
  clock.ms += 1
  const late = await call()
  expect([outcomeOf(late), receiptOf(late)]).toEqual(['used', undefined])
  // Verify does not know that the token is spent: the work is done, and withheld.
  expect([handler.mock.calls.length, local.balance()]).toEqual([2, 99n])
})

test.each([
  ['of 5 minutes is remembered for 15 minutes', 5 * MINUTE_MS, 15 * MINUTE_MS],
  ['of 2 hours is remembered until it ends', 2 * HOUR_MS, 2 * HOUR_MS],
  ['of 3 days is remembered for 24 hours', 72 * HOUR_MS, 24 * HOUR_MS],
])('a payment in money %s, and buys nothing more', async (_, lastsMs, keptMs) => {
  const clock = { ms: NOW_MS }
  const now = () => clock.ms
  const handler = numbered()
  const local = await stack({ now })
  const options = { paymentStore: await newStore(), replayAnswers: 'all' as const }
  const shop = await moneyShop(options, handler, local)
  const validBefore = BigInt((NOW_MS + lastsMs) / 1000)
  const event = callWith(await paymentFor(shop, await challengeFrom(shop), { validBefore }))
  const first = await shop.handler(event)
  expect(outcomeOf(first)).toBe('settled')
  clock.ms += keptMs - 1
  expect(await shop.handler(event)).toEqual(first)
  clock.ms += 1
  expect(outcomeOf(await shop.handler(event))).not.toBe('settled')
  expect([handler.mock.calls.length, await shop.taken()]).toEqual([1, 10_000n])
})

const LARGE: PaidHandler = () => ({
  content: [],
  structuredContent: { said: 'Hello!', more: 'x'.repeat(65_536) },
})

test.each<[string, { ofTool?: boolean; ofAll?: boolean }, PaidHandler, string]>([
  ['keepAnswers: false of the tool', { ofTool: false }, () => 'Hello!', 'already paid'],
  [
    'keepAnswers: false of the tool, and true of all',
    { ofTool: false, ofAll: true },
    () => 'Hello!',
    'already paid',
  ],
  [
    'keepAnswers: true of the tool, and false of all',
    { ofTool: true, ofAll: false },
    () => 'Hello!',
    'settled',
  ],
  ['an answer above 64 KB that is no text', {}, LARGE, 'already paid'],
])('with %s a payment that comes again gets its receipt, and nothing runs', async (...row) => {
  const [, { ofTool, ofAll }, answer, told] = row
  const handler = jest.fn(answer)
  const local = await stack()
  const tools = { [TOOL]: { planId: local.planId, credits: 1, keepAnswers: ofTool } }
  const options = { tools, keepAnswers: ofAll, paymentStore: await newStore() }
  const wrapped = sell(local, handler, options)
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const first = await wrapped(event)
  const again = await wrapped(event)
  expect([outcomeOf(first), outcomeOf(again)]).toEqual(['settled', told])
  expect(receiptOf(again)?.['transaction']).toEqual(receiptOf(first)?.['transaction'])
  expect([handler.mock.calls.length, countOf(local, 'settle'), local.balance()]).toEqual([
    1,
    1,
    99n,
  ])
})

test('a call that differs waits while nothing is written of the work, and is then told of the conflict', async () => {
  const { coming, come } = later()
  const handler = numbered(coming)
  const { local, payment, call } = await containers(handler, { waitForAnswerMs: 2_000 })
  const first = call()
  await eventually(() => handler.mock.calls.length === 1)
  const other = local.paidEvent(TOOL, { name: 'other' }, payment)
  expect(outcomeOf(await call(other))).toBe('conflict')
  come()
  expect(outcomeOf(await first)).toBe('settled')
  expect(local.balance()).toBe(99n)
})
