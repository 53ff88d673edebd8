import { expect, jest, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { OptionsError, type PaymentRequired, Payments, memoryStore } from '../../src/index.js'
import type { Local } from '../../src/local/index.js'
import { dynamoDbStore } from '../../src/store/index.js'
import {
  type PaymentEvent,
  type SettlementWorkerOptions,
  createSettlementWorker,
} from '../../src/worker/index.js'
import { NOW_MS } from '../support/clock.js'
import { TOOL, singleUse } from '../support/outcome.js'
import { contextWith, hello, recordingLogger, sell, silent, stack } from '../support/seller.js'
import { HOUR_MS, recordOf } from '../seller/records/support/records.js'
import { describeTable } from '../store/support/describe-table.js'
import { running } from '../store/support/running.js'
import { SECRET, createTable, itemsOf } from '../store/support/table.js'

const MINUTE_MS = 60_000

describeTable('the settlement worker', () => {
  const db = running()

  /** A shop with a table, and its worker. */
  async function scene(options: Partial<SettlementWorkerOptions> = {}) {
    const clock = { ms: NOW_MS }
    const now = () => clock.ms
    const local = await stack({ now })
    const table = await createTable(db.client)
    const paymentStore = dynamoDbStore({ table, secret: SECRET, client: db.client, now })
    const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
    const events: PaymentEvent[] = []
    const onEvent = (event: PaymentEvent) => void events.push(event)
    const common = { paymentStore, payments, metrics: false, logger: silent, onEvent, now }
    const work = createSettlementWorker({ ...common, ...options })
    const records = async () =>
      (await itemsOf(db.client, table)).filter(({ kind }) => kind?.S === 'payment')
    return { clock, now, local, table, paymentStore, events, work, records }
  }

  type Scene = Awaited<ReturnType<typeof scene>>

  /** Buys with a token whose settle is answered with nothing, though it charges. */
  async function settleLost({ local, paymentStore, now }: Scene, token: string, options = {}) {
    const stop = local.faults.set({ route: 'settle', kind: 'lost-answer', times: 9 })
    const wrapped = sell(local, hello, { paymentStore, now, ...options })
    const output = await wrapped(local.paidEvent(TOOL, {}, token))
    stop()
    return JSON.stringify(output)
  }

  const reusable = (local: Local): string => local.accessToken({ version: 2 })

  test('looks later each time for what nobody knows, and gives it up in the end, with a reason', async () => {
    const its = await scene({ giveUpAfterHours: 1 })
    expect(await settleLost(its, reusable(its.local))).toContain('Do not pay again')
    const looks: number[] = []
    for (let minute = 1; minute <= 80; minute += 1) {
      its.clock.ms += MINUTE_MS
      // Every record has its own time, so most runs have nothing to do.
      const { open, dead } = await its.work()
      if (open === 1) looks.push(minute)
      if (dead === 1) break
    }
    const pauses = looks.slice(1).map((minute, index) => minute - (looks[index] ?? 0))
    expect(pauses.slice(0, 5)).toEqual([1, 1, 2, 5, 10])
    expect(new Set(pauses.slice(5))).toEqual(new Set([10]))
    const [record] = await its.records()
    expect(record).toMatchObject({ state: { S: 'dead' }, code: { S: 'outcome_unknown' } })
    expect(its.events.at(-1)).toMatchObject({
      type: 'given-up',
      code: 'outcome_unknown',
      tool: TOOL,
    })
    expect(await its.work()).toMatchObject({ waiting: { dead: 1, refundsDue: 0 } })
  }, 60_000)

  test('settles a single-use token whose answer was lost, and the buyer fetches the answer', async () => {
    const its = await scene()
    const token = singleUse(its.local)
    await settleLost(its, token)
    its.clock.ms += MINUTE_MS
    expect(await its.work()).toMatchObject({ settled: 1, open: 0, isComplete: true })
    expect(its.local.ledger.settlements).toHaveLength(1)
    const again = sell(its.local, hello, { paymentStore: its.paymentStore, now: its.now })
    const output = await again(its.local.paidEvent(TOOL, {}, token))
    expect(JSON.stringify(output)).toContain('Hello!')
  })

  test('what was delivered by the policy "deliver" is settled, and no refund is due', async () => {
    const its = await scene()
    const options = { onSettlementUnknown: 'deliver', keepAnswers: false }
    expect(await settleLost(its, singleUse(its.local), options)).toContain('Hello!')
    its.clock.ms += MINUTE_MS
    expect(await its.work()).toMatchObject({ settled: 1 })
    its.clock.ms += 48 * HOUR_MS
    expect(await its.work()).toMatchObject({ refundsOwed: 0 })
    expect((await its.records())[0]).toMatchObject({
      state: { S: 'settled' },
      isDelivered: { BOOL: true },
    })
  })

  const OPEN = { state: 'unknown', leaseUntil: 0, createdAt: NOW_MS } as const

  test.each<[string, Partial<SettlementWorkerOptions>, boolean]>([
    ['payment_not_kept', {}, false],
    ['terms_not_served', { payments: undefined }, true],
  ])('gives up with the reason %s', async (code, options, isKept) => {
    const its = await scene({ giveUpAfterHours: 1, ...options })
    const sold = { tool: TOOL, rail: 'plan', credits: '1' } as const
    const payment = isKept ? { token: singleUse(its.local), offer: OFFER } : undefined
    await its.paymentStore.add(recordOf('a', { ...OPEN, sold }), NOW_MS, { payment })
    expect(await its.work()).toMatchObject({ open: 1, oldestOpenSeconds: 0 })
    its.clock.ms += HOUR_MS
    expect(await its.work()).toMatchObject({ dead: 1 })
    expect((await its.records())[0]).toMatchObject({ code: { S: code } })
  })

  test('tells of a refund until the hook has heard it, always by the same id', async () => {
    const told: string[] = []
    const its = await scene({
      onRefundDue({ id }) {
        told.push(id)
        if (told.length === 1) throw new Error('no mail')
      },
    })
    const settled = { success: true, transaction: '0x1', payer: '0xb' }
    const settlement = { settled, creditsUsed: 2n, inV1: false }
    const sold = { tool: TOOL, rail: 'plan', planId: 'p', credits: '2' } as const
    const asked = {
      amount: '2',
      correlationId: 'c',
      agentRequestId: undefined,
      facilitator: undefined,
    }
    const paid = { state: 'settled', leaseUntil: NOW_MS, settlement, sold, asked } as const
    await its.paymentStore.add(recordOf('a', { ...paid, expiresAt: NOW_MS + HOUR_MS }), NOW_MS)
    its.clock.ms += 59 * MINUTE_MS
    // The buyer may still come back for the work.
    expect(await its.work()).toMatchObject({ refundsOwed: 0, skipped: 1 })
    // It is not looked at in every run until then.
    expect(await its.work()).toMatchObject({ refundsOwed: 0, skipped: 0 })
    its.clock.ms += 2 * MINUTE_MS
    expect(await its.work()).toMatchObject({ refundsOwed: 1, waiting: { refundsDue: 0 } })
    its.clock.ms += MINUTE_MS
    expect(await its.work()).toMatchObject({ refundsReported: 1, waiting: { refundsDue: 1 } })
    its.clock.ms += HOUR_MS
    expect(await its.work()).toMatchObject({ refundsReported: 0, waiting: { refundsDue: 1 } })
    expect(told).toHaveLength(2)
    expect(new Set(told).size).toBe(1)
    const due = its.events.find(({ type }) => type === 'refund-due')
    expect(due).toMatchObject({ id: told[0], reason: 'call_lost', credits: '2', planId: 'p' })
  })

  test.each(['unverified', 'claimed'] as const)(
    'a call that died while it was %s is released once its payment has expired, and never charged',
    async (state) => {
      const its = await scene()
      const lost = { state, leaseUntil: NOW_MS, expiresAt: NOW_MS + HOUR_MS }
      await its.paymentStore.add(recordOf('a', lost), NOW_MS)
      its.clock.ms += 30 * MINUTE_MS
      expect(await its.work()).toMatchObject({ released: 0 })
      its.clock.ms += HOUR_MS
      expect(await its.work()).toMatchObject({ released: 1 })
      const [released] = await its.records()
      expect(released).not.toHaveProperty('shard')
      expect(await its.work()).toMatchObject({ released: 0, skipped: 0 })
      // A settle may have been sent while the table was down. So the next record is not the first one.
      expect(await its.paymentStore.add(recordOf('a', lost), its.now())).toBeUndefined()
      expect(await its.paymentStore.heldAlone?.('a')).toBe(false)
      expect(its.events.map(({ type }) => type)).toEqual(['call-lost'])
      expect(its.local.ledger.settlements).toEqual([])
    },
  )

  test('leaves a record alone on which a call works, by every clock', async () => {
    const its = await scene()
    await its.paymentStore.add(recordOf('a', { ...OPEN, leaseUntil: NOW_MS + 1 }), NOW_MS)
    its.clock.ms += 20_000
    expect(await its.work()).toMatchObject({ skipped: 1, open: 0 })
    its.clock.ms += 20_000
    expect(await its.work()).toMatchObject({ skipped: 0, open: 1 })
  })

  test('stops in time, says so, and the next run goes on', async () => {
    const its = await scene()
    const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`)
    await Promise.all(keys.map((key) => its.paymentStore.add(recordOf(key, OPEN), NOW_MS)))
    let leftMs = 10_500
    const ending = { getRemainingTimeInMillis: () => (leftMs -= 50) } as unknown as Context
    const first = await its.work({}, ending)
    expect(first.isComplete).toBe(false)
    expect(first.open).toBeLessThan(keys.length)
    const next = await its.work({}, contextWith(300_000))
    expect(next).toMatchObject({ isComplete: true, open: keys.length - first.open })
  })

  test('a record that cannot be worked on is counted, logged, and does not stop the others', async () => {
    const logger = recordingLogger()
    const its = await scene({ logger })
    const other = dynamoDbStore({
      table: its.table,
      secret: `another ${SECRET}`,
      client: db.client,
    })
    const sold = { tool: TOOL, rail: 'plan', credits: '1' } as const
    const payment = { token: singleUse(its.local), offer: OFFER }
    await other.add(recordOf('sealed', { ...OPEN, sold }), NOW_MS, { payment })
    await its.paymentStore.add(recordOf('b', OPEN), NOW_MS)
    expect(await its.work()).toMatchObject({ failed: 1, open: 1 })
    expect(JSON.stringify(logger.lines)).not.toContain(payment.token)
    expect(logger.lines.map(({ message }) => message)).toContain('a payment could not be worked on')
  })

  test('writes its counts as CloudWatch metrics, in one line', async () => {
    const its = await scene({ metrics: true })
    await its.paymentStore.add(recordOf('a', { ...OPEN, createdAt: NOW_MS - HOUR_MS }), NOW_MS)
    const written: unknown[] = []
    const stdout = jest.spyOn(process.stdout, 'write')
    stdout.mockImplementation((text) => written.push(text) > 0)
    await its.work().finally(() => stdout.mockRestore())
    const metrics = JSON.parse(written.join('')) as Record<string, unknown>
    expect(metrics).toMatchObject({
      Table: its.table,
      Open: 1,
      OldestOpenSeconds: 3_600,
      DeadPayments: 0,
    })
    const { CloudWatchMetrics } = metrics['_aws'] as { CloudWatchMetrics: EmfMetrics[] }
    const names = CloudWatchMetrics[0]?.Metrics.map(({ Name }) => Name)
    // Every metric that is declared has a value, and the other way round.
    expect(names?.sort()).toEqual(
      Object.keys(metrics)
        .filter((name) => !/^(_aws|Table)$/.test(name))
        .sort(),
    )
    expect(CloudWatchMetrics[0]).toMatchObject({
      Namespace: 'agentcore-x402',
      Dimensions: [['Table']],
    })
  })
})

interface EmfMetrics {
  Metrics: { Name: string; Unit: string }[]
}

const OFFER = {
  x402Version: 2,
  resource: { url: `mcp://tool/${TOOL}` },
  accepts: [{ scheme: 'nvm:erc4337', network: 'eip155:84532', planId: 'p' }],
} as unknown as PaymentRequired

test.each<[string, unknown]>([
  ['paymentStore', memoryStore()],
  ['paymentStore', undefined],
  ['giveUpAfterHours', 0],
  ['concurrency', 101],
  ['payments', {}],
  ['facilitators', []],
  ['rpcUrls', 'https://rpc.example'],
  ['onRefundDue', 'mail'],
  ['anything', 1],
])('the option %s is checked when the worker is made', (name, value) => {
  const store = dynamoDbStore({ table: 'payments', secret: SECRET })
  const make = () => createSettlementWorker({ paymentStore: store, [name]: value })
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(name)
})
