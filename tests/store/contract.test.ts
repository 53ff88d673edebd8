import { afterAll, beforeAll } from '@jest/globals'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoDbStore } from '../../src/store/index.js'
import { testStore } from '../seller/records/support/store-contract.js'
import { withFaults } from './support/faults.js'
import { describeEngines } from './support/describe-table.js'
import { type Engine, startEngine } from './support/engine.js'
import { SECRET, clientOf, createTable, oneAtATime } from './support/table.js'

describeEngines('the DynamoDB store', (program) => {
  let engine: Engine
  let client: DynamoDBClient
  const connected = () => {
    const own = clientOf(engine.endpoint)
    return program.isAtomic ? own : oneAtATime(own)
  }
  beforeAll(async () => {
    engine = await startEngine(program)
    client = connected()
  }, 30_000)
  afterAll(() => engine.stop())

  testStore('passes the tests of every payment store', {
    make: async () => dynamoDbStore({ table: await createTable(client), secret: SECRET, client }),
    histories: 25,
    fills: program.isAtomic,
  })

  testStore('passes them while replies are lost and requests throttled', {
    make: async () => {
      const table = await createTable(client)
      const own = connected()
      const sent = withFaults(own, () => {
        if (sent.length % 3 === 0) return 'reply lost'
        return sent.length % 5 === 0 ? { error: 'ThrottlingException' } : undefined
      })
      return dynamoDbStore({ table, secret: SECRET, client: own, timeoutMs: 10_000 })
    },
    histories: 3,
    fills: false,
  })
})
