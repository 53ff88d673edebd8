import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  type AssetRequirements,
  HTTPFacilitatorClient,
  Payments,
  type PaymentStore,
  requiresPayment,
} from 'agentcore-x402'
import { dynamoDbStore } from 'agentcore-x402/dynamodb'
import { encodeHeader } from '../src/wire/x402.js'
import { IS_INSTALLED } from '../tests/store/support/engine.js'
import { SECRET, createTable } from '../tests/store/support/table.js'
import { eventWith, moneyBuyer, planBuyer } from './buyer.js'
import { timeRuns } from './calls.js'
import { type Facilitator, startFacilitator } from './facilitator.js'
import { type Floor, createFloor } from './floor.js'
import { median, spread } from './stats.js'
import { type FarTable, type Trip, bareUpdate, counted, fill, startFarTable } from './table.js'

const FACILITATOR_MS = 20
const STORE_MS = 3
const CALLS_PER_RUN = 25
/** {@link timeRuns} makes so many, its warm-up included. */
const RUNS = 8
const FEW = 1_000

/** Paid calls with a table in DynamoDB's manner, against the floor and two trips to the table. */
export async function benchStore(many: number): Promise<void> {
  if (!IS_INSTALLED) {
    console.log('With a shared store: left out, its server is not installed (npm run peers)\n')
    return
  }
  const facilitator = await startFacilitator(FACILITATOR_MS)
  const far = await startFarTable(STORE_MS)
  try {
    const [few, full] = [await createTable(far.near), await createTable(far.near)]
    console.log(`With a shared store ${STORE_MS} ms away, facilitator delay ${FACILITATOR_MS} ms`)
    for (const shop of [await planShop(facilitator), await moneyShop(facilitator)]) {
      printTrips(shop.name, await tripsOf(shop, far.client, few))
      await fill(far.near, few, FEW)
      if (shop.fills) await fillAlike(shop, far, full, many)
      await printTimes(shop, far.client, { few, full, many })
    }
  } finally {
    facilitator.stop()
    await far.stop()
  }
}

interface StoreOptions {
  paymentStore?: PaymentStore
  keepAnswers?: boolean
}

/** Something on sale, and its buyer. */
interface Shop {
  name: string
  /** Whether its records fill the large table. */
  fills: boolean
  sell: (store: StoreOptions) => (event: unknown) => Promise<unknown>
  /** A payment of its own for each call. */
  pay: () => Promise<{ event: unknown; verify: unknown; settle: unknown }>
  floor: Floor
}

const handler = () => ({ content: [{ type: 'text', text: 'ok' }] })

async function planShop(facilitator: Facilitator): Promise<Shop> {
  const { nvmApiKey, url: backendUrl, planId } = facilitator
  const payments = Payments.getInstance({ nvmApiKey, backendUrl })
  await payments.warm()
  const terms = { scheme: 'nvm:erc4337', network: 'eip155:84532' }
  const mint = planBuyer(facilitator)
  return {
    name: 'single-use plan token',
    fills: true,
    sell: (store) => requiresPayment(handler, { payments, planId, ...terms, ...store }),
    async pay() {
      const x402AccessToken = await mint()
      const extra = { version: '1', httpVerb: 'POST' }
      const resource = { url: 'mcp://tool/T___bench' }
      const accepts = [{ ...terms, planId, extra }]
      const paymentRequired = { x402Version: 2, resource, accepts, extensions: {} }
      const body = { paymentRequired, x402AccessToken, maxAmount: '1' }
      return { event: eventWith(x402AccessToken), verify: body, settle: body }
    },
    floor: createFloor(backendUrl, nvmApiKey),
  }
}

async function moneyShop(facilitator: Facilitator): Promise<Shop> {
  const { standardUrl: url, payTo, nvmApiKey } = facilitator
  const sell: Shop['sell'] = (store) =>
    requiresPayment(handler, {
      price: '$0.01',
      payTo,
      network: 'eip155:84532',
      facilitators: [new HTTPFacilitatorClient({ url })],
      ...store,
    })
  const [accepted] = (await challenge(sell({}))).accepts
  if (accepted === undefined) throw new Error('nothing is sold for money')
  const sign = moneyBuyer(facilitator, accepted)
  return {
    name: 'exact payment',
    fills: false,
    sell,
    async pay() {
      const payment = await sign()
      const body = { x402Version: 2, paymentPayload: payment, paymentRequirements: accepted }
      return { event: eventWith(encodeHeader(payment)), verify: body, settle: body }
    },
    floor: createFloor(url, nvmApiKey, ''),
  }
}

