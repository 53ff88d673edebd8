import { expect, test } from '@jest/globals'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import {
  OptionsError,
  dynamoDbStore,
  tableDefinition,
  TTL_ATTRIBUTE,
} from '../../src/store/index.js'
import type { Kept } from '../../src/seller/options/payment-store.js'
import type { PaymentRecord } from '../../src/seller/options/payment-record.js'
import { HOUR_MS, START_MS, nextOf, recordOf } from '../seller/records/support/records.js'
import { withFaults } from './support/faults.js'
import { describeTable } from './support/describe-table.js'
import { running } from './support/running.js'
import { SECRET, clientOf, createTable, itemsOf } from './support/table.js'

/** The key of an answer ends with the write that it came with. */
const WRITE = /#[\da-f-]{36}$/
const DAY_S = 24 * 3_600
const END_S = (START_MS + HOUR_MS) / 1_000

describeTable('the items of a DynamoDB table', () => {
  const db = running()

  async function tableWith(record: PaymentRecord, options: object = {}, kept: Kept = {}) {
    const table = await createTable(db.client)
    const store = dynamoDbStore({ table, secret: SECRET, client: db.client, ...options })
    await store.add(record, START_MS, kept)
    const itemOf = async (pk: string) =>
      (await itemsOf(db.client, table)).find((item) => item['pk']?.S?.replace(WRITE, '') === pk)
    return { table, store, itemOf }
  }

  test.each<[string, Partial<PaymentRecord>]>([
    ['settled and delivered', { state: 'settled', isDelivered: true }],
    ['refused', { state: 'refused' }],
    ['refunded', { state: 'refunded' }],
  ])('a payment that is %s is deleted one day, and stands in no index', async (_, more) => {
    const record = recordOf('a')
    const { store, itemOf } = await tableWith(record)
    await store.replace(record, nextOf(record, more))
    expect(await itemOf('a')).toMatchObject({ ttl: { N: String(END_S + 90 * DAY_S) } })
    expect(await itemOf('a')).not.toHaveProperty('shard')
    expect(await itemOf('a')).not.toHaveProperty('dueAt')
  })

  test('a payment that was given up stands in the index for people, and is deleted one day', async () => {
    const record = recordOf('a')
    const { store, itemOf } = await tableWith(record)
    const end = { state: 'dead', code: 'outcome_unknown', changedAt: START_MS + 1 } as const
    await store.replace(record, nextOf(record, end))
    const item = await itemOf('a')
    expect(item).toMatchObject({
      ttl: { N: String(END_S + 90 * DAY_S) },
      dueAt: { N: String(START_MS + 1) },
    })
    expect(Number(item?.['shard']?.N)).toBeGreaterThanOrEqual(32)
    expect(await store.read('a', START_MS)).toMatchObject(end)
  })

  const SIGNED = { token: 'the signed payment', offer: { x402Version: 2 } as never }

  test.each<[PaymentRecord['state'], boolean]>([
    ['claimed', true],
    ['settling', true],
    ['pending', true],
    ['unknown', true],
    ['settled', false],
    ['refused', false],
    ['refund_due', false],
    ['dead', true],
  ])('the signed payment of a record that is %s is kept: %s', async (state, isKept) => {
    const record = recordOf('a')
    const { store, itemOf } = await tableWith(record, {}, { payment: SIGNED })
    expect(await itemOf('a')).toHaveProperty('payment')
    await store.replace(record, nextOf(record, { state }))
    expect((await itemOf('a'))?.['payment'] !== undefined).toBe(isKept)
  })

  test('a payment that was refused and comes again is kept again, and forgotten with its record', async () => {
    const record = recordOf('a')
    const { store, itemOf } = await tableWith(record)
    const refused = nextOf(record, { state: 'refused' })
    await store.replace(record, refused)
    const again = nextOf(refused, { state: 'unverified' })
    await store.replace(refused, again, { payment: SIGNED })
    expect(await itemOf('a')).toHaveProperty('payment')
    await store.remove(again)
    expect(await itemOf('a')).toBeUndefined()
  })

  test.each<[string, Partial<PaymentRecord>, boolean]>([
    ['claimed', { state: 'claimed' }, false],
    ['settled and delivered', { state: 'settled', isDelivered: true }, false],
    ['settled and not delivered', { state: 'settled' }, true],
    ['settling', { state: 'settling' }, true],
    ['pending', { state: 'pending' }, true],
    ['unknown', { state: 'unknown' }, true],
    ['owed back', { state: 'refund_due' }, true],
  ])(
    'a payment that is %s outlasts its time only where money may have moved, or is owed',
    async (_, more, stays) => {
      const record = recordOf('a', { alias: 'name' })
      const { store } = await tableWith(record)
      await store.replace(record, nextOf(record, more))
      const later = record.expiresAt + 365 * DAY_S * 1_000
      expect((await store.read('a', later)) !== undefined).toBe(stays)
      const [byKey, byAlias] = [recordOf('a'), recordOf('b', { alias: 'name' })]
      const inTheWay = [await store.add(byAlias, later), await store.add(byKey, later)]
      expect(inTheWay.map((one) => one?.key)).toEqual(stays ? ['a', 'a'] : [undefined, undefined])
    },
  )

  test.each(['unverified', 'claimed'] as const)(
    'work that is %s, and that nobody comes back to, stands in the index until it is deleted by time',
    async (state) => {
      const { itemOf } = await tableWith(recordOf('a', { state, leaseUntil: 7 }))
      expect(await itemOf('a')).toMatchObject({
        dueAt: { N: '7' },
        ttl: { N: String(END_S + 90 * DAY_S) },
      })
    },
  )

  test.each<[string, Partial<PaymentRecord>]>([
    ['settling', { state: 'settling' }],
    ['pending', { state: 'pending' }],
    ['unknown', { state: 'unknown' }],
    ['settled and not delivered', { state: 'settled' }],
  ])('a payment that is %s is never deleted by time, and stands in the index', async (_, more) => {
    const settled = recordOf('a', { state: 'settled', isDelivered: true })
    const { store, itemOf } = await tableWith(settled)
    await store.replace(settled, nextOf(settled, { isDelivered: false, leaseUntil: 7, ...more }))
    expect(await itemOf('a')).toMatchObject({ dueAt: { N: '7' } })
    expect(Number((await itemOf('a'))?.['shard']?.N)).toBeLessThan(16)
    expect(await itemOf('a')).not.toHaveProperty(TTL_ATTRIBUTE)
  })

  test('a refund that is due is never deleted by time', async () => {
    const { itemOf } = await tableWith(recordOf('a', { state: 'refund_due', isDelivered: true }))
    expect(await itemOf('a')).toBeDefined()
    expect(await itemOf('a')).not.toHaveProperty(TTL_ATTRIBUTE)
  })

  test('how long closed payments stay is an option', async () => {
    const record = recordOf('a', { state: 'refused', alias: 'name' })
    const { itemOf } = await tableWith(record, { keepClosedDays: 1 })
    expect(await itemOf('a')).toMatchObject({ ttl: { N: String(END_S + DAY_S) } })
    expect(await itemOf('alias#name')).toMatchObject({ ttl: { N: String(END_S + DAY_S) } })
  })

  test('an answer is deleted by time from when its payment expires', async () => {
    const record = recordOf('a')
    const { store, itemOf } = await tableWith(record)
    await store.replace(record, nextOf(record), { answer: 'answer' })
    expect(await itemOf('answer#a')).toMatchObject({ ttl: { N: String(END_S) } })
  })

  test('the answer of a payment that was removed does not come back with its key', async () => {
    const record = recordOf('a')
    const { store } = await tableWith(record)
    const next = nextOf(record)
    await store.replace(record, next, { answer: 'of the first' })
    await store.remove(next)
    await store.add(record, START_MS)
    expect(await store.readAnswer('a', START_MS)).toBeUndefined()
    await store.replace(record, next, { answer: 'of the second' })
    expect(await store.readAnswer('a', START_MS)).toBe('of the second')
  })

  test.each(['a', 'alias#name', 'answer#a'])(
    'what a later version wrote is not overwritten, and the error says so: %s',
    async (pk) => {
      const first = recordOf('a', { alias: 'name' })
      const { table, store, itemOf } = await tableWith(first)
      await store.replace(first, nextOf(first), { answer: 'answer' })
      const later = { pk: { S: pk }, ...(await itemOf(pk)), schema: { N: '2' } }
      await db.client.send(new PutItemCommand({ TableName: table, Item: later }))
      const afterEnd = START_MS + 2 * HOUR_MS
      const asked = {
        a: () => store.add(recordOf('a'), afterEnd),
        'alias#name': () => store.add(recordOf('b', { alias: 'name' }), afterEnd),
        'answer#a': () => store.readAnswer('a', START_MS),
      }[pk]
      await expect(asked?.()).rejects.toMatchObject({
        code: 'store_unavailable',
        message: expect.stringContaining('schema 2, this version knows 1') as unknown,
      })
      expect(await itemOf(pk)).toEqual(later)
      expect(await itemOf('b')).toBeUndefined()
    },
  )

  test('a payment costs one request for each step, and one for its answer', async () => {
    const own = clientOf(db.engine.endpoint)
    const sent = withFaults(own, () => undefined)
    const record = recordOf('a')
    const { store } = await tableWith(record, { client: own })
    const claimed = nextOf(record, { state: 'claimed' })
    const settling = nextOf(claimed, { state: 'settling' })
    await store.replace(record, claimed)
    await store.replace(claimed, settling, { answer: 'answer' })
    await store.replace(settling, nextOf(settling, { state: 'settled', isDelivered: true }))
    expect(sent.map(({ operation }) => operation)).toEqual([
      ...['PutItem', 'UpdateItem', 'UpdateItem', 'PutItem', 'UpdateItem'],
    ])
  })

  test('what is handed over is taken once, and not after its time', async () => {
    const clock = { ms: START_MS }
    const { store, itemOf } = await tableWith(recordOf('a'), { now: () => clock.ms })
    await store.put('key', 'value', 60)
    const taken = await Promise.all([1, 2, 3].map(() => store.take('key')))
    expect(taken.filter((value) => value !== undefined)).toEqual(['value'])
    await store.put('key', 'again', 60)
    clock.ms += 60_000
    expect(await store.take('key')).toBeUndefined()
    expect(await store.take('another')).toBeUndefined()
    expect(await itemOf('key')).toBeUndefined()
  })
})

