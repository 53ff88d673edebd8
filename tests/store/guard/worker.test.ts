import { describe, expect, test } from '@jest/globals'
import { Payments } from '../../../src/index.js'
import { dynamoDbStore } from '../../../src/store/index.js'
import { createSettlementWorker } from '../../../src/worker/index.js'
import { DOORS, type Door, LEASE_MS, guardedShop, isFree } from '../../seller/guard/support/shop.js'
import { NOW_MS } from '../../support/clock.js'
import { silent } from '../../support/seller.js'
import { describeTable } from '../support/describe-table.js'
import { running } from '../support/running.js'
import { SECRET, createTable, itemsOf } from '../support/table.js'

describeTable('the settlement worker', () => {
  const db = running()

  /** A payer with one credit, whose call has an unknown outcome, and who does not come back. */
  async function scene(door: Door) {
    const clock = { ms: NOW_MS }
    const now = (): number => clock.ms
    const table = await createTable(db.client)
    const paymentStore = dynamoDbStore({ table, secret: SECRET, client: db.client, now })
    const shop = await guardedShop(door, { paymentStore, now }, { credits: 1n, now })
    const { nvmApiKey, url: backendUrl, faults } = shop.local
    faults.set({ route: 'settle', kind: 'reset', times: 99 })
    expect(await shop.call()).toBe('unknown')
    const payments = Payments.getInstance({ nvmApiKey, backendUrl })
    const work = createSettlementWorker({
      paymentStore,
      payments,
      metrics: false,
      logger: silent,
      now,
    })
    const state = async () =>
      (await itemsOf(db.client, table)).find(({ kind }) => kind?.S === 'payment')?.['state']?.S
    return { clock, shop, work, state }
  }

  describe.each(DOORS)('%s', (door) => {
    test('frees the credits of a call as soon as it has found out what became of it', async () => {
      const { shop, work, state } = await scene(door)
      expect(await isFree(shop)).toBe(false)
      shop.local.faults.clear()
      expect(await work()).toMatchObject({ settled: 1 })
      expect([await state(), shop.local.balance()]).toEqual(['settled', 0n])
      shop.local.ledger.credit(shop.local.planId, shop.local.subscriberAddress, 1n)
      expect(await isFree(shop)).toBe(true)
    })

    test('does not free them while nobody knows. The lease does', async () => {
      const { clock, shop, work, state } = await scene(door)
      clock.ms += LEASE_MS[door] - 1
      expect(await work()).toMatchObject({ open: 1 })
      expect(await isFree(shop)).toBe(false)
      clock.ms += 1
      expect(await isFree(shop)).toBe(true)
      expect(await state()).toBe('unknown')
    })
  })
})
