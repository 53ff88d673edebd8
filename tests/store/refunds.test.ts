import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { markRefunded } from '../../src/index.js'
import { dynamoDbStore } from '../../src/store/index.js'
import { refundIn } from '../seller/money/support/sales.js'
import { testRefunds } from '../seller/records/support/refund-contract.js'
import { REPORT_MS, idIn, refundScene } from '../seller/records/support/refund-scene.js'
import { NOW_MS } from '../support/clock.js'
import { describeTable } from './support/describe-table.js'
import { type Engine, startEngine } from './support/engine.js'
import { SECRET, clientOf, createTable, itemsOf } from './support/table.js'

const DAY_MS = 24 * 3_600_000

describeTable('refunds in a DynamoDB table', () => {
  let engine: Engine
  let client: DynamoDBClient
  let table = ''
  beforeAll(async () => {
    engine = await startEngine()
    client = clientOf(engine.endpoint)
  })
  afterAll(() => engine.stop())

  const make = async () => {
    table = await createTable(client)
    const own = table
    return () => dynamoDbStore({ table: own, secret: SECRET, client })
  }

  testRefunds('each container with a store of its own', make)

  const refundItem = async () =>
    (await itemsOf(client, table)).find((item) => item['refund'] !== undefined)

  test('a refund stands in the index until the seller has heard of it, and is deleted by time once it is paid', async () => {
    const scene = await refundScene('decorator', make)
    const id = idIn(
      await scene.call(() => {
        throw new Error('no mail')
      }),
    )
    expect(await refundItem()).toMatchObject({
      dueAt: { N: '0' },
      isRefundReported: { BOOL: false },
    })
    await scene.call(() => undefined)
    const heard = await refundItem()
    expect(heard).toMatchObject({ isRefundReported: { BOOL: true } })
    // It waits for a person now, apart from what waits for the worker.
    expect(Number(heard?.['shard']?.N)).toBeGreaterThanOrEqual(16)
    expect(heard).not.toHaveProperty('ttl')
    const atMs = NOW_MS + 400 * DAY_MS
    await markRefunded(scene.store, id, { now: () => atMs })
    const paid = await refundItem()
    expect(paid).toMatchObject({ ttl: { N: String((atMs + DAY_MS + 90 * DAY_MS) / 1_000) } })
    for (const name of ['shard', 'dueAt']) expect(paid).not.toHaveProperty(name)
  })

  test('a refund that is paid after its payment expired can be looked up as long as the table has it', async () => {
    const scene = await refundScene('decorator', make)
    const first = await scene.call(() => undefined)
    scene.clock.ms += 400 * DAY_MS
    const now = () => scene.clock.ms
    expect(await markRefunded(scene.store, idIn(first), { now })).toMatchObject({
      wasRefunded: false,
    })
    scene.clock.ms += DAY_MS - 1
    expect(refundIn(await scene.call(() => undefined))).toEqual(refundIn(first))
    scene.clock.ms += 30 * DAY_MS
    expect(await markRefunded(scene.store, idIn(first), { now })).toMatchObject({
      wasRefunded: true,
    })
    expect(scene.heard).toHaveLength(1)
  })

  /** What a container of before refunds had ids wrote. */
  async function writtenBefore(pk: string | undefined, refund: string | undefined) {
    const { id, ...others } = JSON.parse(refund ?? '{}') as Record<string, unknown>
    expect(id).toBeDefined()
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: pk ?? '' } },
        UpdateExpression: 'SET refund = :refund REMOVE isRefundReported',
        ExpressionAttributeValues: { ':refund': { S: JSON.stringify(others) } },
      }),
    )
  }

  test('a refund of before refunds had ids is not reported again, and can be marked', async () => {
    const scene = await refundScene('decorator', make)
    await scene.call(() => undefined)
    const item = await refundItem()
    await writtenBefore(item?.['pk']?.S, item?.['refund']?.S)
    scene.clock.ms += REPORT_MS
    const again = await scene.call(() => undefined)
    expect(refundIn(again).header).toMatchObject({ reason: 'handler_failed' })
    expect(scene.heard).toHaveLength(1)
    expect(await markRefunded(scene.store, idIn(again))).toMatchObject({ wasRefunded: false })
    expect(await markRefunded(scene.store, idIn(again))).toMatchObject({ wasRefunded: true })
    expect(idIn(await scene.call(() => undefined))).toBe(idIn(again))
  })
})