const OPTIONS = { table: 'payments', secret: SECRET }

test.each<[string, object]>([
  ['table', { table: undefined }],
  ['table', { table: 'ab' }],
  ['table', { table: 'two words' }],
  ['secret', { secret: undefined }],
  ['secret', { secret: 'x'.repeat(31) }],
  ['secret', { secret: [] }],
  ['secret', { secret: [SECRET, 'short'] }],
  ['client', { client: {} }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['keepClosedDays', { keepClosedDays: 0.5 }],
  ['now', { now: 7 }],
  ['tabel', { tabel: 'payments' }],
])('a wrong option is refused at start: %s %j', (option, wrong) => {
  const make = () => dynamoDbStore({ ...OPTIONS, ...wrong })
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(option)
})

test('a secret that is refused does not stand in the error', () => {
  const short = 'a short secret'
  expect(() => dynamoDbStore({ ...OPTIONS, secret: short })).toThrow(/^(?!.*a short secret)/)
})

test('a table is named by its ARN, too', () => {
  const table = 'arn:aws:dynamodb:us-east-1:123456789012:table/payments'
  expect(dynamoDbStore({ ...OPTIONS, table }).scope).toBe('shared')
})

test('the table has one index, of keys alone', () => {
  expect(tableDefinition('payments')).toMatchObject({
    TableName: 'payments',
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [{ IndexName: 'due', Projection: { ProjectionType: 'KEYS_ONLY' } }],
  })
})
