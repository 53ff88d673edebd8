import { describe, expect, test } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { countOf, singleUse } from '../../support/outcome.js'
import { DOORS, charging, guardedShop, isFree } from './support/shop.js'

// Which calls draw on the same balance, and how the balance is found out.

const ONE = { credits: 1n }
/** Every settlement takes one credit, so that verify says nothing of two. */
const FIXED = { minAmount: 1n, maxAmount: 1n }

/** Another payer who has one credit. @returns a payment of theirs */
function anotherPayer({ ledger, planId }: Local): { from: string } {
  const { address: from } = ledger.addAccount()
  ledger.credit(planId, from, 1n)
  return { from }
}

/** Another plan of which the payer has one credit. */
function anotherPlan({ ledger, subscriberAddress }: Local): { planId: string } {
  const { planId } = ledger.addPlan()
  ledger.credit(planId, subscriberAddress, 1n)
  return { planId }
}

describe.each(DOORS)('%s', (door) => {
  test('the calls of another payer do not count', async () => {
    const shop = await guardedShop(door, {}, ONE)
    const other = anotherPayer(shop.local)
    const first = await shop.begin()
    const second = await shop.begin({ token: singleUse(shop.local, other) })
    expect(await shop.call()).toBe('balance in use')
    expect(await shop.call({ token: singleUse(shop.local, other) })).toBe('balance in use')
    expect([await first.end(), await second.end()]).toEqual(['settled', 'settled'])
  })

  test('calls that another plan pays for do not count', async () => {
    const shop = await guardedShop(door, {}, ONE)
    const other = anotherPlan(shop.local)
    const handle = shop.opened({ planIds: [shop.local.planId, other.planId] })
    const with_ = (more: object = {}) => ({ handle, token: singleUse(shop.local, more) })
    const first = await shop.begin(with_())
    const second = await shop.begin(with_(other))
    expect(await shop.call(with_())).toBe('balance in use')
    expect(await shop.call(with_(other))).toBe('balance in use')
    expect([await first.end(), await second.end()]).toEqual(['settled', 'settled'])
  })

  test('another seller of the same plan counts, if both have the same store', async () => {
    const shop = await guardedShop(door, {}, ONE)
    const handle = shop.opened()
    const first = await shop.begin()
    expect(await shop.call({ handle })).toBe('balance in use')
    expect(await first.end()).toBe('settled')
  })

  test('credits that the payer buys meanwhile count', async () => {
    const shop = await guardedShop(door, {}, { ...ONE, plan: FIXED })
    const first = await shop.begin()
    expect(await shop.call()).toBe('balance in use')
    shop.local.ledger.credit(shop.local.planId, shop.local.subscriberAddress, 1n)
    expect([await shop.call(), await first.end()]).toEqual(['settled', 'settled'])
  })

  test.each([
    ['breaks', { kind: 'reset', times: 9 } as const],
    ['answers nonsense', { kind: 'garbage', times: 9 } as const],
    ['answers with an error', { kind: 'error', times: 9 } as const],
  ])(
    'the look-up of the balance %s: nothing runs, and nothing stays reserved',
    async (_, fault) => {
      const shop = await guardedShop(door, {}, { credits: 3n, plan: FIXED })
      const first = await shop.begin()
      shop.local.faults.set({ route: 'balance', ...fault })
      expect(await shop.call()).toBe('not charged')
      expect([shop.runs(), countOf(shop.local, 'settle')]).toEqual([1, 0])
      shop.local.faults.clear()
      expect(await shop.call()).toBe('settled')
      expect(await first.end()).toBe('settled')
      expect(await isFree(shop)).toBe(true)
    },
  )

  test('a card plan is refused before it is offered, and the log says why', async () => {
    const plan = { fiatProvider: 'stripe' } as const
    const shop = await guardedShop(door, {}, { credits: 9n, plan })
    expect(await shop.call()).toBe('not charged')
    expect([shop.runs(), countOf(shop.local, 'verify')]).toEqual([0, 0])
    expect(JSON.stringify(shop.logger.lines)).toMatch(
      /overdraftGuard: verify calls an active card good, whatever is in work\. Leave overdraftGuard out/,
    )
  })

  test('pay-as-you-go: calls that need more than one settlement may take run one after another', async () => {
    const plan = { ...FIXED, billingModel: 'pay-as-you-go' } as const
    const shop = await guardedShop(door, {}, { credits: 0n, plan })
    const { local } = shop
    const terms = { spendingLimitCents: 1_000n }
    const { delegationId } = local.ledger.addDelegation(local.subscriberAddress, terms)
    const paid = () => ({ token: singleUse(local, { delegationId }) })
    const first = await shop.begin(paid())
    expect(await shop.call(paid())).toBe('balance in use')
    expect([await first.end(), await shop.call(paid())]).toEqual(['settled', 'settled'])
  })

  test('automatic top-ups: one order counts, and no second one', async () => {
    const plan = { creditsPerOrder: 2n }
    const shop = await guardedShop(door, { credits: 1 }, { credits: 1n, plan })
    const { local } = shop
    const terms = { spendingLimitCents: 1_000n }
    const { delegationId } = local.ledger.addDelegation(local.subscriberAddress, terms)
    const paid = () => ({ token: singleUse(local, { delegationId }) })
    const all = [await shop.begin(paid()), await shop.begin(paid()), await shop.begin(paid())]
    expect(await shop.call(paid())).toBe('balance in use')
    for (const one of all) expect(await one.end(charging(1))).toBe('settled')
  })
})
