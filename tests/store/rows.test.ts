import { afterAll, expect, test } from '@jest/globals'
import { dynamoDbStore } from '../../src/store/index.js'
import { isShared, testOn } from '../support/tested-store.js'
import { describeTable } from './support/describe-table.js'
import { IS_INSTALLED, type Engine, startEngine } from './support/engine.js'
import { SECRET, clientOf, createTable } from './support/table.js'

// What a payment means that is known, in the tests of the default store, with a table.

if (IS_INSTALLED) {
  const engine: Engine = await startEngine()
  afterAll(() => engine.stop())
  const client = clientOf(engine.endpoint)
  const make = async () =>
    dynamoDbStore({ table: await createTable(client), secret: SECRET, client })
  testOn({ shared: await make(), make })
  await import('../seller/records/states.test.js')
  await import('../seller/records/store-down.test.js')
  await import('../seller/records/replays.test.js')
  await import('../seller/records/named-payments.test.js')
  await import('../seller/records/taken-over.test.js')
  await import('../seller/records/record-lost.test.js')
}

describeTable('the tests of the default store', () => {
  test('run on a table', () => expect(isShared()).toBe(true))
})
