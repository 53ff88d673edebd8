import { randomUUID } from 'node:crypto'
import type { Context } from 'aws-lambda'
import { describe, expect, test } from '@jest/globals'
import { type InterceptorOutput, memoryStore } from '../../../src/index.js'
import { GREETING } from '../../support/doors.js'
import { RuntimeContext } from '../../support/events.js'
import { TOOL, countOf, eventually, outcomeOf, singleUse } from '../../support/outcome.js'
import { failingStore } from '../records/support/failing-store.js'
import { DOORS, LEASE_MS, charging, guardedShop, isFree } from './support/shop.js'

// What happens between two steps of a call, or at the same time.

const ONE = { credits: 1n }
const failing = { ...GREETING, isError: true }

/** A hook that holds one call up after its verify. */
function heldUp() {
  let [reach, go]: (() => void)[] = []
  const reached = new Promise<void>((resolve) => (reach = resolve))
  const gone = new Promise<void>((resolve) => (go = resolve))
  let isNext = false
  return {
    onAfterVerify: async () => {
      if (!isNext) return
      isNext = false
      reach?.()
      await gone
    },
    /** Holds the next call up. */
    next: () => void (isNext = true),
    reached,
    go: () => go?.(),
  }
}

describe.each(DOORS)('%s', (door) => {
  test('credits that are taken after verify and before the reservation are found to be gone', async () => {
    const { onAfterVerify, next, reached, go } = heldUp()
    const shop = await guardedShop(door, { onAfterVerify }, ONE)
    next()
    const late = shop.call()
    await reached
    expect(await shop.call()).toBe('settled')
    go()
    expect([await late, shop.runs()]).toEqual(['no credits', 1])
  })

  test('the same if the other call could not free its credits, and its lease is over', async () => {
    const { onAfterVerify, next, reached, go } = heldUp()
    const paymentStore = failingStore(memoryStore(), ({ method }) =>
      method === 'endReservation' ? 'down' : undefined,
    )
    const shop = await guardedShop(door, { onAfterVerify, paymentStore }, ONE)
    const first = await shop.begin()
    next()
    const late = shop.call()
    await reached
    expect(await first.end()).toBe('settled')
    shop.clock.ms += LEASE_MS[door]
    go()
    expect([await late, shop.runs()]).toEqual(['no credits', 1])
  })

  test('of two calls that wait, the first one runs when there is room for one', async () => {
    const shop = await guardedShop(door, { waitForAnswerMs: 2_000 }, ONE)
    const first = await shop.begin()
    const second = shop.call()
    const third = shop.call()
    // Both have compared their sums with the balance.
    await eventually(() => countOf(shop.local, 'verify') === 5)
    await first.end(failing)
    expect((await Promise.all([second, third])).toSorted()).toEqual(['no credits', 'settled'])
  })
})

test('work that is settled later reserves what it asked for then', async () => {
  const shop = await guardedShop('decorator', { credits: 1 }, { credits: 6n })
  const token = singleUse(shop.local)
  shop.local.faults.set({ route: 'settle', kind: 'refuse' })
  expect(await shop.call({ token, id: 7, work: () => charging(5) })).toBe('refused')
  shop.local.faults.set({ route: 'settle', kind: 'delay', delayMs: 700 })
  const later = shop.call({ token, id: 7 })
  await eventually(() => countOf(shop.local, 'settle') === 2)
  const beside = await shop.begin()
  expect(await shop.call()).toBe('balance in use')
  expect([await later, await beside.end()]).toEqual(['settled', 'settled'])
  expect([shop.local.balance(), shop.runs()]).toEqual([0n, 2])
})

test('work that asked for more than the payer has left leads to a challenge, since no other call is in its way', async () => {
  const shop = await guardedShop('decorator', { credits: 1 }, { credits: 3n })
  const token = singleUse(shop.local)
  const given = { token, id: 7, work: () => charging(5) }
  expect(await shop.call(given)).toBe('refused')
  expect(await shop.call(given)).toBe('no credits')
  expect(shop.runs()).toBe(1)
})

describe('a REQUEST that the Gateway hands over twice', () => {
  const contextOf = (REQUEST_ID: string) => new RuntimeContext({ REQUEST_ID }) as unknown as Context

  test('at once: the credits stay reserved for the one that goes on', async () => {
    const shop = await guardedShop('interceptor', {}, ONE)
    const event = shop.local.paidEvent(TOOL, { id: 7 }, singleUse(shop.local))
    const context = contextOf(randomUUID())
    shop.local.faults.set({ route: 'verify', kind: 'delay', delayMs: 100, times: 2 })
    const both = [shop.opened(), shop.opened()].map((handle) => handle(event, context))
    const outputs = (await Promise.all(both)) as InterceptorOutput[]
    const answered = outputs.filter(({ mcp }) => mcp.transformedGatewayResponse !== undefined)
    expect(answered.map(outcomeOf)).toEqual(['in work'])
    expect(await isFree(shop)).toBe(false)
  })

  test('and fails the second time: the credits stay reserved for the first', async () => {
    const shop = await guardedShop('interceptor', {}, { credits: 2n })
    await shop.begin()
    const event = shop.local.paidEvent(TOOL, { id: 7 }, singleUse(shop.local))
    const context = contextOf(randomUUID())
    const handle = shop.opened()
    expect(await handle(event, context)).toHaveProperty('mcp.transformedGatewayRequest')
    const verified = countOf(shop.local, 'verify')
    shop.local.faults.set({ route: 'verify', kind: 'error', skip: 1 })
    expect(outcomeOf((await handle(event, context)) as InterceptorOutput)).toBe('not charged')
    expect(countOf(shop.local, 'verify')).toBe(verified + 2)
    expect(await isFree(shop)).toBe(false)
  })
})
