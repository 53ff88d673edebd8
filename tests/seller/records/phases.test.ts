import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { memoryStore, type InterceptorOutput, type RefundDue } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import type { PaymentStore } from '../../../src/seller/options/payment-store.js'
import { NOW_MS } from '../../support/clock.js'
import { RuntimeContext } from '../../support/events.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../../support/outcome.js'
import { eventOf, receiptOf, stack, textOf, toolCall } from '../../support/seller.js'
import { refundIn } from '../money/support/sales.js'
import { bothHttpPhases } from '../phases/support/http-phases.js'
import { bothPhases, hello, result, type Target } from '../phases/support/phases.js'
import { type Sharing, isDelivered, sharing } from '../phases/support/sealed-calls.js'
import { failingStore, onceAt } from './support/failing-store.js'
import { START_MS, recordOf } from './support/records.js'

// An interceptor whose store of payments fails once the money has moved.

const SEALED = { shown: 'transformed', secret: true, store: false } as const

const broken = result({ isError: true, content: [{ type: 'text', text: 'broken' }] })

/** A call that is paid before its target is asked, through containers with these stores. */
async function paidFirst(
  target: Target,
  stores: { request: PaymentStore; response: PaymentStore },
) {
  const local = await stack()
  const refunds: RefundDue[] = []
  const onRefundDue = (refund: RefundDue) => void refunds.push(refund)
  const containers = [stores.request, stores.response].map((paymentStore) =>
    sharing(local, SEALED, { paymentStore, flow: 'upfront', onRefundDue }),
  )
  let phases = 0
  const handle = (event: unknown) => containers[phases++ === 0 ? 0 : 1]?.(event)
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const { output } = await bothPhases(handle, event, target, { responses: 2 })
  expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
  return { output, refunds }
}

async function full(): Promise<PaymentStore> {
  const store = memoryStore({ maxRecords: 1 })
  await store.add(recordOf('in work', { expiresAt: START_MS * 2 }), START_MS)
  return store
}

/** In which the request phase could not write down that it settled. */
function unsettled() {
  const store = memoryStore()
  return { request: failingStore(store, onceAt('settled', 'down')), response: store }
}

const down = () => failingStore(memoryStore(), () => 'down' as const)

test.each<[string, () => Promise<{ request: PaymentStore; response: PaymentStore }>]>([
  ['lost the settlement', async () => unsettled()],
  [
    'is full of payments in work at RESPONSE',
    async () => ({ request: memoryStore(), response: await full() }),
  ],
  ['is down at RESPONSE', async () => ({ request: memoryStore(), response: down() })],
])('what was paid first is delivered with its receipt, though the store %s', async (_, stores) => {
  const { output, refunds } = await paidFirst(hello, await stores())
  expect(outcomeOf(output)).toBe('settled')
  expect(refunds).toEqual([])
})

test('a refund that is due is told once, though the store lost the settlement', async () => {
  const { output, refunds } = await paidFirst(broken, unsettled())
  expect(receiptOf(output)).toMatchObject({ success: true })
  expect(refundIn(output).meta).toMatchObject({ reason: 'handler_failed' })
  expect(refunds).toHaveLength(1)
})

test.each([
  ['full', full],
  ['down', async () => down()],
])('a refund that is due is told at least once by a store that is %s', async (_, response) => {
  const stores = { request: memoryStore(), response: await response() }
  const { output, refunds } = await paidFirst(broken, stores)
  expect(refundIn(output).meta).toMatchObject({ reason: 'handler_failed' })
  expect(refunds.length).toBeGreaterThanOrEqual(1)
  expect(new Set(refunds.map(({ correlationId }) => correlationId)).size).toBe(1)
})

test('what is found to be paid when the buyer comes back, and has no kept answer, is made again and delivered', async () => {
  const local = await stack()
  const paymentStore = {
    ...failingStore(memoryStore(), () => undefined),
    ...{ scope: 'shared' as const, heldAlone: () => Promise.resolve(true) },
  }
  const handle = sharing(local, SEALED, { paymentStore, keepAnswers: false })
  const event = eventOf(toolCall(TOOL), { 'payment-signature': singleUse(local) })
  const stop = local.faults.set({ route: 'settle', kind: 'lost-answer', times: 99 })
  expect(outcomeOf((await bothPhases(handle, event)).output)).toBe('unknown')
  stop()
  expect(outcomeOf((await bothPhases(handle, event)).output)).toBe('settled')
  expect(local.balance()).toBe(99n)
})

