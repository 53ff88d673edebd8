import { expect, test } from '@jest/globals'
import { type AttributeValue, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { dynamoDbStore } from '../../src/store/index.js'
import { DOORS } from '../support/events.js'
import { START_MS, nextOf, recordOf } from '../seller/records/support/records.js'
import { TOOL, singleUse } from '../support/outcome.js'
import { type Secret, leaks, secretsOf } from '../support/secrets.js'
import { sell, stack, toolCall } from '../support/seller.js'
import { describeTable } from './support/describe-table.js'
import { running } from './support/running.js'
import { SECRET, createTable, itemsOf } from './support/table.js'

const NEW_SECRET = 'another secret of tests, not shorter'
const CONTENT = 'the marked content of an answer'

/** Everything that stands in a table, as text. Bytes are read as text, and as base64. */
function textOf(items: Record<string, AttributeValue>[]): string {
  const values = items.flatMap((item) => Object.values(item))
  return values
    .map(({ B, M, ...rest }) =>
      M
        ? textOf([M])
        : B
          ? `${Buffer.from(B).toString()} ${Buffer.from(B).toString('base64')}`
          : JSON.stringify(rest),
    )
    .join('\n')
}

describeTable('what a DynamoDB table holds', () => {
  const db = running()

  const storeOf = (table: string, secret: string | string[] = SECRET) =>
    dynamoDbStore({ table, secret, client: db.client })

  test.each(
    DOORS.flatMap((door) =>
      (['authorization', 'upfront'] as const).map((flow) => ({ door, flow, name: door.name })),
    ),
  )(
    'neither payment, nor arguments, nor content can be read in it, in work or after: $name, $flow',
    async ({ door, flow }) => {
      const local = await stack()
      const table = await createTable(db.client)
      const held: string[] = []
      const wrapped = sell(
        local,
        async () => {
          held.push(textOf(await itemsOf(db.client, table)))
          return CONTENT
        },
        { paymentStore: storeOf(table), flow, ...door.options },
      )
      const token = singleUse(local)
      const body = toolCall(TOOL, { question: 'the marked argument of a call' })
      const sent = { body, token }
      const said = door.said(await wrapped(door.event(sent), door.context(sent)))
      expect(JSON.stringify(said.message)).toContain(CONTENT)
      held.push(textOf(await itemsOf(db.client, table)))
      const marked: Secret[] = [
        { name: 'content', value: CONTENT },
        { name: 'arguments', value: 'the marked argument of a call' },
        { name: 'secret of the table', value: SECRET },
        ...secretsOf(local, token),
      ]
      expect(held).toHaveLength(2)
      expect(held.every((text) => text.includes('payment'))).toBe(true)
      expect(leaks(held, marked)).toEqual([])
    },
  )

  test('what a facilitator says beyond the receipt is encrypted, and read as it was', async () => {
    const table = await createTable(db.client)
    const store = storeOf(table)
    const settled = { success: true, transaction: '0x1', session: 'a marked session key' }
    const settlement = { settled, creditsUsed: 1n, inV1: false }
    const record = recordOf('a', { state: 'settled', isDelivered: true, settlement })
    await store.add(record, START_MS)
    expect(await store.read('a', START_MS)).toEqual(record)
    const text = textOf(await itemsOf(db.client, table))
    expect(text).toContain('0x1')
    const marked = [{ name: 'session', value: 'a marked session key' }]
    expect(leaks(text, marked)).toEqual([])
  })

  /** A store with one kept answer. */
  async function kept(secret: string | string[]) {
    const table = await createTable(db.client)
    const store = storeOf(table, secret)
    const record = recordOf('a')
    await store.add(record, START_MS)
    await store.replace(record, nextOf(record), { answer: CONTENT })
    return { table, store }
  }

  test('a secret is changed in three steps, and no answer is lost', async () => {
    const { table } = await kept(SECRET)
    const both = storeOf(table, [NEW_SECRET, SECRET])
    expect(await both.readAnswer('a', START_MS)).toBe(CONTENT)
    const record = recordOf('b')
    await both.add(record, START_MS)
    await both.replace(record, nextOf(record), { answer: 'of the new secret' })
    expect(await storeOf(table, NEW_SECRET).readAnswer('b', START_MS)).toBe('of the new secret')
  })

  test('an answer of a secret that is not given is an error, and not an answer that is missing', async () => {
    const { table } = await kept(SECRET)
    await expect(storeOf(table, NEW_SECRET).readAnswer('a', START_MS)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('encrypted with another secret') as unknown,
    })
  })

  test('an answer that was put in the place of another one is not handed out', async () => {
    const { table, store } = await kept(SECRET)
    const record = recordOf('b')
    await store.add(record, START_MS)
    await store.replace(record, nextOf(record), { answer: 'of b' })
    const items = await itemsOf(db.client, table)
    const answerOf = (key: string) => items.find(({ pk }) => pk?.S?.startsWith(`answer#${key}#`))
    await db.client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: answerOf('a')?.['pk'] ?? { NULL: true } },
        UpdateExpression: 'SET sealed = :sealed',
        ExpressionAttributeValues: { ':sealed': answerOf('b')?.['sealed'] ?? { NULL: true } },
      }),
    )
    await expect(store.readAnswer('a', START_MS)).rejects.toThrow('belongs to another record')
  })

  test.each([100, 1_700])('an answer of %i lines is compressed', async (lines) => {
    const table = await createTable(db.client)
    const store = storeOf(table)
    const record = recordOf('a')
    await store.add(record, START_MS)
    const long = 'one line of a table, like many others\n'.repeat(lines)
    await store.replace(record, nextOf(record), { answer: long })
    expect(await store.readAnswer('a', START_MS)).toBe(long)
    const item = (await itemsOf(db.client, table)).find(({ pk }) => pk?.S?.startsWith('answer#a#'))
    expect(item?.['sealed']?.B?.byteLength).toBeLessThan(1_000)
  })
})
