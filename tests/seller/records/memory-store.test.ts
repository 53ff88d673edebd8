import { expect, jest, test } from '@jest/globals'
import {
  memoryStore,
  OptionsError,
  type PaidHandler,
  type PaymentError,
} from '../../../src/index.js'
import type { PaymentRecord, PaymentState } from '../../../src/seller/options/payment-record.js'
import type { PaymentStore } from '../../../src/seller/options/payment-store.js'
import { FUNCTION_URL } from '../../support/events.js'
import { TOOL, countOf, singleUse } from '../../support/outcome.js'
import { fc } from '../../support/random-cases.js'
import { sell, stack, toolCall } from '../../support/seller.js'
import { HOUR_MS, START_MS, nextOf, recordOf } from './support/records.js'
import { testStore } from './support/store-contract.js'

testStore('memoryStore', { make: () => memoryStore(), histories: 500, fills: true })

/** What the store reckons for one record. Unit: bytes. */
const RECORD_BYTES = 1_000

/** Adds a record, and closes it where that is asked for. */
async function put(
  store: PaymentStore,
  key: string,
  more: Partial<PaymentRecord> = {},
  answer?: string,
): Promise<PaymentRecord> {
  const claimed = recordOf(key)
  expect(await store.add(claimed, START_MS)).toBeUndefined()
  const next = nextOf(claimed, more)
  expect(await store.replace(claimed, next, { answer })).toBe(true)
  return next
}

const CLOSED = { state: 'settled', isDelivered: true } as const

/** Which of the keys are there. */
async function keysIn(store: PaymentStore, keys: string): Promise<string> {
  const there = await Promise.all(Array.from(keys).map((key) => store.read(key, START_MS)))
  return there.map((record) => record?.key ?? '').join('')
}

/** Which of the keys have an answer. */
async function answersIn(store: PaymentStore, keys: string): Promise<string> {
  const all = Array.from(keys)
  const there = await Promise.all(all.map((key) => store.readAnswer(key, START_MS)))
  return all.filter((_, at) => there[at] !== undefined).join('')
}

test('a full store forgets the payment that was closed first', async () => {
  const store = memoryStore({ maxRecords: 3 })
  const b = await put(store, 'b')
  await put(store, 'c', CLOSED)
  // The oldest record, and closed after the other one.
  await store.replace(b, nextOf(b, CLOSED))
  await put(store, 'w')
  await put(store, 'x')
  expect(await keysIn(store, 'bcwx')).toBe('bwx')
  await put(store, 'y')
  expect(await keysIn(store, 'bcwxy')).toBe('wxy')
})

test('a payment that was closed and is in work again is not forgotten', async () => {
  const store = memoryStore({ maxRecords: 1 })
  const refused = await put(store, 'a', { state: 'refused' })
  await store.replace(refused, nextOf(refused, { state: 'unverified' }))
  await expect(store.add(recordOf('b'), START_MS)).rejects.toMatchObject({
    code: 'store_unavailable',
  })
  expect(await keysIn(store, 'ab')).toBe('a')
})

test.each<[PaymentState, boolean, boolean, Partial<PaymentRecord>?]>([
  ['unverified', false, false],
  ['claimed', false, false],
  ['settling', false, false],
  ['pending', false, false],
  ['unknown', false, false],
  ['settled', false, false],
  ['settled', true, true],
  ['refused', false, true],
  ['refund_due', true, false],
  ['refund_due', true, true, { isRefundReported: true }],
  ['refunded', true, true],
  ['dead', false, true],
])('a payment that is %s (delivered: %s) may be forgotten: %s %j', async (state, ...rest) => {
  const [isDelivered, isForgotten, more] = rest
  const store = memoryStore({ maxRecords: 1 })
  await put(store, 'a', { state, isDelivered, ...more })
  const adding = store.add(recordOf('b'), START_MS)
  if (isForgotten) expect(await adding).toBeUndefined()
  else await expect(adding).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(await keysIn(store, 'ab')).toBe(isForgotten ? 'b' : 'a')
})

