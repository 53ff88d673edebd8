import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { InterceptorOutput } from '../../src/index.js'
import { dynamoDbStore } from '../../src/store/index.js'
import { START_MS } from '../seller/records/support/records.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../support/outcome.js'
import { stack } from '../support/seller.js'
import { type Containers, startContainers } from './support/containers.js'
import { describeTable } from './support/describe-table.js'
import { type Engine, startEngine } from './support/engine.js'
import { SECRET, clientOf, createTable } from './support/table.js'

// Containers are processes, and share nothing but the table.
const COUNT = 2
const PAYMENTS = 30

describeTable('containers that share a table', () => {
  let engine: Engine
  let containers: Containers
  beforeAll(async () => {
    ;[engine, containers] = await Promise.all([startEngine(), startContainers(COUNT)])
  }, 30_000)
  afterAll(() => Promise.all([engine.stop(), containers.close()]))

  test.each([{}, { alias: 'name' }])(
    'of two that add a record at once, one wins, and the other is told who: %j',
    async (more) => {
      const client = clientOf(engine.endpoint)
      const table = await createTable(client)
      const work = { kind: 'add' as const, endpoint: engine.endpoint, table, secret: SECRET, more }
      const said = await containers.all<{ owner: string; there?: string }>(work)
      const winners = said.filter(({ there }) => there === undefined)
      expect(winners).toHaveLength(1)
      expect(said.find(({ there }) => there !== undefined)?.there).toBe(winners[0]?.owner)
      const read = await dynamoDbStore({ table, secret: SECRET, client }).read('a', START_MS)
      expect(read?.owner).toBe(winners[0]?.owner)
    },
  )

  test.each(['authorization', 'overlap', 'upfront'] as const)(
    'payments that are sent to both at once run once, are charged once, and both answer: %s',
    async (flow) => {
      const local = await stack({ credits: 1_000n })
      const table = await createTable(clientOf(engine.endpoint))
      const events = Array.from({ length: PAYMENTS }, () =>
        local.paidEvent(TOOL, {}, singleUse(local)),
      )
      const said = await containers.all<{ runs: number; outputs: InterceptorOutput[] }>({
        kind: 'sell',
        ...{ endpoint: engine.endpoint, table, secret: SECRET, flow, events },
        payments: { nvmApiKey: local.nvmApiKey, backendUrl: local.url },
        planId: local.planId,
      })
      const outcomes = said.flatMap(({ outputs }) => outputs.map(outcomeOf))
      expect(outcomes).toEqual(Array(COUNT * PAYMENTS).fill('settled'))
      expect(said.reduce((all, { runs }) => all + runs, 0)).toBe(PAYMENTS)
      expect(local.ledger.settlements).toHaveLength(PAYMENTS)
      expect(countOf(local, 'settle')).toBe(PAYMENTS)
      const [mine, theirs] = said.map(({ outputs }) => outputs)
      expect(mine).toEqual(theirs)
    },
    60_000,
  )
})
