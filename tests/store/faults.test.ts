import { expect, test } from '@jest/globals'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { dynamoDbStore } from '../../src/store/index.js'
import { START_MS, nextOf, recordOf } from '../seller/records/support/records.js'
import type { PaidHandler } from '../../src/index.js'
import { DOORS } from '../support/events.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../support/outcome.js'
import { hello, sell, stack, toolCall } from '../support/seller.js'
import { type Fault, type Sent, withFaults } from './support/faults.js'
import { describeTable } from './support/describe-table.js'
import { startEngine } from './support/engine.js'
import { running } from './support/running.js'
import { SECRET, clientOf, createTable } from './support/table.js'

const NAMED = { alias: 'name' }
/** Once, and never again. */
const once =
  (fault: Fault) =>
  ({ nth }: Sent): Fault | undefined =>
    nth === 1 ? fault : undefined

describeTable('a DynamoDB table that fails', () => {
  const db = running()

  /** A store whose client fails, and one beside it that does not. */
  async function stores(faultOf: (sent: Sent) => Fault | undefined, options: object = {}) {
    const sound = clientOf(db.engine.endpoint)
    const table = await createTable(sound)
    const { maxAttempts = 1, ...more } = options as { maxAttempts?: number }
    const client = clientOf(db.engine.endpoint, maxAttempts)
    const sent = withFaults(client, faultOf)
    const store = dynamoDbStore({ table, secret: SECRET, client, ...more })
    const beside = dynamoDbStore({ table, secret: SECRET, client: sound })
    return { store, beside, sent, table, sound }
  }

  for (const maxAttempts of [1, 3]) {
    const who = maxAttempts === 1 ? 'the store' : 'the SDK'
    for (const named of [false, true]) {
      const what = named ? 'record with an alias' : 'record'
      const more = named ? NAMED : {}

      test(`a ${what} whose write got no reply is written once, when ${who} repeats it`, async () => {
        const { store, beside, sent } = await stores(once('reply lost'), { maxAttempts })
        const record = recordOf('a', more)
        expect(await store.add(record, START_MS)).toBeUndefined()
        expect(await beside.read('a', START_MS)).toEqual(record)
        expect(sent.length).toBeGreaterThan(1)
      })

      test(`a ${what} whose removal got no reply is removed, when ${who} repeats it`, async () => {
        const { store, beside } = await stores(once('reply lost'), { maxAttempts })
        const record = recordOf('a', more)
        await beside.add(record, START_MS)
        expect(await store.remove(record)).toBe(true)
        expect(await beside.read('a', START_MS)).toBeUndefined()
      })
    }

    test.each([undefined, 'answer'])(
      `a next version whose write got no reply is written, when ${who} repeats it: answer %p`,
      async (answer) => {
        const { store, beside } = await stores(once('reply lost'), { maxAttempts })
        const record = recordOf('a')
        await beside.add(record, START_MS)
        const next = nextOf(record, { state: 'settling' })
        expect(await store.replace(record, next, { answer })).toBe(true)
        expect(await beside.read('a', START_MS)).toEqual(next)
        expect(await beside.readAnswer('a', START_MS)).toBe(answer)
      },
    )
  }

  test('what was taken by a call whose reply was lost is handed to that call, and to no other', async () => {
    const { store, beside } = await stores(({ operation, nth }) =>
      operation === 'UpdateItem' && nth === 1 ? 'reply lost' : undefined,
    )
    await store.put('key', 'value', 60)
    expect(await store.take('key')).toBe('value')
    expect(await beside.take('key')).toBeUndefined()
  })

  test('a write of the same owner and version by another call is not taken for this one', async () => {
    const { store, beside } = await stores(once('reply lost'))
    const record = recordOf('a')
    await beside.add(record, START_MS)
    expect(await store.add(record, START_MS)).toEqual(record)
    const next = nextOf(record, { state: 'settling' })
    expect(await beside.replace(record, next)).toBe(true)
    expect(await store.replace(record, next)).toBe(false)
  })

  test.each<[string, Fault]>([
    ['throttled', { error: 'ThrottlingException' }],
    ['beyond the throughput', { error: 'ProvisionedThroughputExceededException' }],
    ['an inner error', { error: 'InternalServerError', status: 500 }],
    ['a conflict', { error: 'TransactionConflictException' }],
    [
      'a conflict of transactions',
      { error: 'TransactionCanceledException', reasons: ['None', 'TransactionConflict'] },
    ],
    [
      'a transaction that is throttled',
      { error: 'TransactionCanceledException', reasons: ['ThrottlingError', 'None'] },
    ],
  ])('a write is repeated after %s', async (_, fault) => {
    const { store, beside, sent } = await stores(({ nth }) => (nth <= 3 ? fault : undefined))
    const record = recordOf('a', NAMED)
    expect(await store.add(record, START_MS)).toBeUndefined()
    expect(await beside.read('a', START_MS)).toEqual(record)
    expect(sent).toHaveLength(4)
  })

  test('a table that stays throttled fails the write when its time is up', async () => {
    const { store, sent } = await stores(() => ({ error: 'ThrottlingException' }), {
      timeoutMs: 200,
    })
    await expect(store.add(recordOf('a'), START_MS)).rejects.toMatchObject({
      name: 'PaymentUnavailableError',
      code: 'store_unavailable',
      message: expect.stringContaining('ThrottlingException, HTTP 400') as unknown,
    })
    expect(sent.length).toBeGreaterThan(2)
  })

  test.each<[string, string]>([
    ['AccessDeniedException', 'lacks the permission for GetItem'],
    ['ResourceNotFoundException', "create it from tableDefinition('"],
    ['ValidationException', 'the payment store failed (GetItem on table'],
  ])('%s is not repeated, and the error says what to do', async (error, said) => {
    const { store, sent } = await stores(() => ({ error }))
    const thrown = await store.read('a', START_MS).catch((caught: unknown) => caught)
    expect(thrown).toMatchObject({ code: 'store_unavailable' })
    expect(String(thrown)).toContain(said)
    expect(String(thrown)).not.toContain('secret details')
    expect(sent).toHaveLength(1)
  })

  test('a document client is as good as a plain one', async () => {
    const { table, sound } = await stores(() => undefined)
    const client = DynamoDBDocumentClient.from(sound)
    const store = dynamoDbStore({ table, secret: SECRET, client })
    const record = recordOf('a', NAMED)
    expect(await store.add(record, START_MS)).toBeUndefined()
    expect(await store.add(record, START_MS)).toEqual(record)
    expect(await store.replace(record, nextOf(record), { answer: 'answer' })).toBe(true)
    expect(await store.readAnswer('a', START_MS)).toBe('answer')
  })

  test.each(DOORS.map((door) => ({ door, name: door.name })))(
    'a store that is down answers 503 through $name: nothing runs, nothing is charged',
    async ({ door }) => {
      const own = await startEngine()
      const client = clientOf(own.endpoint)
      const table = await createTable(client)
      const local = await stack()
      let runs = 0
      const counted: PaidHandler = () => {
        runs += 1
        return 'Hello!'
      }
      const paymentStore = dynamoDbStore({ table, secret: SECRET, client, timeoutMs: 200 })
      const wrapped = sell(local, counted, { paymentStore, ...door.options })
      await own.stop()
      const sent = { body: toolCall(TOOL), token: singleUse(local) }
      const said = door.said(await wrapped(door.event(sent), door.context(sent)))
      expect(said.status).toBe({ real: 503, none: undefined, 'always 200': 200 }[door.statuses])
      expect(JSON.stringify(said.message)).toContain('This call charged nothing')
      expect([runs, countOf(local, 'settle'), local.balance()]).toEqual([0, 0, 100n])
    },
  )

  test('a table that is not there sells nothing', async () => {
    const client = clientOf(db.engine.endpoint)
    const local = await stack()
    const store = dynamoDbStore({ table: 'not-there', secret: SECRET, client })
    const wrapped = sell(local, hello, { paymentStore: store })
    const output = await wrapped(local.paidEvent(TOOL, {}, singleUse(local)))
    expect(outcomeOf(output)).toBe('come back')
    expect([countOf(local, 'settle'), local.balance()]).toEqual([0, 100n])
  })
})