test('a store without space forgets answers before payments, the oldest first', async () => {
  // Three records, and two answers of 500 characters, which take two bytes each. A sixteenth is freed besides.
  const store = memoryStore({ maxBytes: 5.4 * RECORD_BYTES })
  const answer = 'x'.repeat(500)
  for (const key of ['a', 'b', 'c']) await put(store, key, CLOSED, answer)
  expect([await keysIn(store, 'abc'), await answersIn(store, 'abc')]).toEqual(['abc', 'bc'])
  await put(store, 'd', CLOSED)
  expect([await keysIn(store, 'abcd'), await answersIn(store, 'abcd')]).toEqual(['abcd', 'c'])
  await put(store, 'e', CLOSED)
  expect([await keysIn(store, 'abcde'), await answersIn(store, 'abcde')]).toEqual(['abcde', ''])
  await put(store, 'f', CLOSED)
  expect(await keysIn(store, 'abcdef')).toBe('bcdef')
})

test('an answer that is kept anew is the youngest', async () => {
  const store = memoryStore({ maxBytes: 4.3 * RECORD_BYTES })
  const answer = 'x'.repeat(500)
  const a = await put(store, 'a', {}, answer)
  await put(store, 'b', {}, answer)
  await store.replace(a, nextOf(a), { answer })
  await put(store, 'c')
  expect(await answersIn(store, 'ab')).toBe('a')
})

test('for an answer other answers are forgotten, and never a payment', async () => {
  const store = memoryStore({ maxBytes: 4 * RECORD_BYTES })
  for (const key of ['a', 'b', 'c']) await put(store, key, CLOSED, 'x'.repeat(500))
  expect([await keysIn(store, 'abc'), await answersIn(store, 'abc')]).toEqual(['abc', 'c'])
  await put(store, 'd', CLOSED, 'x'.repeat(500))
  expect([await keysIn(store, 'abcd'), await answersIn(store, 'abcd')]).toEqual(['abcd', ''])
})

test('an answer that fits nowhere is not kept, and pushes no other out', async () => {
  const store = memoryStore({ maxBytes: 10 * RECORD_BYTES })
  await put(store, 'a', CLOSED, 'small')
  const b = await put(store, 'b', {}, 'small')
  await store.replace(b, nextOf(b, CLOSED), { answer: 'x'.repeat(5_000) })
  expect([await keysIn(store, 'ab'), await answersIn(store, 'ab')]).toEqual(['ab', 'a'])
})

test('what has expired takes no room', async () => {
  const store = memoryStore({ maxRecords: 2 })
  await put(store, 'a')
  await put(store, 'b')
  const later = START_MS + HOUR_MS
  expect(await store.add(recordOf('c', { expiresAt: later + 1 }), later)).toBeUndefined()
  expect(await store.add(recordOf('d', { expiresAt: later + 1 }), later)).toBeUndefined()
})

test('what is removed takes no room', async () => {
  const store = memoryStore({ maxRecords: 1, maxBytes: 3 * RECORD_BYTES })
  for (let round = 0; round < 5; round++) {
    const record = await put(store, 'a', {}, 'x'.repeat(1_000))
    expect(await answersIn(store, 'a')).toBe('a')
    expect(await store.remove(record)).toBe(true)
  }
})

test.each([
  ['maxRecords', 0],
  ['maxRecords', -1],
  ['maxRecords', 1.5],
  ['maxRecords', Number.NaN],
  ['maxRecords', Number.POSITIVE_INFINITY],
  ['maxRecords', '5'],
  ['maxRecords', null],
  ['maxBytes', 0],
  ['maxBytes', 2 ** 53],
  // Somebody thinks that the unit is MiB: no record would ever fit.
  ['maxBytes', 32],
])('%s: %p is refused, and named', (option, value) => {
  const make = () => memoryStore({ [option]: value })
  expect(make).toThrow(OptionsError)
  const given = typeof value === 'string' ? `'${value}'` : String(value)
  expect(make).toThrow(new RegExp(`${option}.*given ${given}`))
})

