import { describe, expect, test } from '@jest/globals'
import { countOf } from '../../support/outcome.js'
import { DOORS, charging, guardedShop } from './support/shop.js'

// How much a call reserves, and what happens if it takes less or asks for more.

describe.each(DOORS)('%s', (door) => {
  test('maxCredits is reserved, and what a call does not charge is free again', async () => {
    const shop = await guardedShop(door, { credits: 1, maxCredits: 5 }, { credits: 10n })
    const both = [await shop.begin(), await shop.begin()]
    expect(await shop.call()).toBe('balance in use')
    for (const one of both) expect(await one.end(charging(2))).toBe('settled')
    expect(shop.local.balance()).toBe(6n)
    const third = await shop.begin()
    // Two calls together would need ten.
    expect(await shop.call()).toBe('balance in use')
    expect(await third.end(charging(1))).toBe('settled')
    expect([shop.local.balance(), shop.runs()]).toEqual([5n, 3])
  })

  test('without maxCredits the price is reserved', async () => {
    const shop = await guardedShop(door, { credits: 3 }, { credits: 8n })
    const both = [await shop.begin(), await shop.begin()]
    expect(await shop.call()).toBe('balance in use')
    for (const one of both) expect(await one.end()).toBe('settled')
    expect(shop.local.balance()).toBe(2n)
  })

  test('a call that asks for more than maxCredits gets what was reserved', async () => {
    const shop = await guardedShop(door, { credits: 1, maxCredits: 5 }, { credits: 10n })
    const both = [await shop.begin(), await shop.begin()]
    for (const one of both) expect(await one.end(charging(9))).toBe('settled')
    expect(shop.local.balance()).toBe(0n)
  })

  test('a call whose price is above maxCredits is not sold', async () => {
    const shop = await guardedShop(door, { credits: () => 6, maxCredits: 5 }, { credits: 10n })
    expect(await shop.call()).toBe('not charged')
    expect([shop.runs(), countOf(shop.local, 'verify')]).toEqual([0, 0])
  })

  test('a call that costs nothing by its price reserves nothing, and waits for nobody', async () => {
    const costs = [1, 0, 1]
    const shop = await guardedShop(door, { credits: () => costs.shift() ?? 1 }, { credits: 1n })
    const first = await shop.begin()
    const free = await shop.visit({})
    expect(JSON.stringify(free)).toContain('Hello!')
    expect(await shop.call()).toBe('balance in use')
    expect(await first.end()).toBe('settled')
    expect(shop.local.ledger.settlements).toHaveLength(1)
  })

  test('if every settlement takes the same, that is reserved, whatever the price says', async () => {
    const plan = { minAmount: 4n, maxAmount: 4n }
    const shop = await guardedShop(door, { credits: 1 }, { credits: 11n, plan })
    const both = [await shop.begin(), await shop.begin()]
    expect(await shop.call()).toBe('balance in use')
    for (const one of both) expect(await one.end()).toBe('settled')
    expect(shop.local.balance()).toBe(3n)
  })
})

test('a handler that asks for more than was reserved takes what others count on, and nothing is delivered unpaid', async () => {
  const shop = await guardedShop('decorator', { credits: 1 }, { credits: 10n })
  const [greedy, other] = [await shop.begin(), await shop.begin()]
  expect(await greedy.end(charging(10))).toBe('settled')
  expect(await other.end()).toBe('refused')
  expect([shop.local.balance(), shop.local.ledger.settlements.length]).toEqual([0n, 1])
})

test('a target that asks for more than was reserved takes what was reserved', async () => {
  const shop = await guardedShop('interceptor', { credits: 1 }, { credits: 2n })
  const [greedy, other] = [await shop.begin(), await shop.begin()]
  expect(await greedy.end(charging(2))).toBe('settled')
  expect(await other.end()).toBe('settled')
})
