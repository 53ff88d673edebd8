import { expect, test } from '@jest/globals'
import { type PaidHandler, type PaymentStore } from '../../src/index.js'
import { dynamoDbStore } from '../../src/store/index.js'
import { type Trip, counted } from '../../bench/table.js'
import { bothPhases, intercept } from '../seller/phases/support/phases.js'
import { TOOL, eventually, singleUse } from '../support/outcome.js'
import { hello, sell, stack } from '../support/seller.js'
import { describeTable } from './support/describe-table.js'
import { running } from './support/running.js'
import { SECRET, clientOf, createTable } from './support/table.js'

// What a call asks of the table, as docs/durable-payments.md and docs/overdraft-guard.md say it.

const fails: PaidHandler = () => {
  throw new Error('broken')
}

type Local = Awaited<ReturnType<typeof stack>>
/**
 * Sells something. If it returns a function, that is what counts. It may return another one, to end what is still under
 * way. What is sold with the other store of the same table does not count.
 */
type Sold = (local: Local, paymentStore: PaymentStore, other: PaymentStore) => Promise<unknown>

const bought =
  (options: object = {}, handler: PaidHandler = hello): Sold =>
  (local, paymentStore) =>
    sell(local, handler, { paymentStore, ...options })(local.paidEvent(TOOL, {}, singleUse(local)))

const twice: Sold = async (local, paymentStore) => {
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const wrapped = sell(local, hello, { paymentStore })
  await wrapped(event)
  return () => wrapped(event)
}

const throughGateway =
  (options: (store: object) => object = () => ({})): Sold =>
  (local, paymentStore) =>
    bothPhases(
      intercept(local, { paymentStore, ...options(paymentStore) }),
      local.paidEvent(TOOL, {}, singleUse(local)),
    )

const GUARDED = { overdraftGuard: true, waitForAnswerMs: 0 }

/** The balance has an item from the payer's first call on. */
const again =
  (sold: Sold): Sold =>
  async (...given) => {
    await sold(...given)
    return () => sold(...given)
  }

/** A call while others of the payer are at work, who has so many credits. */
const beside =
  (others: number, credits: bigint): Sold =>
  async (local, paymentStore, other) => {
    local.ledger.credit(local.planId, local.subscriberAddress, credits - local.balance())
    let runs = 0
    let end: () => void = () => undefined
    const ended = new Promise<void>((resolve) => (end = resolve))
    const waits: PaidHandler = async (...given) => {
      runs += 1
      await ended
      return hello(...given)
    }
    const first = Array.from({ length: others }, () => bought(GUARDED, waits)(local, other, other))
    await eventually(() => runs === others)
    return async () => {
      await bought(GUARDED)(local, paymentStore, other)
      return async () => {
        end()
        await Promise.all(first)
      }
    }
  }

const CASES: [string, Sold, string][] = [
  ['authorization', bought(), 'PutItem 3, UpdateItem 2, PutItem 1, UpdateItem 3 = 9'],
  [
    'authorization, keepAnswers: false',
    bought({ keepAnswers: false }),
    'PutItem 3, UpdateItem 2, UpdateItem 3 = 8',
  ],
  ['authorization, the work failed', bought({}, fails), 'PutItem 3, DeleteItem 3 = 6'],
  ['overlap', bought({ flow: 'overlap' }), 'PutItem 3, UpdateItem 2, PutItem 1, UpdateItem 3 = 9'],
  [
    'upfront, the work failed',
    bought({ flow: 'upfront', onRefundDue: () => undefined }, fails),
    'PutItem 3, UpdateItem 2, UpdateItem 4, UpdateItem 4, UpdateItem 4 = 17',
  ],
  [
    'upfront',
    bought({ flow: 'upfront' }),
    'PutItem 3, UpdateItem 2, UpdateItem 4, PutItem 1, UpdateItem 2 = 12',
  ],
  [
    'interceptor, MCP targets',
    throughGateway(),
    'PutItem 3, UpdateItem 2, PutItem 0, UpdateItem 2, PutItem 1, UpdateItem 3 = 11',
  ],
  [
    'interceptor with store',
    throughGateway((store) => ({ store })),
    'PutItem 3, UpdateItem 2, PutItem 3, PutItem 0, UpdateItem 2, PutItem 1, UpdateItem 3 = 14',
  ],
  ['the same payment again', twice, 'PutItem 0, GetItem 1, GetItem 1 = 2'],
  [
    'a reusable token',
    (local, paymentStore) => sell(local, hello, { paymentStore })(local.paidEvent(TOOL)),
    'GetItem 1 = 1',
  ],
  [
    "guarded, the payer's first call",
    bought(GUARDED),
    'GetItem 1, PutItem 3, UpdateItem 0, PutItem 1, UpdateItem 2, PutItem 1, UpdateItem 1, UpdateItem 3 = 12',
  ],
  [
    'guarded',
    again(bought(GUARDED)),
    'GetItem 1, PutItem 3, UpdateItem 1, UpdateItem 2, PutItem 1, UpdateItem 1, UpdateItem 3 = 12',
  ],
  [
    'guarded, the work failed',
    again(bought(GUARDED, fails)),
    'GetItem 1, PutItem 3, UpdateItem 1, DeleteItem 3, UpdateItem 1 = 9',
  ],
  [
    'guarded, another call is at work',
    beside(1, 2n),
    'GetItem 1, PutItem 3, UpdateItem 1, UpdateItem 2, PutItem 1, UpdateItem 1, UpdateItem 3 = 12',
  ],
  [
    'guarded, 30 other calls are at work',
    beside(30, 31n),
    'GetItem 1, PutItem 3, UpdateItem 3, UpdateItem 2, PutItem 1, UpdateItem 3, UpdateItem 3 = 16',
  ],
  [
    'guarded, another call needs the credits',
    beside(1, 1n),
    'GetItem 1, PutItem 3, UpdateItem 1, UpdateItem 1, DeleteItem 3 = 9',
  ],
  [
    'guarded interceptor, MCP targets',
    again(throughGateway(() => GUARDED)),
    'GetItem 1, PutItem 3, UpdateItem 1, UpdateItem 2, PutItem 0, UpdateItem 2, PutItem 1, UpdateItem 1, UpdateItem 3 = 14',
  ],
  ['no payment', (local, paymentStore) => sell(local, hello, { paymentStore })({}), '= 0'],
]

describeTable('requests to the table', () => {
  const db = running()

  test.each(CASES)('%s', async (_, sold, expected) => {
    const local = await stack()
    const client = clientOf(db.engine.endpoint)
    const { client: counting, trips } = counted(client)
    const table = await createTable(client)
    const store = dynamoDbStore({ table, secret: SECRET, client: counting })
    const other = dynamoDbStore({ table, secret: SECRET, client })
    const next = await sold(local, store, other)
    if (typeof next === 'function') trips.length = 0
    const end = typeof next === 'function' ? await (next as () => Promise<unknown>)() : undefined
    expect(said(trips)).toBe(expected)
    if (typeof end === 'function') await (end as () => Promise<unknown>)()
  })
})

/** E.g. `PutItem 2, UpdateItem 1 = 3`. */
function said(trips: readonly Trip[]): string {
  const sum = trips.reduce((all, { units }) => all + units, 0)
  return `${trips.map(({ name, units }) => `${name} ${units}`).join(', ')} = ${sum}`.trim()
}