const FATES = [
  'in work',
  'closed',
  'removed',
  'in work, with answer',
  'closed, with answer',
] as const

/** What becomes of one new payment after the other, and how long its answer is. */
const fates = fc.array(
  fc.record({ fate: fc.constantFrom(...FATES), chars: fc.integer({ min: 0, max: 1_500 }) }),
  { minLength: 10, maxLength: 40 },
)

test('within its bounds a store loses no payment in work, whatever comes', async () => {
  const maxRecords = 5
  const there = async (store: PaymentStore, keys: Iterable<string>) =>
    (await keysIn(store, [...keys].join(''))).length
  await fc.assert(
    fc.asyncProperty(fates, async (all) => {
      const store = memoryStore({ maxRecords, maxBytes: 6 * RECORD_BYTES })
      const [atWork, closed] = [new Set<string>(), new Set<string>()]
      for (const [at, { fate, chars }] of all.entries()) {
        const key = String.fromCodePoint(0x4e_00 + at)
        if (atWork.size === maxRecords) {
          const full = { code: 'store_unavailable' }
          await expect(store.add(recordOf(key), START_MS)).rejects.toMatchObject(full)
          continue
        }
        const answer = fate.endsWith('with answer') ? 'x'.repeat(chars) : undefined
        const record = await put(store, key, fate.startsWith('closed') ? CLOSED : {}, answer)
        if (fate === 'removed') expect(await store.remove(record)).toBe(true)
        else (record.state === 'settled' ? closed : atWork).add(key)
        const kept = await there(store, atWork)
        expect(kept).toBe(atWork.size)
        expect(kept + (await there(store, closed))).toBeLessThanOrEqual(maxRecords)
      }
    }),
    { numRuns: 300 },
  )
})

test('a store that is full of payments in work takes no new one: 503, no run, no charge', async () => {
  const local = await stack()
  const store = memoryStore({ maxRecords: 1 })
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const handler = jest.fn<PaidHandler>(async () => {
    await ended
    return 'Hello!'
  })
  const codes: string[] = []
  const onPaymentError = ({ code }: PaymentError) => void codes.push(code)
  const options = { planId: local.planId, paymentStore: store, onPaymentError }
  const wrapped = sell(local, handler, options)
  const send = async (token: string) => {
    const sent = { body: toolCall(TOOL), token }
    return FUNCTION_URL.said(await wrapped(FUNCTION_URL.event(sent), FUNCTION_URL.context(sent)))
  }
  const [first, second] = [singleUse(local), singleUse(local)]
  const working = send(first)
  const refused = await send(second)
  expect(refused.status).toBe(503)
  expect(refused.headers['retry-after']).toBe('1')
  expect(refused.headers['payment-required']).toBeUndefined()
  expect(codes).toEqual(['store_unavailable'])
  end()
  expect((await working).status).toBe(200)
  expect([handler.mock.calls.length, countOf(local, 'settle'), local.balance()]).toEqual([
    1,
    1,
    99n,
  ])
  // The payment in work is closed now, and gives way.
  expect((await send(second)).status).toBe(200)
  expect(local.balance()).toBe(98n)
})

test('a full store forgets a sixteenth of its payments at once, the oldest first', async () => {
  const store = memoryStore({ maxRecords: 32 })
  const keys = Array.from({ length: 32 }, (_, at) => `key ${at}`)
  for (const key of keys) await put(store, key, CLOSED)
  await put(store, 'one more', CLOSED)
  const kept = await Promise.all(keys.map(async (key) => (await store.read(key, START_MS))?.key))
  expect(kept.filter((key) => key !== undefined)).toEqual(keys.slice(3))
})