test('a call that is settled when its answer is handed over again is no open purchase for the next one', async () => {
  const local = await stack()
  const handle = sharing(local, SEALED, {
    paymentStore: memoryStore(),
    retrySettleByRequestId: true,
  })
  const event = eventOf(toolCall(TOOL), { 'payment-signature': local.accessToken() })
  const call = () => bothPhases(handle, event, hello, { context: requestContext(), responses: 2 })
  local.faults.set({ route: 'settle', kind: 'lost-answer', times: 3 })
  expect(outcomeOf((await call()).output)).toBe('settled')
  expect(local.balance()).toBe(99n)
  expect(outcomeOf((await call()).output)).toBe('settled')
  expect(local.balance()).toBe(98n)
})

/** What the Gateway gives with one request. */
function requestContext(): Context {
  return new RuntimeContext({ REQUEST_ID: randomUUID() }) as unknown as Context
}

interface Slow {
  flow: 'authorization' | 'upfront'
  /** How the phases share what they know. */
  how?: Sharing
  options?: object
  token?: (local: Local) => string
  /** Before the other call, and after it. */
  meanwhile?: (local: Local) => void
  afterwards?: () => void
}

/** A call whose target takes longer than its lease lasts, and another one with the same payment meanwhile. */
async function takenOver({ flow, how = SEALED, options, token = singleUse, ...hooks }: Slow) {
  const clock = { ms: NOW_MS }
  const now = () => clock.ms
  const local = await stack({ now })
  const first = flow === 'upfront' ? { onRefundDue: () => undefined } : {}
  const handle = sharing(local, how, {
    ...{ paymentStore: memoryStore(), flow, now },
    ...{ ...first, ...options },
  })
  const event = eventOf(toolCall(TOOL), { 'payment-signature': token(local) })
  const { shown } = how
  let other = 'nothing'
  const slow: Target = async (request) => {
    clock.ms += 920_000
    hooks.meanwhile?.(local)
    const { output } = await bothPhases(handle, event, hello, { context: requestContext(), shown })
    other = outcomeOf(output)
    hooks.afterwards?.()
    return hello(request)
  }
  const { output } = await bothPhases(handle, event, slow, { context: requestContext(), shown })
  return { local, other, output }
}

const STORED: Sharing = { shown: 'original', secret: true, store: true }
const NAMED = {
  options: { idempotencyKey: () => 'order 7' },
  token: (local: Local) => local.accessToken(),
}

test.each<[string, Omit<Slow, 'flow'>]>([
  ['with a token for one call', {}],
  ['with a token for one call, and the store', { how: STORED }],
  ['with a reusable token and a name', NAMED],
  ['with a reusable token and a name, and the store', { ...NAMED, how: STORED }],
])(
  'what was paid first %s and was taken over is delivered by the other call only',
  async (_, slow) => {
    const { local, other, output } = await takenOver({ flow: 'upfront', ...slow })
    expect([other, outcomeOf(output)]).toEqual(['settled', 'in work'])
    expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
  },
)

test.each(
  (['upfront', 'authorization'] as const).flatMap((flow) =>
    [SEALED, STORED].map((how) => ({ flow, how, where: how.store ? 'store' : 'seal' })),
  ),
)(
  '$flow, $where: of two runs of a call that the Gateway does not name, both get the answer of one',
  async ({ flow, how }) => {
    const texts: string[] = []
    const run: Target = (request) => {
      const text = `run ${texts.length + 1}`
      texts.push(text)
      return result({ content: [{ type: 'text', text }] })(request)
    }
    const { local, outputs } = await ranTwice(run, flow, how)
    expect(texts).toHaveLength(2)
    for (const output of outputs) expect(receiptOf(output)).toMatchObject({ success: true })
    expect(outputs.map(textOf)).toEqual(['run 1', 'run 1'])
    expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
  },
)

test('of two runs of a call that was paid first, a refund that was told for one is told for both', async () => {
  const targets = [broken, hello]
  const next: Target = (request) => (targets.shift() ?? hello)(request)
  const { outputs } = await ranTwice(next, 'upfront', SEALED)
  const reasons = outputs.map((output) => (refundIn(output).meta as { reason: unknown }).reason)
  expect(reasons).toEqual(['handler_failed', 'handler_failed'])
})

