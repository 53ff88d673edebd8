import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { dynamoDbStore } from '../../src/store/index.js'
import { START_MS, nextOf } from '../seller/records/support/records.js'
import { IS_INSTALLED } from './support/engine.js'
import { describeTable } from './support/describe-table.js'
import { type OlderVersion, olderVersion, whyNoOlder } from './support/older-version.js'
import { type OnePayment, type Selling, onePayment } from './support/one-payment.js'
import { running } from './support/running.js'
import { type Seller, Sellers } from './support/sellers.js'
import { SECRET, createTable, itemsOf } from './support/table.js'

// Two versions of the code share a table while one replaces the other.

const why = IS_INSTALLED ? await whyNoOlder() : 'no DynamoDB engine'
if (why !== undefined) console.warn(`skipped: two versions side by side (${why})`)

const DAY_MS = 24 * 3_600_000

const SELLINGS: Selling[] = [
  { door: 'decorator', flow: 'authorization', price: 'credits' },
  { door: 'decorator', flow: 'upfront', price: 'money' },
]
const STEPS = ['PutItem unverified', 'work', 'settle'] as const
const CASES = SELLINGS.flatMap((selling) =>
  STEPS.flatMap((step) =>
    (['older', 'newer'] as const).map((victim) => ({
      ...{ selling, step, victim },
      name: `the ${victim} one is killed after ${step}, ${selling.flow}, ${selling.price}`,
    })),
  ),
)

const describeVersions = why === undefined ? describe : describe.skip

describeVersions('two versions that share a table', () => {
  const store = running()
  let source: OlderVersion
  let [older, newer]: Sellers[] = []

  beforeAll(async () => {
    source = await olderVersion()
    ;[older, newer] = await Promise.all([Sellers.open(source.root), Sellers.open()])
  }, 60_000)
  afterAll(async () => {
    await Promise.all([older?.close(), newer?.close()])
    await source.remove()
  })

  const next = (version: 'older' | 'newer'): Promise<Seller> =>
    (version === 'older' ? older : newer)?.next() as Promise<Seller>

  test.each(CASES)(
    'lose no payment, and charge none twice: $name',
    async ({ selling, step, victim }) => {
      const [dying, other] = await Promise.all([
        next(victim),
        next(victim === 'older' ? 'newer' : 'older'),
      ])
      const payment = await onePayment(selling, store.engine.endpoint)
      payment.crossing.at({ step, when: 'after' }, () => dying.kill())
      await payment.visit(dying)
      payment.passLease()
      const last = await payment.visit(other)
      expect(last).toMatch(/^(settled|already paid)$/)
      expect(payment.charges()).toBe(1)
      expect(await endOf(payment)).toEqual(['settled'])
      await other.kill()
      await payment.crossing.close()
    },
    30_000,
  )

  test('the worker ends what the older one left, and says why it cannot look it up', async () => {
    const [selling] = SELLINGS
    const payment = await onePayment(selling as Selling, store.engine.endpoint)
    const [dying, worker] = await Promise.all([next('older'), next('newer')])
    payment.crossing.at({ step: 'settle', when: 'after' }, () => dying.kill())
    await payment.visit(dying)
    payment.pass(DAY_MS)
    expect(await payment.work(worker)).toMatchObject({ open: 1, dead: 0 })
    // The older one wrote no time, so that the search counts from the end of the payment.
    payment.pass(2 * DAY_MS)
    expect(await payment.work(worker)).toMatchObject({ open: 0, dead: 1 })
    const [record] = await payment.records()
    expect(record).toMatchObject({ state: 'dead', code: 'payment_not_kept', isInIndex: false })
    await worker.kill()
    await payment.crossing.close()
  }, 30_000)
})

const endOf = async (payment: OnePayment) => (await payment.records()).map(({ state }) => state)

describeTable('a record that an older version wrote', () => {
  const db = running()

  test('is read, and written on, though it does not say what was sold', async () => {
    const table = await createTable(db.client)
    const store = dynamoDbStore({ table, secret: SECRET, client: db.client })
    const number = (value: number) => ({ N: String(value) })
    const Item = {
      ...{ pk: { S: 'a' }, kind: { S: 'payment' }, schema: number(1), writeId: { S: 'w' } },
      ...{ payloadHash: { S: 'p' }, fingerprint: { S: 'f' }, state: { S: 'unknown' } },
      ...{ owner: { S: 'o' }, version: number(3), leaseUntil: number(0) },
      ...{ expiresAt: number(START_MS + 1), shard: number(1), dueAt: number(0) },
      ...{
        isDelivered: { BOOL: false },
        isDisputed: { BOOL: false },
        wasUsedBefore: { BOOL: false },
      },
    }
    await db.client.send(new PutItemCommand({ TableName: table, Item }))
    const record = await store.read('a', START_MS)
    expect(record).toMatchObject({ state: 'unknown', createdAt: 0, attempts: 0, sold: undefined })
    if (record === undefined) throw new Error('no record')
    expect(await store.readPayment('a')).toBeUndefined()
    expect(await store.replace(record, nextOf(record, { state: 'refused' }))).toBe(true)
    const [item] = await itemsOf(db.client, table)
    expect(item).toMatchObject({ state: { S: 'refused' }, schema: { N: '1' } })
    expect(item).not.toHaveProperty('shard')
  })
})
