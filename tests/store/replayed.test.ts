import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type PaidHandler, type PaymentStore, memoryStore } from '../../src/index.js'
import { dynamoDbStore } from '../../src/store/index.js'
import {
  callWithHeader,
  challengeFrom,
  moneyShop,
  paymentFor,
} from '../seller/money/support/money.js'
import { NOW_MS } from '../support/clock.js'
import { TOOL, outcomeOf, singleUse } from '../support/outcome.js'
import { eventOf, sell, stack, toolCall } from '../support/seller.js'
import { describeTable } from './support/describe-table.js'
import { type Engine, startEngine } from './support/engine.js'
import { SECRET, clientOf, createTable } from './support/table.js'

const SENDS = 101
const idIn = (id: number): string => `"id":${id}`

describeTable.each(['the memory of a process', 'a table'])('with %s', (where) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine()
  })
  afterAll(() => engine.stop())

  async function store(): Promise<PaymentStore> {
    if (where !== 'a table') return memoryStore()
    const client = clientOf(engine.endpoint)
    return dynamoDbStore({ table: await createTable(client), secret: SECRET, client })
  }

  test(`one single-use token that is sent ${SENDS} times is run and charged once, and always answered alike`, async () => {
    const local = await stack({ credits: 1_000n })
    let runs = 0
    const handler: PaidHandler = () => `Hello! run ${(runs += 1)}`
    const call = sell(local, handler, { paymentStore: await store() })
    const token = singleUse(local)
    const answers = new Set<string>()
    for (let id = 1; id <= SENDS; id++) {
      const sent = eventOf({ ...toolCall(TOOL), id }, { 'payment-signature': token })
      const output = JSON.stringify(await call(sent))
      expect(output).toContain(idIn(id))
      answers.add(output.replace(idIn(id), ''))
    }
    expect([runs, local.ledger.settlements.length, answers.size]).toEqual([1, 1, 1])
    expect([...answers][0]).toContain('Hello! run 1')
  })

  test.each([
    ['with the same signature', {}],
    ['with another signature', { signature: `0x${'ab'.repeat(65)}` }],
  ])('a stranger who rebuilds a payment from the chain gets no content: %s', async (_, forged) => {
    const local = await stack({ now: () => NOW_MS })
    const shop = await moneyShop({ paymentStore: await store() }, undefined, local)
    const payment = await paymentFor(shop, await challengeFrom(shop))
    const call = (sent: Record<string, unknown>) =>
      shop.handler(callWithHeader('payment-signature', sent))
    expect(outcomeOf(await call(payment))).toBe('settled')
    const rebuilt = { ...payment, payload: { ...(payment['payload'] as object), ...forged } }
    const output = await call(rebuilt)
    expect(['already paid', 'conflict']).toContain(outcomeOf(output))
    expect(JSON.stringify(output)).not.toContain('Hello!')
    expect(local.x402.settlements).toHaveLength(1)
  })
})