/** A call that is sent again after its lease is over, while the first is still at its target. @returns the answers, the later call's first. */
async function ranTwice(target: Target, flow: Slow['flow'], how: Sharing) {
  const clock = { ms: NOW_MS }
  const now = () => clock.ms
  const local = await stack({ now })
  const first = flow === 'upfront' ? { onRefundDue: () => undefined } : {}
  const handle = sharing(local, how, { paymentStore: memoryStore(), flow, now, ...first })
  const event = eventOf(toolCall(TOOL), { 'payment-signature': singleUse(local) })
  const outputs: InterceptorOutput[] = []
  const call = async (at: Target) => {
    outputs.push((await bothPhases(handle, event, at, { shown: how.shown })).output)
  }
  await call(async (request) => {
    clock.ms += 920_000
    await call(target)
    return target(request)
  })
  return { local, outputs }
}

test('a payment that was refused to another call is not settled by the call that had it before', async () => {
  const refusal = { route: 'settle', kind: 'refuse', reason: 'insufficient_funds' } as never
  const { local, other, output } = await takenOver({
    flow: 'authorization',
    meanwhile: ({ faults }) => faults.set(refusal),
  })
  expect([other, outcomeOf(output)]).toEqual(['come back', 'in work'])
  expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 100n])
})

test.each([
  ['the seal', SEALED],
  ['the store', STORED],
])(
  'what another call left unknown is settled again by the names of its own settle, found by %s',
  async (_, how) => {
    let stop = (): void => undefined
    const { local, other, output } = await takenOver({
      ...{ ...NAMED, how, flow: 'authorization' },
      options: { ...NAMED.options, retrySettleByRequestId: true },
      meanwhile: ({ faults }) => {
        stop = faults.set({ route: 'settle', kind: 'lost-answer', times: 99 })
      },
      afterwards: () => stop(),
    })
    expect([other, outcomeOf(output)]).toEqual(['unknown', 'settled'])
    expect(local.balance()).toBe(99n)
  },
)

test('before an HTTP target, what was paid first and was taken over is answered with "come back"', async () => {
  const clock = { ms: NOW_MS }
  const now = () => clock.ms
  const local = await stack({ now })
  const handle = sharing(local, STORED, {
    ...{ paymentStore: memoryStore(), flow: 'upfront', now },
    onRefundDue: () => undefined,
  })
  const token = singleUse(local, { resource: { url: '/forecast' } })
  const call = { path: '/forecast', token }
  const target = () => ({ body: 'gold' })
  const { got } = await bothHttpPhases(handle, call, target, {
    meanwhile: async () => {
      clock.ms += 920_000
      await bothHttpPhases(handle, call, target)
    },
  })
  expect(got.status).toBe(503)
  expect(got.headers).toMatchObject({ 'Retry-After': expect.any(String) })
  expect(got.body.toString()).not.toMatch(/not charged|gold/)
  expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
})

/** Two calls with a reusable token that differ in nothing. The second one comes while the first is at its target. */
async function twins(target: Target, context: () => Context | undefined) {
  const local = await stack()
  const refunds: RefundDue[] = []
  const handle = sharing(local, STORED, {
    ...{ paymentStore: memoryStore(), flow: 'upfront' },
    onRefundDue: (refund: RefundDue) => void refunds.push(refund),
  })
  const event = eventOf(toolCall(TOOL), { 'payment-signature': local.accessToken() })
  const call = async (at: Target) => {
    const given = context()
    const options = { shown: STORED.shown, ...(given && { context: given }) }
    return (await bothPhases(handle, event, at, options)).output
  }
  let release = (): void => undefined
  const both = new Promise<void>((resolve) => (release = resolve))
  const slow: Target = async (request) => {
    await both
    return target(request)
  }
  const first = call(slow)
  const second = call((request) => {
    release()
    return target(request)
  })
  const outputs = await Promise.all([first, second])
  expect([countOf(local, 'settle'), local.balance()]).toEqual([2, 98n])
  return { outputs, refunds }
}

test('calls with a reusable token that differ in nothing are each delivered', async () => {
  const { outputs, refunds } = await twins(hello, requestContext)
  expect(outputs.map(outcomeOf)).toEqual(['settled', 'settled'])
  expect(refunds).toEqual([])
})

test('where the Gateway names no request, such calls are each delivered, and one receipt may be missing', async () => {
  const { outputs, refunds } = await twins(hello, () => undefined)
  expect(outputs.map(isDelivered)).toEqual([true, true])
  expect(outputs.map(outcomeOf)).toContain('settled')
  expect(refunds).toEqual([])
})

test('of calls with a reusable token that differ in nothing, each is refunded that failed', async () => {
  const { outputs, refunds } = await twins(broken, requestContext)
  expect(outputs.map((output) => (refundIn(output).meta as { reason: unknown }).reason)).toEqual([
    'handler_failed',
    'handler_failed',
  ])
  expect(new Set(refunds.map(({ id }) => id)).size).toBe(2)
})
