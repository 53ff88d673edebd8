import { expect, jest, test } from '@jest/globals'
import { type PaidHandler, type PaymentStore, memoryStore } from '../../src/index.js'
import { dynamoDbStore } from '../../src/store/index.js'
import { HOUR_MS, START_MS, nextOf, recordOf } from '../seller/records/support/records.js'
import { NOW_MS } from '../support/clock.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../support/outcome.js'
import { hello, sell, stack } from '../support/seller.js'
import { describeTable } from './support/describe-table.js'
import { running } from './support/running.js'
import { SECRET, createTable } from './support/table.js'

// "Already used" after a settle whose answer was lost: it was our settle, where a shared store shows that nobody else
// had the payment.

const FLOWS = ['authorization', 'overlap', 'upfront'] as const
const DAY_MS = 24 * HOUR_MS

describeTable('a payment that is used after a settle whose answer was lost', () => {
  const db = running()

  const shared = async () =>
    dynamoDbStore({ table: await createTable(db.client), secret: SECRET, client: db.client })

  /** A shop, a clock, and a buyer with one single-use token. */
  async function shop(paymentStore: PaymentStore, options: object = {}) {
    const clock = { ms: NOW_MS }
    const now = () => clock.ms
    const local = await stack({ now })
    const run = jest.fn<PaidHandler>(hello)
    const event = local.paidEvent(TOOL, {}, singleUse(local))
    const soldWith = (store: PaymentStore) =>
      sell(local, run, { now, paymentStore: store, ...options })
    const call = soldWith(paymentStore)
    return {
      local,
      clock,
      run,
      elsewhere: soldWith,
      event,
      call: async () => outcomeOf(await call(event)),
    }
  }

  test.each(FLOWS)('is settled, by a shared store: %s', async (flow) => {
    const { local, run, call } = await shop(await shared(), { flow })
    local.faults.set({ route: 'settle', kind: 'lost-answer' })
    expect(await call()).toBe('settled')
    expect([countOf(local, 'settle'), local.balance()]).toEqual([2, 99n])
    expect(await call()).toBe('settled')
    expect([run.mock.calls.length, countOf(local, 'settle'), local.balance()]).toEqual([1, 2, 99n])
  })

  test.each(FLOWS)('is settled when the buyer comes back, by a shared store: %s', async (flow) => {
    const { local, run, call } = await shop(await shared(), { flow })
    const stop = local.faults.set({ route: 'settle', kind: 'lost-answer', times: 99 })
    expect(await call()).toBe('unknown')
    expect(local.balance()).toBe(99n)
    stop()
    expect(await call()).toBe('settled')
    expect([run.mock.calls.length, local.balance()]).toEqual([1, 99n])
  })

  test.each(FLOWS)('stays unknown, by the store of one process: %s', async (flow) => {
    const { local, call } = await shop(memoryStore(), { flow })
    local.faults.set({ route: 'settle', kind: 'lost-answer' })
    expect([await call(), await call()]).toEqual(['unknown', 'unknown'])
    expect(local.balance()).toBe(99n)
  })

  test.each<[string, Partial<PaymentStore>]>([
    ['says nothing of it', { heldAlone: undefined } as object],
    ['fails', { heldAlone: () => Promise.reject(new Error('throttled')) }],
    ['says that another call had it', { heldAlone: () => Promise.resolve(false) }],
  ])('stays unknown where the shared store %s', async (_, wrong) => {
    const { local, call } = await shop({ ...(await shared()), ...wrong })
    local.faults.set({ route: 'settle', kind: 'lost-answer' })
    expect(await call()).toBe('unknown')
    expect(local.balance()).toBe(99n)
  })

  test.each(FLOWS)(
    'is not settled if the first settle finds it used, however often it comes: %s',
    async (flow) => {
      const { local, call, elsewhere, event } = await shop(await shared(), { flow })
      expect(outcomeOf(await elsewhere(memoryStore())(event))).toBe('settled')
      expect([await call(), await call(), await call()]).not.toContain('settled')
      expect(local.balance()).toBe(99n)
    },
  )

  test.each(FLOWS)(
    'is not settled if an earlier call had it, whose record has expired: %s',
    async (flow) => {
      const { local, clock, call } = await shop(await shared(), { flow })
      expect(await call()).toBe('settled')
      clock.ms += DAY_MS
      local.faults.set({ route: 'settle', kind: 'reset' })
      expect([await call(), await call()]).not.toContain('settled')
      expect(local.balance()).toBe(99n)
    },
  )

  test('a table does not forget that a payment was there before', async () => {
    const store = await shared()
    const end = START_MS + HOUR_MS
    const first = recordOf('a', { alias: 'name' })
    expect(await store.heldAlone?.('a')).toBe(false)
    await store.add(first, START_MS)
    expect(await store.heldAlone?.('a')).toBe(true)
    const second = { ...first, expiresAt: end + HOUR_MS }
    await store.add(second, end)
    expect(await store.heldAlone?.('a')).toBe(false)
    const next = nextOf(second)
    await store.replace(second, next)
    expect(await store.heldAlone?.('a')).toBe(false)
    expect(await store.remove(next)).toBe(true)
    expect(await store.read('a', end)).toBeUndefined()
    expect(await store.replace(next, nextOf(next))).toBe(false)
    await store.add(second, end)
    expect(await store.heldAlone?.('a')).toBe(false)
  })

  test('a payment that was given back uncharged is as good as new', async () => {
    const store = await shared()
    const record = recordOf('a')
    await store.add(record, START_MS)
    await store.remove(record)
    await store.add(record, START_MS)
    expect(await store.heldAlone?.('a')).toBe(true)
  })
})