async function challenge(sold: (event: unknown) => Promise<unknown>) {
  const { mcp } = (await sold(eventWith())) as Answered
  const header = mcp.transformedGatewayResponse.headers['payment-required'] ?? ''
  return JSON.parse(Buffer.from(header, 'base64').toString()) as { accepts: AssetRequirements[] }
}

interface Answered {
  mcp: { transformedGatewayResponse: { headers: Record<string, string> } }
}

/** Sells one call, to see what it asks of the table. */
async function tripsOf(shop: Shop, client: DynamoDBClient, table: string): Promise<Trip[]> {
  const counting = counted(client)
  const paymentStore = dynamoDbStore({ table, secret: SECRET, client: counting.client })
  await buy(shop.sell({ paymentStore }), (await shop.pay()).event)
  return counting.trips
}

function printTrips(name: string, trips: readonly Trip[]): void {
  const said = trips.map((trip) => `${trip.name} ${trip.units}`).join(', ')
  const units = trips.reduce((sum, trip) => sum + trip.units, 0)
  console.log(`  ${name}: ${trips.length} trips, ${units} units (${said})`)
}

async function fillAlike(shop: Shop, far: FarTable, table: string, records: number): Promise<void> {
  await tripsOf(shop, far.near, table)
  await fill(far.near, table, records)
}

interface Tables {
  few: string
  full: string
  many: number
}

async function printTimes(
  shop: Shop,
  client: DynamoDBClient,
  { few, full, many }: Tables,
): Promise<void> {
  const sold = (table: string, more: StoreOptions = {}) =>
    shop.sell({ paymentStore: dynamoDbStore({ table, secret: SECRET, client }), ...more })
  const bought = async (call: (event: unknown) => Promise<unknown>) => {
    const payments = await prepared(shop)
    return async () => buy(call, payments.pop()?.event)
  }
  const [floor, withTrips] = [await prepared(shop), await prepared(shop)]
  const trip = bareUpdate(client, few)
  const ways = [
    async () => {
      const { verify, settle } = floor.pop() ?? {}
      await shop.floor.both(verify, settle)
    },
    trip,
    // In this order, since a trip takes longer after a wait than after another trip.
    async () => {
      const { verify, settle } = withTrips.pop() ?? {}
      await shop.floor.verify(verify)
      await trip()
      await shop.floor.one(settle)
      await trip()
    },
    await bought(shop.sell({})),
    await bought(sold(few)),
    await bought(sold(few, { keepAnswers: false })),
    await bought(sold(full)),
  ]
  const runs = await timeRuns(ways, CALLS_PER_RUN)
  const [floorMs = [], tripMs = [], allowedMs = [], aloneMs = [], fewMs = []] = runs
  const [unkeptMs = [], fullMs = []] = runs.slice(5)
  const ratio = (ms: number[], to: number[]) =>
    spread(ms.map((it, run) => it / (to[run] ?? Number.NaN)))
  const trips = median(fewMs.map((ms, run) => (ms - (aloneMs[run] ?? 0)) / (tripMs[run] ?? 1)))
  console.log(`    floor: two POSTs            ${spread(floorMs)} ms`)
  console.log(`    store trip: bare UpdateItem ${spread(tripMs)} ms`)
  console.log(`    a trip after each POST      ${spread(allowedMs)} ms`)
  console.log(
    `    paid call without the store ${spread(aloneMs)} ms, ratio to the floor ${ratio(aloneMs, floorMs)}`,
  )
  console.log(
    `    paid call, ${FEW} records    ${spread(fewMs)} ms, ratio to two POSTs and two trips ${ratio(fewMs, allowedMs)}; ${trips.toFixed(1)} trips more than without the store`,
  )
  console.log(
    `    the same, keepAnswers: false ${spread(unkeptMs)} ms, ratio to two POSTs and two trips ${ratio(unkeptMs, allowedMs)}`,
  )
  console.log(
    `    paid call, ${many} records  ${spread(fullMs)} ms, ratio to ${FEW} records ${ratio(fullMs, fewMs)}\n`,
  )
}

/** A payment buys once, so every call has one of its own, made before the clock runs. */
async function prepared(shop: Shop) {
  const payments: Awaited<ReturnType<Shop['pay']>>[] = []
  while (payments.length < RUNS * CALLS_PER_RUN) {
    const some = Array.from({ length: 20 }, () => shop.pay())
    payments.push(...(await Promise.all(some)))
  }
  return payments
}

async function buy(call: (event: unknown) => Promise<unknown>, event: unknown): Promise<void> {
  const { mcp } = (await call(event)) as Answered
  const { headers } = mcp.transformedGatewayResponse
  if (!headers['payment-response']) throw new Error('not paid')
}
