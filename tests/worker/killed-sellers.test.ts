import { expect, test } from '@jest/globals'
import { describeTable } from '../store/support/describe-table.js'
import {
  type OnePayment,
  type RecordSeen,
  type Selling,
  onePayment,
} from '../store/support/one-payment.js'
import { running, runningSellers } from '../store/support/running.js'

// A container is killed after one of its steps, and the buyer never comes back. The worker alone has to end the payment.

const MINUTE_MS = 60_000
/** How long after each other the worker is called. Leases last up to 15 minutes, payments an hour, kept calls a day. */
const PAUSES_MS = [16, 2, 10, 60, 60, 600, 900, 600].map((minutes) => minutes * MINUTE_MS)

/** Each door, flow and price with each other. `npm run proof:worker` plays the other ways of selling too. */
const SELLINGS: Selling[] = [
  { door: 'decorator', flow: 'authorization', price: 'credits' },
  { door: 'decorator', flow: 'upfront', price: 'money' },
  { door: 'interceptor', flow: 'authorization', price: 'money' },
  { door: 'interceptor', flow: 'upfront', price: 'credits' },
]
const OTHERS: Selling[] = [
  { door: 'decorator', flow: 'authorization', price: 'money' },
  { door: 'decorator', flow: 'upfront', price: 'credits' },
  { door: 'interceptor', flow: 'authorization', price: 'credits' },
]
const PLAYED = process.env['EVERY_SELLING'] === '1' ? [...SELLINGS, ...OTHERS] : SELLINGS

/** Lets a day and a half pass, while the worker is called now and then. */
async function workOn(
  payment: OnePayment,
  container: Parameters<OnePayment['work']>[0],
): Promise<RecordSeen[]> {
  for (const pauseMs of PAUSES_MS) {
    payment.pass(pauseMs)
    await payment.work(container)
  }
  return payment.records()
}

/** What the records say was charged and not given back. */
const charged = (records: RecordSeen[]): number =>
  records.filter(({ state }) => state === 'settled' || state === 'refund_due').length

describeTable('the worker after a container that was killed', () => {
  const store = running()
  const containers = runningSellers()

  test.each(PLAYED.map((selling) => ({ name: Object.values(selling).join(', '), selling })))(
    'ends every payment, and its records agree with the ledger: $name',
    async ({ selling }) => {
      const calm = await onePayment(selling, store.engine.endpoint)
      expect(await calm.visit(containers.survivor)).toBe('settled')
      const steps = [...calm.crossing.steps]
      await calm.crossing.close()
      for (const step of steps) {
        const victim = await containers.sellers.next()
        const payment = await onePayment(selling, store.engine.endpoint)
        payment.crossing.at({ step, when: 'after' }, () => victim.kill())
        await payment.visit(victim)
        const records = await workOn(payment, containers.survivor)
        expect({ step, open: records.filter(({ isInIndex }) => isInIndex) }).toEqual({
          step,
          open: [],
        })
        expect({ step, charged: charged(records) }).toEqual({ step, charged: payment.charges() })
        expect({ step, dead: records.filter(({ state }) => state === 'dead') }).toEqual({
          step,
          dead: [],
        })
        expect(records.filter(({ hasPayment }) => hasPayment)).toEqual([])
        // What was charged was delivered or can be fetched, or a refund is due and the seller has heard of it.
        const owed = records.filter(({ state }) => state === 'refund_due')
        expect(payment.crossing.refunds).toHaveLength(owed.length)
        await payment.crossing.close()
      }
    },
    240_000,
  )
})
