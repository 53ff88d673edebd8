import { describe, expect, test } from '@jest/globals'
import { memoryStore } from '../../../src/index.js'
import { countOf, singleUse } from '../../support/outcome.js'
import { type Asked, type Failure, failingStore, onceAt } from '../records/support/failing-store.js'
import { DOORS, LEASE_MS, guardedShop, isFree } from './support/shop.js'

// A store that fails while the guard asks it. Only the guard's own requests fail here.

/** A store that fails at a method. `skip`: how often the method works before. */
function storeThat(failure: Failure, at: Asked['method'], skip = 0) {
  const fault = { isOn: true }
  let asked = 0
  const store = failingStore(memoryStore(), ({ method }) => {
    if (method !== at || !fault.isOn) return undefined
    return ++asked > skip ? failure : undefined
  })
  return { store, fault }
}

const ONE = { credits: 1n }

describe.each(DOORS)('%s', (door) => {
  test.each<[Failure, Asked['method']]>([
    ['down', 'inFlight'],
    ['down', 'reserve'],
    ['lost', 'reserve'],
  ])(
    '%s at %s: nothing runs, nobody is charged, and the same payment is good later',
    async (failure, at) => {
      const { store, fault } = storeThat(failure, at)
      const shop = await guardedShop(door, { paymentStore: store }, ONE)
      const token = singleUse(shop.local)
      const output = await shop.visit({ token, id: 7 })
      const { headers } = output.mcp.transformedGatewayResponse ?? {}
      expect(headers).toMatchObject({ 'Retry-After': '1' })
      expect(JSON.stringify(output)).toMatch(/This call charged nothing/)
      expect(JSON.stringify(output)).not.toMatch(/accepts|payment-required/)
      expect([shop.runs(), countOf(shop.local, 'settle')]).toEqual([0, 0])
      fault.isOn = false
      expect(await shop.call({ token, id: 7 })).toBe('settled')
    },
  )

  test('down while a call waits for room: it comes back, and has reserved nothing', async () => {
    const { store, fault } = storeThat('down', 'inFlight', 2)
    const shop = await guardedShop(door, { paymentStore: store, waitForAnswerMs: 2_000 }, ONE)
    const first = await shop.begin()
    expect(await shop.call()).toBe('come back')
    fault.isOn = false
    expect(await first.end()).toBe('settled')
    const { ledger, planId, subscriberAddress } = shop.local
    ledger.credit(planId, subscriberAddress, 1n)
    expect([await isFree(shop), shop.runs()]).toEqual([true, 2])
  })

  test('down when a call ends: it is delivered, and its credits are free when its lease is over', async () => {
    const { store, fault } = storeThat('down', 'endReservation')
    const shop = await guardedShop(door, { paymentStore: store }, { credits: 2n })
    expect(await shop.call()).toBe('settled')
    expect(shop.logger.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'a reservation could not be ended' }),
    )
    fault.isOn = false
    shop.clock.ms += LEASE_MS[door] - 1
    expect(await isFree(shop)).toBe(false)
    shop.clock.ms += 1
    expect(await isFree(shop)).toBe(true)
  })

  test('down before the settle: the answer is withheld, nobody is charged, and the credits are free', async () => {
    const paymentStore = failingStore(memoryStore(), onceAt('settling', 'down'))
    const idempotencyKey = (event: unknown) => JSON.stringify(event)
    const shop = await guardedShop(door, { paymentStore, idempotencyKey }, ONE)
    // A settle of a reusable token could charge twice, so it is not sent without a record.
    expect(await shop.call({ token: shop.local.accessToken() })).toBe('come back')
    expect([shop.runs(), countOf(shop.local, 'settle')]).toEqual([1, 0])
    expect(await isFree(shop)).toBe(true)
  })

  test('down when work has failed: the buyer hears of the failure alone', async () => {
    const { store } = storeThat('down', 'endReservation')
    const shop = await guardedShop(door, { paymentStore: store }, ONE)
    const output = await shop.visit({ work: () => ({ isError: true, content: [] }) })
    expect(JSON.stringify(output)).toContain('"isError":true')
    expect(countOf(shop.local, 'settle')).toBe(0)
  })
})
