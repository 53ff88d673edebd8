// A container that sells one tool. It is a process of its own, so that it can be killed or frozen.
import type { Context } from 'aws-lambda'
import {
  HTTPFacilitatorClient,
  Payments,
  type PaidHandler,
  type RefundDue,
  createInterceptor,
  requiresPayment,
} from '../../../src/index.js'
import { dynamoDbStore } from '../../../src/store/index.js'
import { createSettlementWorker } from '../../../src/worker/index.js'
import { RuntimeContext } from '../../support/events.js'
import type { Shop, Visit, WorkerRun } from './sellers.js'
import { clientOf } from './table.js'

const nothing = (): void => undefined
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
let nowMs = 0
const now = (): number => nowMs

/** One handler for each shop, kept for as long as the process lives. */
const sellers = new Map<string, (event: unknown, context: Context) => Promise<unknown>>()

/** What a shop and its worker have in common. */
function partsOf({ outside, table, secret, nvmApiKey, network, rpcUrl, facilitatorPath }: Shop) {
  const url = `${outside.facilitators}${facilitatorPath}`
  return {
    store: dynamoDbStore({ table, secret, client: clientOf(outside.table), now }),
    payments: Payments.getInstance({ nvmApiKey, backendUrl: outside.facilitators }),
    facilitators: [new HTTPFacilitatorClient({ url })],
    rpcUrls: rpcUrl === undefined ? undefined : { [network]: rpcUrl },
    tell: async ({ id }: RefundDue): Promise<void> => {
      await fetch(outside.hook, { method: 'POST', body: id })
    },
  }
}

function sellerOf(shop: Shop): (event: unknown, context: Context) => Promise<unknown> {
  const { door, flow, price, outside, secret, network } = shop
  const { store, payments, facilitators, rpcUrls, tell } = partsOf(shop)
  const paid =
    price === 'credits'
      ? { payments, planId: shop.planId, scheme: 'nvm:erc4337', network: 'eip155:84532' }
      : {
          ...{ price: '$0.01', payTo: shop.payTo, network, maxTimeoutSeconds: 3_600 },
          facilitators,
          rpcUrls,
        }
  const told = flow === 'upfront' ? { onRefundDue: tell } : {}
  const options = { ...paid, ...told, flow, logger, now, paymentStore: store, waitForAnswerMs: 0 }
  if (door === 'interceptor') {
    return createInterceptor({ ...options, secret } as never).handle
  }
  const handler: PaidHandler = async () => {
    await fetch(outside.work, { method: 'POST' })
    if (shop.isFailing === true) throw new Error('broken')
    return 'Hello!'
  }
  return requiresPayment(handler, options as never)
}

function visited({ shop, event, requestId, nowMs: at }: Visit): Promise<unknown> {
  nowMs = at
  const name = JSON.stringify(shop)
  const sell = sellers.get(name) ?? sellerOf(shop)
  sellers.set(name, sell)
  const context = new RuntimeContext({ REQUEST_ID: requestId }) as unknown as Context
  return sell(event, context)
}

function worked({ shop, nowMs: at }: WorkerRun): Promise<unknown> {
  nowMs = at
  const { store, payments, facilitators, rpcUrls, tell } = partsOf(shop)
  return createSettlementWorker({
    ...{ paymentStore: store, payments, facilitators, rpcUrls, onRefundDue: tell },
    ...{ metrics: false, logger, now },
  })()
}

process.on('message', (asked: Visit | WorkerRun) => {
  void ('event' in asked ? visited(asked) : worked(asked)).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.send?.('ready')
