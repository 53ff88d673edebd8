import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { memoryStore, type PaidHandler } from '../../../src/index.js'
import { NOW_MS } from '../../support/clock.js'
import { TOOL, outcomeOf } from '../../support/outcome.js'
import { LEASE_MS, containers, numbered } from './support/containers.js'
import { failingStore, onceAt, type Asked, type Failure } from './support/failing-store.js'
import { recordOf } from './support/records.js'

// What a call is told whose store fails, by the state that could not be written.

const upfront = { flow: 'upfront', onRefundDue: () => undefined } as const

type Failing = 'unverified' | 'settling' | 'settled' | 'refused' | 'unknown'

/** A store that fails at the first write of a state: what the buyer is told, how often it ran, what is charged. */
const DOWN: [Failing, 'authorization' | 'overlap' | 'upfront', string, number, bigint][] = [
  ['unverified', 'authorization', 'come back', 0, 0n],
  ['unverified', 'overlap', 'come back', 0, 0n],
  ['unverified', 'upfront', 'come back', 0, 0n],
  ['settling', 'authorization', 'settled', 1, 1n],
  ['settling', 'overlap', 'settled', 1, 1n],
  ['settling', 'upfront', 'come back', 0, 0n],
  ['settled', 'authorization', 'settled', 1, 1n],
  ['settled', 'overlap', 'settled', 1, 1n],
  ['settled', 'upfront', 'settled', 1, 1n],
]

test.each(DOWN.flatMap((row) => (['down', 'lost'] as const).map((how) => [...row, how] as const)))(
  'a store that fails at %s with flow %s: %s, runs %i, charged %p, write %s',
  async (state, flow, told, runs, charged, how: Failure) => {
    const handler = numbered()
    const options = flow === 'upfront' ? upfront : { flow }
    const { local, clock, store, callIn, call } = await containers(handler, options)
    const output = await callIn(failingStore(store, onceAt(state, how)))()
    expect(outcomeOf(output)).toBe(told)
    expect([handler.mock.calls.length, 100n - local.balance()]).toEqual([runs, charged])
    // The same payment, when the store is back: it is charged once in all, and asked for never again.
    clock.ms += LEASE_MS
    const again = outcomeOf(await call())
    expect(['settled', 'unknown', 'used']).toContain(again)
    if (charged === 0n) expect(again).toBe('settled')
    expect(local.balance()).toBe(99n)
  },
)

test.each([
  ['authorization', 0],
  ['overlap', 1],
] as const)(
  'work that nobody may do again is written down first, with flow %s: where that fails, runs %i and nothing is charged',
  async (flow, runs) => {
    const handler = numbered()
    const { local, store, callIn } = await containers(handler, { flow, onTakeover: 'unknown' })
    const output = await callIn(failingStore(store, onceAt('claimed', 'down')))()
    expect(outcomeOf(output)).toBe('come back')
    expect([handler.mock.calls.length, local.balance()]).toEqual([runs, 100n])
  },
)

test.each([['down'], ['lost']] as const)(
  'work that takes a while is written down beside it, and sold though that write is %s',
  async (how) => {
    const handler = numbered()
    const slow: PaidHandler = async (...given) => {
      await sleep(400)
      return handler(...given)
    }
    const { local, clock, store, callIn, call } = await containers(slow)
    const output = await callIn(failingStore(store, onceAt('claimed', how)))()
    expect([outcomeOf(output), local.balance()]).toEqual(['settled', 99n])
    clock.ms += LEASE_MS
    expect(outcomeOf(await call())).toBe('settled')
    expect(local.balance()).toBe(99n)
  },
)

test.each<[string, object, 'unknown' | 'refused']>([
  ['is lost', { kind: 'lost-answer' }, 'unknown'],
  ['is refused', { kind: 'refuse', reason: 'insufficient_funds' }, 'refused'],
])(
  'a settlement that %s is told as such, whether it can be written down or not',
  async (...row) => {
    const [, fault, state] = row
    const { local, store, callIn } = await containers()
    local.faults.set({ route: 'settle', times: 9, ...fault } as never)
    const output = await callIn(failingStore(store, onceAt(state, 'down')))()
    expect(outcomeOf(output)).toBe(state)
  },
)

test.each([
  ['down', (): Failure | undefined => 'down'],
  ['full of payments in work', (): Failure | undefined => undefined],
] as const)(
  'a reusable token whose settlement is lost is not called unpaid by a store that is %s',
  async (_, failureOf) => {
    const store = memoryStore({ maxRecords: 1 })
    const { local, callIn } = await containers()
    expect(await store.add(recordOf('in work'), NOW_MS)).toBeUndefined()
    local.faults.set({ route: 'settle', kind: 'lost-answer' })
    // The look-up before the work finds no open call.
    const isAsked = ({ method }: Asked) => (method === 'read' ? undefined : failureOf())
    const output = await callIn(failingStore(store, isAsked))(local.paidEvent(TOOL))
    expect(outcomeOf(output)).toBe('unknown')
    expect(local.balance()).toBe(99n)
  },
)

test('a store that is down takes no reusable token either', async () => {
  const handler = numbered()
  const { local, store, callIn } = await containers(handler)
  const output = await callIn(failingStore(store, () => 'down'))(local.paidEvent(TOOL))
  expect(outcomeOf(output)).toBe('come back')
  expect([handler.mock.calls.length, local.balance()]).toEqual([0, 100n])
})

test.each([
  ['authorization', {}],
  ['upfront', upfront],
] as const)(
  'a container that ends while it writes down an open settle leaves no room for a second charge, with flow %s',
  async (_, options) => {
    const { local, clock, store, callIn } = await containers(numbered(), options)
    local.faults.set({ route: 'settle', kind: 'lost-answer' })
    const token = local.accessToken()
    let end = (): void => undefined
    const ended = new Promise<void>((resolve) => (end = resolve))
    const dies = ({ method }: Asked): Failure | undefined => {
      if (method !== 'replace') return undefined
      end()
      return 'dead before'
    }
    void callIn(failingStore(store, dies))(local.paidEvent(TOOL, {}, token))
    await ended
    expect(local.balance()).toBe(99n)

    clock.ms += LEASE_MS
    expect(outcomeOf(await callIn(store)(local.paidEvent(TOOL, {}, token)))).toBe('unknown')
    expect(local.balance()).toBe(99n)
  },
)
