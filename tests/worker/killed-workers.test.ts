import { expect, test } from '@jest/globals'
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { describeTable } from '../store/support/describe-table.js'
import { type Selling, onePayment } from '../store/support/one-payment.js'
import { running, runningSellers } from '../store/support/running.js'
import { itemsOf } from '../store/support/table.js'

// A worker is killed after each of its steps, and two workers run at the same moment. What they finish was left behind by
// a container that was killed right after it sent its settle.

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

interface Left {
  selling: Selling
  /** The last step of the container that was killed. */
  step: string
  /** How long the payment is left alone. Unit: ms. */
  waitMs: number
  /** The state in which the worker leaves the record. */
  end: string
}

const LEFT: Left[] = [
  {
    selling: { door: 'decorator', flow: 'authorization', price: 'credits' },
    ...{ step: 'settle', waitMs: HOUR_MS, end: 'settled' },
  },
  {
    selling: { door: 'decorator', flow: 'authorization', price: 'money' },
    ...{ step: 'UpdateItem settling answered', waitMs: HOUR_MS / 4, end: 'settled' },
  },
  {
    selling: { door: 'interceptor', flow: 'upfront', price: 'credits' },
    ...{ step: 'work', waitMs: 2 * DAY_MS, end: 'refund_due' },
  },
]

const named = LEFT.map((left) => ({ ...left, name: `${left.selling.price}, after ${left.step}` }))

describeTable('a settlement worker', () => {
  const store = running()
  const containers = runningSellers()

  /** A payment whose container was killed, some time ago. */
  async function leftBehind({ selling, step, waitMs }: Left) {
    const payment = await onePayment(selling, store.engine.endpoint)
    const victim = await containers.sellers.next()
    payment.crossing.at({ step, when: 'after' }, () => victim.kill())
    await payment.visit(victim)
    payment.pass(waitMs)
    payment.crossing.steps.length = 0
    return payment
  }

  test.each(named)(
    'may be killed after each of its steps, and the next one goes on: $name',
    async (left) => {
      const calm = await leftBehind(left)
      await calm.work(containers.survivor)
      const steps = [...new Set(calm.crossing.steps)].filter((step) => step !== 'Query')
      expect(steps.some((step) => step.startsWith('UpdateItem'))).toBe(true)
      await calm.crossing.close()
      for (const step of steps) {
        const payment = await leftBehind(left)
        const victim = await containers.sellers.next()
        payment.crossing.at({ step, when: 'after' }, () => victim.kill())
        expect(await payment.work(victim)).toBeUndefined()
        // Until its lease is over, nobody takes the work of a worker over.
        payment.pass(5 * 60_000)
        await payment.work(containers.survivor)
        payment.pass(2 * DAY_MS)
        await payment.work(containers.survivor)
        const [record, ...others] = await payment.records()
        expect({ step, state: record?.state, others }).toEqual({
          step,
          state: left.end,
          others: [],
        })
        expect({ step, charges: payment.charges() }).toEqual({ step, charges: 1 })
        // A hook is called at least once for a refund, always with the same id.
        expect(new Set(payment.crossing.refunds).size).toBe(left.end === 'refund_due' ? 1 : 0)
        await payment.crossing.close()
      }
    },
    120_000,
  )

  test.each(named)('may run twice at the same moment: $name', async (left) => {
    const payment = await leftBehind(left)
    const other = await containers.sellers.next()
    // Both have loaded all that they need, so that neither comes late.
    const before = await leftBehind(left)
    for (const worker of [containers.survivor, other]) await before.work(worker)
    await before.crossing.close()
    const reports = await Promise.all([payment.work(containers.survivor), payment.work(other)])
    const ended = reports.map((report) => (report?.settled ?? 0) + (report?.refundsOwed ?? 0))
    expect(ended.sort()).toEqual([0, 1])
    expect((await payment.records()).map(({ state }) => state)).toEqual([left.end])
    expect(payment.charges()).toBe(1)
    const settles = payment.crossing.steps.filter((step) => step.startsWith('settle'))
    expect(settles.length).toBeLessThanOrEqual(1)
    expect(payment.crossing.refunds).toHaveLength(left.end === 'refund_due' ? 1 : 0)
    await other.kill()
    await payment.crossing.close()
  })

  test('owes nothing for a payment that another call may have delivered for', async () => {
    const payment = await leftBehind({
      selling: { door: 'decorator', flow: 'upfront', price: 'money' },
      ...{ step: 'settle', waitMs: HOUR_MS / 4, end: 'settled' },
    })
    const [item] = await itemsOf(store.client, payment.table)
    await store.client.send(
      new UpdateItemCommand({
        ...{ TableName: payment.table, Key: { pk: item?.['pk'] ?? { S: '' } } },
        UpdateExpression: 'SET wasUsedBefore = :yes',
        ExpressionAttributeValues: { ':yes': { BOOL: true } },
      }),
    )
    for (const waitMs of [0, 2 * DAY_MS]) {
      payment.pass(waitMs)
      await payment.work(containers.survivor)
    }
    expect(await payment.records()).toMatchObject([{ state: 'settled', isDelivered: true }])
    expect(payment.crossing.refunds).toEqual([])
    await payment.crossing.close()
  })
})
