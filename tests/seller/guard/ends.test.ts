import { describe, expect, test } from '@jest/globals'
import { memoryStore } from '../../../src/index.js'
import { GREETING } from '../../support/doors.js'
import { countOf, eventually, singleUse } from '../../support/outcome.js'
import { DOORS, LEASE_MS, charging, guardedShop, isFree } from './support/shop.js'

// When the credits of a call are free again, as the next call of the payer sees it.

/** The payer can pay for one call at a time. */
const ONE = { credits: 1n }
/** More often than a settle is repeated. */
const ALWAYS = { times: 9 }

describe.each(DOORS)('%s', (door) => {
  const FAILED: [string, () => unknown][] = [
    ['says so', () => ({ ...GREETING, isError: true })],
    ['costs nothing', () => charging(0)],
    ['cannot be read', () => ({ jsonrpc: '2.0' })],
    [
      'is too large to be sent',
      () => ({ content: [{ type: 'text', text: 'x'.repeat(7_000_000) }] }),
    ],
  ]
  test.each(FAILED)('work that %s frees its credits', async (_, work) => {
    const shop = await guardedShop(door, {}, ONE)
    await shop.call({ work })
    expect([shop.runs(), countOf(shop.local, 'settle'), shop.local.balance()]).toEqual([1, 0, 1n])
    expect(await isFree(shop)).toBe(true)
  })

  test('a call that is paid frees its credits, and none before it is paid', async () => {
    const shop = await guardedShop(door, {}, ONE)
    const first = await shop.begin()
    expect(await isFree(shop)).toBe(false)
    shop.local.faults.set({ route: 'settle', kind: 'delay', delayMs: 300 })
    const told = first.end()
    await eventually(() => countOf(shop.local, 'settle') === 1)
    expect(await isFree(shop)).toBe(false)
    expect(await told).toBe('settled')
    shop.local.ledger.credit(shop.local.planId, shop.local.subscriberAddress, 1n)
    expect(await isFree(shop)).toBe(true)
  })

  test.each(['withhold', 'deliver'])(
    'a settle that is refused frees the credits: %s',
    async (onSettlementRefused) => {
      const shop = await guardedShop(door, { onSettlementRefused }, ONE)
      shop.local.faults.set({ route: 'settle', kind: 'refuse' })
      const isDelivered = onSettlementRefused === 'deliver'
      expect(JSON.stringify(await shop.visit({})).includes('Hello!')).toBe(isDelivered)
      expect(await isFree(shop)).toBe(true)
    },
  )

  test.each(['withhold', 'deliver'])(
    'a payment that was used elsewhere takes no more credits, so none stay reserved: %s',
    async (onSettlementUnknown) => {
      const shop = await guardedShop(door, { onSettlementUnknown }, { credits: 2n })
      const token = singleUse(shop.local)
      const elsewhere = shop.opened({ paymentStore: memoryStore() })
      expect(await shop.call({ token, id: 7, handle: elsewhere })).toBe('settled')
      const isDelivered = onSettlementUnknown === 'deliver'
      expect(await shop.call({ token, id: 7 })).toBe(isDelivered ? 'contradictory' : 'used')
      expect([shop.runs(), shop.local.balance()]).toEqual([2, 1n])
      expect(await isFree(shop)).toBe(true)
    },
  )

  test('a call that never ends frees its credits when its lease is over', async () => {
    const shop = await guardedShop(door, {}, ONE)
    await shop.begin()
    shop.clock.ms += LEASE_MS[door] - 1
    expect(await isFree(shop)).toBe(false)
    shop.clock.ms += 1
    expect(await isFree(shop)).toBe(true)
  })

  test.each(['withhold', 'deliver'])(
    'an unknown outcome keeps the credits until the lease is over, and no longer: %s',
    async (onSettlementUnknown) => {
      const shop = await guardedShop(door, { onSettlementUnknown }, { credits: 2n })
      shop.local.faults.set({ route: 'settle', kind: 'lost-answer', ...ALWAYS })
      expect(await shop.call()).toBe(
        onSettlementUnknown === 'deliver' ? 'contradictory' : 'unknown',
      )
      expect(shop.local.balance()).toBe(1n)
      shop.clock.ms += LEASE_MS[door] - 1
      expect(await isFree(shop)).toBe(false)
      shop.clock.ms += 1
      expect(await isFree(shop)).toBe(true)
    },
  )

  test.each(['single-use', 'reusable'])(
    'the buyer comes back, the settle gets through, and the credits are free: %s',
    async (kind) => {
      const shop = await guardedShop(door, { retrySettleByRequestId: true }, ONE)
      const { faults, ledger, planId, subscriberAddress } = shop.local
      const token = kind === 'reusable' ? shop.local.accessToken() : singleUse(shop.local)
      faults.set({ route: 'settle', kind: 'reset', ...ALWAYS })
      expect(await shop.call({ token, id: 7 })).toBe('unknown')
      expect(await isFree(shop)).toBe(false)
      expect(await shop.call({ token, id: 7 })).toBe('unknown')
      expect(await isFree(shop)).toBe(false)
      faults.clear()
      expect(await shop.call({ token, id: 7 })).toBe('settled')
      expect([shop.local.balance(), ledger.settlements.length]).toEqual([0n, 1])
      ledger.credit(planId, subscriberAddress, 1n)
      expect(await isFree(shop)).toBe(true)
    },
  )
})

test('an interceptor that has to verify again, and cannot: the answer is withheld, and the credits are free', async () => {
  const shop = await guardedShop('interceptor', {}, ONE)
  shop.local.faults.set({ route: 'verify', kind: 'refuse', skip: 1 })
  expect(JSON.stringify(await shop.visit({ shown: 'original' }))).toMatch(/verification failed/)
  expect([shop.runs(), countOf(shop.local, 'verify'), countOf(shop.local, 'settle')]).toEqual([
    ...[1, 2, 0],
  ])
  expect(await isFree(shop)).toBe(true)
})
