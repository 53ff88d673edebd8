import { expect, test } from '@jest/globals'
import { dynamoDbStore } from '../../src/store/index.js'
import { bothHttpPhases } from '../seller/phases/support/http-phases.js'
import { intercept } from '../seller/phases/support/phases.js'
import { countOf } from '../support/outcome.js'
import { leaks, secretsOf } from '../support/secrets.js'
import { stack } from '../support/seller.js'
import { describeTable } from './support/describe-table.js'
import { running } from './support/running.js'
import { SECRET, clientOf, createTable, itemsOf } from './support/table.js'

describeTable('an interceptor with a DynamoDB table', () => {
  const db = running()

  test('hands over what an HTTP target needs, from one container to another', async () => {
    const local = await stack()
    const client = clientOf(db.engine.endpoint)
    const table = await createTable(client)
    const container = () => {
      const store = dynamoDbStore({ table, secret: SECRET, client })
      return intercept(local, { store, paymentStore: store })
    }
    const containers = [container(), container(), container()]
    const token = local.accessToken()
    let phase = 0
    const next: (typeof containers)[0] = (event, context) =>
      (containers[phase++] ?? container())(event, context)
    const { gots } = await bothHttpPhases(next, { token }, () => ({ body: 'Hello!' }), {
      responses: 2,
    })
    expect(gots.map(({ body, status }) => [body.toString(), status])).toEqual([
      ['Hello!', 200],
      ['Hello!', 200],
    ])
    expect([countOf(local, 'verify'), local.balance()]).toEqual([1, 99n])
    expect(local.ledger.settlements).toHaveLength(1)
    const text = JSON.stringify(await itemsOf(client, table))
    expect(text).toContain('handoff#')
    expect(leaks(text, secretsOf(local, token))).toEqual([])
  })
})
