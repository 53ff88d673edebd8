// A container: a process of its own. It does what its parent says, at the same moment as the others.
import { randomUUID } from 'node:crypto'
import { Payments, requiresPayment, type PaidHandler } from '../../../src/index.js'
import { dynamoDbStore } from '../../../src/store/index.js'
import { recordOf, START_MS } from '../../seller/records/support/records.js'
import type { Work } from './containers.js'
import { clientOf } from './table.js'

const owner = randomUUID()
const nothing = (): void => undefined
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

async function did({ endpoint, table, secret, ...work }: Work): Promise<unknown> {
  const store = dynamoDbStore({ table, secret, client: clientOf(endpoint) })
  if (work.kind === 'add') {
    const there = await store.add(recordOf('a', { ...work.more, owner }), START_MS)
    return { owner, there: there?.owner }
  }
  const runs: string[] = []
  const handler: PaidHandler = async () => {
    runs.push(owner)
    return 'Hello!'
  }
  const payments = Payments.getInstance(work.payments)
  const options = { payments, planId: work.planId, paymentStore: store, logger }
  const sold = requiresPayment(handler, { ...options, flow: work.flow, waitForAnswerMs: 5_000 })
  const outputs = await Promise.all(work.events.map((event) => sold(event)))
  return { runs: runs.length, outputs }
}

process.on('message', (work: Work) => {
  void did(work).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.send?.('ready')
