import { HTTPFacilitatorClient, Payments } from '../../../src/index.js'
import { assetPaymentKey, tokenKey } from '../../../src/wire/payment-key.js'
import { isRecord } from '../../../src/wire/json.js'
import { createSettlementWorker } from '../../../src/worker/index.js'
import type { Payment } from '../buyer.js'
import type { History, Visit } from '../history.js'
import type { Rule } from '../judge.js'
import type { Rail } from '../afflictions.js'
import { railOf } from '../plan.js'
import type { World } from '../world.js'
import { openLedgerChain } from './ledger-chain.js'
import { Life } from './life.js'
import { NO_OUTAGE } from './outages.js'
import type { SharedTable } from './shared-table.js'

const MINUTE_MS = 60_000
/** How long after each other the worker is called. Leases last up to 15 minutes, payments and the search a day. */
const PAUSES_MS = [16, 10, 720, 900, 960].map((minutes) => minutes * MINUTE_MS)

/** What the worker left behind. */
export interface Swept {
  /** Payments that are still open, or whose record and ledger differ by the smallest unit. */
  broken: [Rule, History][]
  /** How records ended: by state, and reason. */
  endings: string[]
}

type Item = Awaited<ReturnType<SharedTable['records']>>[number]

/** The buyers are gone. The worker alone brings every payment to an end. */
export async function sweep(world: World, histories: readonly History[]): Promise<Swept> {
  const { table, ledgers } = world
  if (table === undefined) return { broken: [], endings: [] }
  await workOn(world, table)
  const records = await table.records()
  const byKey = new Map(records.map((item) => [item['pk']?.S ?? '', item]))
  const left = records.filter(isOpen)
  const broken: [Rule, History][] = []
  for (const history of histories) {
    const differs = history.payments.some((payment) => {
      const key = keyOf(payment, history, world)
      const visits = history.visits.filter((visit) => visit.payment === payment)
      if (key === undefined || visits.some(mayHaveNoRecord)) return false
      return differ(byKey.get(key), railOf(history.plan.credit), ledgers.takenOf(payment.key))
    })
    if (differs) broken.push(['record and ledger differ', history])
  }
  const [first] = histories
  if (left.length > 0 && first !== undefined) broken.push(['left open by the worker', first])
  return { broken, endings: records.map(endingOf) }
}

async function workOn({ local, clock }: World, table: SharedTable): Promise<void> {
  const chain = await openLedgerChain(local, clock.now)
  const { nvmApiKey, url: backendUrl, x402 } = local
  table.begin(new Map())
  const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing }
  const work = createSettlementWorker({
    paymentStore: table.storeOf(new Life(), clock.now),
    payments: Payments.getInstance({ nvmApiKey, environment: 'custom', backendUrl }),
    facilitators: [new HTTPFacilitatorClient({ url: x402.url })],
    rpcUrls: { [x402.network]: chain.url },
    metrics: false,
    logger: silent,
    now: clock.now,
  })
  try {
    for (const pauseMs of PAUSES_MS) {
      clock.pass(pauseMs)
      await work()
    }
  } finally {
    await chain.close()
  }
}

const nothing = (): void => undefined

/** Whether the worker should look at it once more. The shards after these are for people. */
function isOpen({ shard }: Item): boolean {
  return shard?.N !== undefined && Number(shard.N) < 16
}

/** The key of a payment's record. Calls with reusable tokens are known by other things. */
function keyOf(
  { isReusable, value, text }: Payment,
  { plan }: History,
  { local }: World,
): string | undefined {
  if (isReusable || !isRecord(value)) return undefined
  if (railOf(plan.credit) === 'plan') return tokenKey(value, text)
  const { network, asset } = local.x402
  return assetPaymentKey(value, { network, asset: asset.address })
}

/** The table went down, or no time was left for it. */
function mayHaveNoRecord({ outages, step }: Visit): boolean {
  const isDown = outages.some(({ kind }) => /^down/.test(kind))
  return isDown || (step.work === 'ends late' && step.outage !== NO_OUTAGE)
}

/** What was given up says nothing about the ledger. */
function differ(record: Item | undefined, rail: Rail, taken: bigint): boolean {
  return record?.['state']?.S !== 'dead' && amountIn(record, rail) !== taken
}

/** What a record says that was taken. */
function amountIn(record: Item | undefined, rail: Rail): bigint {
  const isCharged = ['settled', 'refund_due'].includes(record?.['state']?.S ?? '')
  if (!isCharged) return 0n
  const { settled, creditsUsed } = JSON.parse(record?.['settlement']?.S ?? '{}') as KeptSettlement
  return BigInt((rail === 'plan' ? creditsUsed : settled?.amount) ?? -1)
}

/** A settlement as it lies in the table. */
interface KeptSettlement {
  settled?: { amount?: string }
  creditsUsed?: string
}

function endingOf({ state, code }: Item): string {
  return code?.S === undefined ? String(state?.S) : `${state?.S}: ${code.S}`
}
