import { expect, jest, test } from '@jest/globals'
import { type PaidHandler, type PaymentStore, memoryStore } from '../../../src/index.js'
import { bothPhases, intercept } from '../phases/support/phases.js'
import { TOOL, countOf, eventually, outcomeOf, singleUse } from '../../support/outcome.js'
import { hello, sell, stack } from '../../support/seller.js'

// A claim in a shared store takes a trip, and so does verify: they are made at the same time.

/** A store that every container sees, which may be slow, or fail, when it is given a new payment. */
function sharedStore(beforeAdd: () => Promise<void>): PaymentStore {
  const store = memoryStore()
  return {
    scope: 'shared',
    add: async (record, nowMs) => {
      await beforeAdd()
      return store.add(record, nowMs)
    },
    read: (key, nowMs) => store.read(key, nowMs),
    replace: (seen, next, answer) => store.replace(seen, next, answer),
    remove: (seen) => store.remove(seen),
    readAnswer: (key, nowMs) => store.readAnswer(key, nowMs),
  }
}

test('a payment is verified while the store is given it', async () => {
  const local = await stack()
  const paymentStore = sharedStore(() => eventually(() => countOf(local, 'verify') === 1))
  const call = sell(local, hello, { paymentStore })
  expect(outcomeOf(await call(local.paidEvent(TOOL, {}, singleUse(local))))).toBe('settled')
  expect([countOf(local, 'verify'), local.balance()]).toEqual([1, 99n])
})

test('a payment is verified while the store is given it, by an interceptor', async () => {
  const local = await stack()
  const paymentStore = sharedStore(() => eventually(() => countOf(local, 'verify') > 0))
  const pair = intercept(local, { paymentStore })
  const { output } = await bothPhases(pair, local.paidEvent(TOOL, {}, singleUse(local)))
  expect(outcomeOf(output)).toBe('settled')
  expect([countOf(local, 'verify'), local.balance()]).toEqual([1, 99n])
})

test('a hook that forbids the call is asked before verify', async () => {
  const local = await stack()
  const onBeforeVerify = () => {
    throw new Error('not today')
  }
  const call = sell(local, hello, {
    paymentStore: sharedStore(async () => undefined),
    onBeforeVerify,
  })
  await call(local.paidEvent(TOOL, {}, singleUse(local)))
  expect([countOf(local, 'verify'), local.balance()]).toEqual([0, 100n])
})

test('a payment that verify refuses beside the claim is as good as new', async () => {
  const local = await stack()
  const run = jest.fn<PaidHandler>(hello)
  const paymentStore = sharedStore(async () => undefined)
  const call = sell(local, run, { paymentStore })
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  local.faults.set({ route: 'verify', kind: 'refuse' })
  await call(event)
  expect(run).not.toHaveBeenCalled()
  expect(outcomeOf(await call(event))).toBe('settled')
  expect([run.mock.calls.length, local.balance()]).toEqual([1, 99n])
})

test('a store that fails while verify refuses ends the call without work or charge', async () => {
  const local = await stack()
  const run = jest.fn<PaidHandler>(hello)
  const paymentStore = sharedStore(async () => {
    await eventually(() => countOf(local, 'verify') === 1)
    throw new Error('the table is throttled')
  })
  local.faults.set({ route: 'verify', kind: 'refuse' })
  const output = await sell(local, run, { paymentStore })(
    local.paidEvent(TOOL, {}, singleUse(local)),
  )
  expect(outcomeOf(output)).toBe('come back')
  expect([run.mock.calls.length, countOf(local, 'settle'), local.balance()]).toEqual([0, 0, 100n])
})

test('a payment sent twice at once runs once, though both are verified', async () => {
  const local = await stack()
  const run = jest.fn<PaidHandler>(hello)
  const paymentStore = sharedStore(() => eventually(() => countOf(local, 'verify') === 2))
  const call = sell(local, run, { paymentStore })
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const outputs = await Promise.all([call(event), call(event)])
  expect(outputs.map(outcomeOf)).toEqual(['settled', 'settled'])
  expect([run.mock.calls.length, countOf(local, 'settle'), local.balance()]).toEqual([1, 1, 99n])
})
