// A container that guards a balance. It is a process of its own, and answers many calls at once.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from 'aws-lambda'
import {
  Payments,
  createInterceptor,
  requiresPayment,
  type PaidHandler,
} from '../../../../src/index.js'
import { dynamoDbStore } from '../../../../src/store/index.js'
import { RuntimeContext } from '../../../support/events.js'
import { clientOf } from '../../support/table.js'
import type { Asked, Guarded } from './crowd-containers.js'

const nothing = (): void => undefined
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
let nowMs = 0

type Handle = (event: unknown, context: Context) => Promise<unknown>

function sellerOf({ door, workMs, ...terms }: Guarded): Handle {
  const { table, secret, endpoint, planId } = terms
  const now = (): number => nowMs
  // A machine that is busy with other tests is slow.
  const options = { table, secret, client: clientOf(endpoint), timeoutMs: 20_000, now }
  const paymentStore = dynamoDbStore(options)
  const payments = Payments.getInstance(terms.payments)
  const { overdraftGuard, waitForAnswerMs } = terms
  const selling = { payments, planId, paymentStore, logger, now, overdraftGuard, waitForAnswerMs }
  if (door === 'interceptor') return createInterceptor(selling).handle
  const handler: PaidHandler = async () => {
    process.send?.({ ran: true })
    await sleep(workMs)
    return 'Hello!'
  }
  return requiresPayment(handler, selling)
}

let handle: Handle | undefined
process.on('message', ({ id, seller, event, requestId, nowMs: at }: Asked) => {
  nowMs = at
  handle ??= sellerOf(seller)
  const context = new RuntimeContext({ REQUEST_ID: requestId }) as unknown as Context
  void handle(event, context).then(
    (output) => process.send?.({ id, output }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  )
})
process.send?.('ready')
