import { randomUUID } from 'node:crypto'
import type { InterceptorOutput } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import {
  callWithHeader,
  challengeFrom,
  moneyShop,
  paymentFor,
} from '../../seller/money/support/money.js'
import { refundIn } from '../../seller/money/support/sales.js'
import { SHOP } from '../../seller/money/support/x402-payments.js'
import { bothPhases } from '../../seller/phases/support/phases.js'
import { NOW_MS } from '../../support/clock.js'
import { type Outcome, TOOL, outcomeOf, singleUse } from '../../support/outcome.js'
import { stack } from '../../support/seller.js'
import { chainOfLedger } from './chain-of-ledger.js'
import { type Crossing, openCrossing } from './crossing.js'
import type { Seller, Shop } from './sellers.js'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { WorkerReport } from '../../../src/worker/index.js'
import { SECRET, clientOf, createTable, itemsOf } from './table.js'

/** How something is sold. */
export type Selling = Pick<Shop, 'door' | 'flow' | 'price' | 'isFailing'>

/** One payment. It can be sent to several containers. */
export interface OnePayment {
  crossing: Crossing
  table: string
  /** Sends the payment. If a container was ended, the next one gets the rest of the call. */
  visit: (...containers: Seller[]) => Promise<Outcome | 'refund due' | 'no answer'>
  /** Lets time pass until no call has a lease of the payment. */
  passLease: () => void
  /** Lets time pass. Unit: ms. */
  pass: (ms: number) => void
  /** Runs the worker in a container: in that process it can be killed. */
  work: (container: Seller) => Promise<WorkerReport | undefined>
  /** The records of the table, in no order. */
  records: () => Promise<RecordSeen[]>
  /** How often the buyer was charged, by the ledger. */
  charges: () => number
}

/** How long a lease lasts: until Lambda or the Gateway ends a call, and a little longer. Unit: ms. */
const LEASE_MS = { decorator: 30_000 + 10_000, interceptor: 900_000 }

/**
 * Makes a payment.
 *
 * @param endpoint of the engine with the table
 */
export async function onePayment(selling: Selling, endpoint: string): Promise<OnePayment> {
  const clock = { ms: NOW_MS }
  const local = await stack({ now: () => clock.ms })
  const crossing = await openCrossing({ table: endpoint, facilitators: local.url })
  const { event, rpcUrl } = await bought(selling, local)
  const shop: Shop = {
    ...selling,
    outside: crossing.outside,
    table: await createTable(clientOf(endpoint)),
    secret: SECRET,
    nvmApiKey: local.nvmApiKey,
    planId: local.planId,
    facilitatorPath: local.x402.url.slice(local.url.length),
    network: local.x402.network,
    rpcUrl,
    payTo: SHOP,
  }
  return {
    crossing,
    table: shop.table,
    async visit(...containers) {
      const requestId = randomUUID()
      const handle = async (input: unknown): Promise<unknown> => {
        const container = containers.find(({ isAlive }) => isAlive)
        const output = await container?.visit({ shop, event: input, requestId, nowMs: clock.ms })
        if (output === undefined) throw new NoAnswer()
        return output
      }
      try {
        const output = await played(selling, handle, event, crossing)
        return refundIn(output).header === undefined ? outcomeOf(output) : 'refund due'
      } catch (thrown) {
        if (thrown instanceof NoAnswer) return 'no answer'
        throw thrown
      }
    },
    pass: (ms) => void (clock.ms += ms),
    work: async (container) =>
      (await container.work({ shop, nowMs: clock.ms })) as WorkerReport | undefined,
    records: async () => {
      const items = await itemsOf(clientOf(endpoint), shop.table)
      return items.filter(({ kind }) => kind?.S === 'payment').map(seen)
    },
    passLease: () => void (clock.ms += LEASE_MS[selling.door] + 1_000),
    charges: () => local.ledger.settlements.length + local.x402.settlements.length,
  }
}

/** What a person sees of a record. */
export interface RecordSeen {
  state: string | undefined
  isDelivered: boolean
  code: string | undefined
  refund: string | undefined
  isInIndex: boolean
  hasPayment: boolean
}

function seen(item: Record<string, AttributeValue>): RecordSeen {
  const { state, isDelivered, code, refund, shard, payment } = item
  return {
    state: state?.S,
    isDelivered: isDelivered?.BOOL === true,
    code: code?.S,
    refund: refund?.S,
    isInIndex: shard?.N !== undefined && Number(shard.N) < 16,
    hasPayment: payment !== undefined,
  }
}

class NoAnswer extends Error {}

/** Makes a call that is paid for, and a chain that tells of its payment. */
async function bought({ price, flow }: Selling, local: Local) {
  if (price === 'credits') {
    return { event: local.paidEvent(TOOL, {}, singleUse(local)), rpcUrl: undefined }
  }
  const shop = await moneyShop({ maxTimeoutSeconds: 3_600, flow }, undefined, local)
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const event = callWithHeader('payment-signature', payment)
  return { event, rpcUrl: await chainOfLedger(local, payment) }
}

/** A target of a Gateway works as a handler does. */
async function played(
  { door, isFailing = false }: Selling,
  handle: (event: unknown) => Promise<unknown>,
  event: Record<string, unknown>,
  { outside }: Crossing,
): Promise<InterceptorOutput> {
  if (door === 'decorator') return (await handle(event)) as InterceptorOutput
  const target = async ({ body }: { body: Record<string, unknown> }) => {
    await fetch(outside.work, { method: 'POST' }).catch(() => undefined)
    const failed = { isError: true, content: [{ type: 'text', text: 'broken' }] }
    const result = isFailing ? failed : { content: [{ type: 'text', text: 'Hello!' }] }
    return {
      statusCode: 200,
      headers: {},
      body: { jsonrpc: '2.0', id: body['id'] ?? null, result },
    }
  }
  return (await bothPhases(handle, event, target)).output
}
