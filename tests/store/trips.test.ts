import { expect, test } from '@jest/globals'
import { type PaidHandler, type PaymentStore } from '../../src/index.js'
import { dynamoDbStore } from '../../src/store/index.js'
import { type Trip, counted } from '../../bench/table.js'
import { bothPhases, intercept } from '../seller/phases/support/phases.js'
import { TOOL, singleUse } from '../support/outcome.js'
import { hello, sell, stack } from '../support/seller.js'
import { describeTable } from './support/describe-table.js'
import { running } from './support/running.js'
import { SECRET, clientOf, createTable } from './support/table.js'

// What a call asks of the table, as docs/durable-payments.md says it.

const fails: PaidHandler = () => {
  throw new Error('broken')
}

type Local = Awaited<ReturnType<typeof stack>>
type Sold = (local: Local, paymentStore: PaymentStore) => Promise<unknown>

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
    const next = await sold(local, store)
    if (typeof next === 'function') {
      trips.length = 0
      await (next as () => Promise<unknown>)()
    }
    expect(said(trips)).toBe(expected)
  })
})

/** E.g. `PutItem 2, UpdateItem 1 = 3`. */
function said(trips: readonly Trip[]): string {
  const sum = trips.reduce((all, { units }) => all + units, 0)
  return `${trips.map(({ name, units }) => `${name} ${units}`).join(', ')} = ${sum}`.trim()
}
