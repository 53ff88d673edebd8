import { expect, jest, test } from '@jest/globals'
import {
  HTTPFacilitatorClient,
  SettlementUnknownError,
  type PaidHandler,
} from '../../../src/index.js'
import type { Local, X402Fault } from '../../../src/local/index.js'
import { outcomeOf } from '../../support/outcome.js'
import { allTextOf, challengeOf, hello, receiptOf, stack } from '../../support/seller.js'
import {
  facilitatorServer,
  json,
  reset,
  type Answering,
} from '../../facilitators/support/facilitator-server.js'
import { buy, sale, type Sale } from './support/sales.js'

const CENT = 10_000n
const FLOWS = ['authorization', 'upfront'] as const
type Form = NonNullable<Extract<X402Fault, { kind: 'pending' }>['form']>
const FORMS: Form[] = ['standard', 'cdp', 'circle', 'accepted']

/** A sale whose failures after payment are kept. */
async function shopOf(options: object = {}, local?: Local, handler?: PaidHandler) {
  const errors: SettlementUnknownError[] = []
  const onPaymentError = (error: unknown) => {
    if (error instanceof SettlementUnknownError) errors.push(error)
  }
  return { ...(await sale('money', { ...options, onPaymentError }, handler, local)), errors }
}

/** The facilitator of a stack, asked what became of a settlement. */
async function askedByStatus(options: object = {}) {
  const local = await stack()
  const facilitators = [new HTTPFacilitatorClient({ url: local.x402.url, statusPath: 'status' })]
  return shopOf({ facilitators, ...options }, local)
}

const routes = ({ local }: Sale) => local.x402.calls.map(({ route }) => route)

test.each(FLOWS.flatMap((flow) => FORMS.map((form) => [flow, form] as const)))(
  '%s: what is pending as %s is sent once more, byte by byte the same, and delivered',
  async (flow, form) => {
    const shop = await shopOf({ flow })
    const event = await shop.paidCall()
    shop.local.x402.faults.set({ kind: 'pending', form })
    expect(outcomeOf(await shop.handler(event))).toBe('settled')
    const settles = shop.local.x402.calls.filter(({ route }) => route === 'settle')
    expect(settles).toHaveLength(2)
    expect(JSON.stringify(settles[1]?.body)).toBe(JSON.stringify(settles[0]?.body))
    expect(await shop.spent()).toBe(CENT)
  },
)

test.each(FLOWS.flatMap((flow) => FORMS.map((form) => [flow, form] as const)))(
  '%s: what stays pending as %s is sent twice, and said to be pending with every name',
  async (flow, form) => {
    const shop = await shopOf({ flow })
    const event = await shop.paidCall()
    shop.local.x402.faults.set({ kind: 'pending', form, times: 9 })
    const output = await shop.handler(event)
    expect([outcomeOf(output), challengeOf(output), receiptOf(output)]).toEqual([
      'unknown',
      undefined,
      undefined,
    ])
    expect(routes(shop).filter((route) => route === 'settle')).toHaveLength(2)
    const [settlement] = shop.local.x402.settlements
    const names =
      form === 'standard' || form === 'cdp'
        ? { transaction: settlement?.transaction }
        : { settlementId: expect.stringMatching(/^[\da-f-]{36}$/) }
    expect(shop.errors).toMatchObject([{ code: 'settlement_unknown', state: 'pending', ...names }])
    expect(shop.events.at(-1)).toMatchObject({
      ...{ type: 'failed', code: 'settlement_unknown', state: 'pending', ...names },
      reason: 'settlement_pending',
    })
    expect(shop.lines.at(-1)).toMatchObject({
      level: 'error',
      details: { state: 'pending', ...names },
    })
    expect(await shop.spent()).toBe(CENT)
  },
)

test.each(['circle', 'accepted'] as const)(
  'a settlement that is pending as %s is asked about by its id, and not sent again',
  async (form) => {
    const shop = await askedByStatus()
    const event = await shop.paidCall()
    shop.local.x402.faults.set({ kind: 'pending', form })
    shop.local.x402.faults.set({ kind: 'pending', route: 'status' })
    const output = await shop.handler(event)
    const [settlement] = shop.local.x402.settlements
    expect(receiptOf(output)).toMatchObject({
      transaction: settlement?.transaction,
      amount: '10000',
    })
    expect(outcomeOf(output)).toBe('settled')
    expect(routes(shop)).toEqual(['verify', 'settle', 'status', 'status'])
  },
)

test('a status that cannot be asked for is asked for again, until the time is up', async () => {
  const shop = await askedByStatus({ settleTimeoutMs: 2_500 })
  const event = await shop.paidCall()
  shop.local.x402.faults.set({ kind: 'pending', form: 'circle' })
  shop.local.x402.faults.set({ kind: 'error', route: 'status', times: 9 })
  const startedAt = performance.now()
  expect(outcomeOf(await shop.handler(event))).toBe('unknown')
  expect(performance.now() - startedAt).toBeLessThan(4_000)
  expect(routes(shop).slice(0, 4)).toEqual(['verify', 'settle', 'status', 'status'])
  expect(routes(shop)).not.toContain('supported')
  expect(shop.errors).toMatchObject([
    { state: 'pending', settlementId: expect.stringMatching(/^[\da-f-]{36}$/) },
  ])
})

test('a wait for a status ends before the invocation does', async () => {
  const endsAtMs = performance.now() + 4_500
  const shop = await askedByStatus({ settleReserveMs: 200 })
  const event = await shop.paidCall()
  shop.local.x402.faults.set({ kind: 'pending', form: 'circle' })
  shop.local.x402.faults.set({ kind: 'pending', route: 'status', times: 99 })
  const context = { getRemainingTimeInMillis: () => endsAtMs - performance.now() }
  expect(outcomeOf(await shop.handler(event, context))).toBe('unknown')
  expect(performance.now()).toBeLessThan(endsAtMs)
})

const PAYMENT_ID = '6f1c0c52-5c1b-4d7a-9a55-3c1f1c9d2b11'
const CIRCLE = {
  ...{ success: false, errorReason: 'settlement_pending', transaction: null, network: null },
  extensions: { 'settlement-status': { status: 'pending', paymentId: PAYMENT_ID } },
}

/** Sells one call through a facilitator that answers settle, and perhaps status, as told. */
async function sellThrough(answers: Record<string, Answering>, options: object = {}) {
  const server = await facilitatorServer({ '/verify': { isValid: true }, ...answers })
  const facilitators = [new HTTPFacilitatorClient({ url: server.url, statusPath: '/status/' })]
  const shop = await shopOf({ facilitators, ...options })
  const output = await buy(shop)
  return { ...shop, output, settles: server.countOf('/settle'), server }
}

test.each<[string, object, string, object]>([
  ['completed', { status: 'completed', transaction: '0x0b' }, 'settled', {}],
  ['failed', { status: 'failed', transaction: null, reason: null }, 'refused', {}],
  [
    'failed, without anybody knowing',
    { status: 'failed', reason: 'outcome_unknown', transaction: null },
    'unknown',
    { settlementId: PAYMENT_ID },
  ],
  [
    'failed, with a transaction',
    { status: 'failed', transaction: '0x0c' },
    'unknown',
    { transaction: '0x0c' },
  ],
  ['completed without a transaction', { status: 'completed', transaction: null }, 'unknown', {}],
  [
    'completed on another network',
    { status: 'completed', transaction: '0x0d', network: 'eip155:8453' },
    'unknown',
    { transaction: '0x0d' },
  ],
  ['something else', { status: 'held' }, 'unknown', {}],
])('a settlement whose status is %s', async (_, status, outcome, names) => {
  const answers = {
    '/settle': CIRCLE,
    [`/status/${PAYMENT_ID}`]: { paymentId: PAYMENT_ID, ...status },
  }
  const { output, settles, errors } = await sellThrough(answers)
  expect([outcomeOf(output), settles]).toEqual([outcome, 1])
  if (outcome === 'unknown') expect(errors).toMatchObject([{ settlementId: PAYMENT_ID, ...names }])
})

test('of an attempt before the one that got an id, a status says nothing', async () => {
  let settles = 0
  const settle: Answering = (response) => (settles++ === 0 ? reset : json(200, CIRCLE))(response)
  const status = { paymentId: PAYMENT_ID, status: 'failed' }
  const answers = { '/settle': settle, [`/status/${PAYMENT_ID}`]: status }
  const { output, errors } = await sellThrough(answers)
  expect([outcomeOf(output), settles]).toEqual(['unknown', 2])
  expect(errors).toMatchObject([{ settlementId: PAYMENT_ID }])
})

test.each<[string, Answering, string, number]>([
  ['a settlement', { success: true, transaction: '0x0e' }, 'settled', 2],
  ['a refusal', { success: false, errorReason: 'insufficient_funds' }, 'refused', 2],
  ['no answer', reset, 'unknown', 4],
])(
  'what failed while its buyer was away is settled again with the kept answer: %s',
  async (_, again, outcome, settles) => {
    const pending = { paymentId: PAYMENT_ID, status: 'pending' }
    const server = await facilitatorServer({
      ...{ '/verify': { isValid: true }, '/settle': CIRCLE, [`/status/${PAYMENT_ID}`]: pending },
    })
    const facilitators = [new HTTPFacilitatorClient({ url: server.url, statusPath: '/status/' })]
    const handler = jest.fn<PaidHandler>(hello)
    const options = { facilitators, settleTimeoutMs: 1_500, replayAnswers: 'all' }
    const shop = await shopOf(options, undefined, handler)
    const event = await shop.paidCall()
    expect(outcomeOf(await shop.handler(event))).toBe('unknown')
    const failed = { paymentId: PAYMENT_ID, status: 'failed', reason: null, transaction: null }
    server.answer({ '/settle': again, [`/status/${PAYMENT_ID}`]: failed })
    expect(outcomeOf(await shop.handler(event))).toBe(outcome)
    expect([server.countOf('/settle'), handler.mock.calls.length]).toEqual([settles, 1])
    expect(server.countOf('/verify')).toBe(1)
  },
)

test.each<[string, Answering, object]>([
  [
    'a failure of the node with status 500, as seen of Base',
    json(500, {
      ...{ success: false, errorReason: 'settle_exact_node_failure', network: 'eip155:84532' },
      ...{ transaction: '0x8e01', errorMessage: 'transaction did not confirm in time' },
    }),
    { state: 'unknown', transaction: '0x8e01' },
  ],
  [
    'an error that says it succeeded',
    json(502, { success: true, transaction: '0x8e02', network: 'eip155:84532' }),
    { state: 'unknown', transaction: '0x8e02' },
  ],
  [
    'a failure of its own that names a transaction',
    json(500, { success: false, errorReason: 'internal_error', transaction: '0x8e05' }),
    { state: 'unknown', transaction: '0x8e05' },
  ],
  [
    'a failure without a reason that names a settlement',
    json(503, { success: false, paymentId: PAYMENT_ID, transaction: '0x8e06' }),
    { state: 'unknown', transaction: '0x8e06', settlementId: PAYMENT_ID },
  ],
  [
    'a refusal that names a transaction',
    json(400, { success: false, errorReason: 'no', transaction: '0x8e03' }),
    { state: 'unknown', transaction: '0x8e03' },
  ],
  [
    'a success of another payer',
    json(200, { success: true, transaction: '0x8e04', payer: `0x${'3'.repeat(40)}` }),
    { state: 'unknown', transaction: '0x8e04' },
  ],
  [
    'a nonce that is used, with status 500',
    json(500, { success: false, errorReason: 'invalid_exact_evm_nonce_already_used' }),
    { state: 'used' },
  ],
  [
    'a duplicate, with status 409',
    json(409, { errors: [{ reason: 'duplicate_settlement' }] }),
    { state: 'used' },
  ],
])('%s is kept, and leaves the outcome unknown', async (_, answering, facts) => {
  const { output, errors, events } = await sellThrough({ '/settle': answering })
  const told = 'transaction' in facts ? 'unknown' : 'used'
  expect([outcomeOf(output), challengeOf(output)]).toEqual([told, undefined])
  expect(errors).toMatchObject([facts])
  expect(events.at(-1)).toMatchObject({ type: 'failed', ...facts })
})

test.each<[string, Answering, string, RegExp]>([
  [
    'a conflict',
    json(409, { code: 409, message: 'm', errors: [{ reason: 'credential_bound_elsewhere' }] }),
    'refused',
    /\(credential_bound_elsewhere\)/,
  ],
  [
    'a bad request',
    json(400, { code: 2, errors: [{ reason: 'invalid_payload' }] }),
    'refused',
    /invalid_payload/,
  ],
  [
    'a refusal with status 500',
    json(500, { success: false, errorReason: 'insufficient_funds', transaction: '' }),
    'refused',
    /insufficient_funds/,
  ],
])('%s in the first answer is a refusal with its reason', async (_, answering, outcome, said) => {
  const { output, settles } = await sellThrough({ '/settle': answering })
  expect([outcomeOf(output), settles]).toEqual([outcome, 1])
  expect(allTextOf(output)).toMatch(said)
})

test('a conflict after an attempt of unknown outcome stays unknown', async () => {
  const conflict = { kind: 'refuse', form: 'circle', reason: 'credential_bound_elsewhere' } as const
  const shop = await shopOf()
  const event = await shop.paidCall()
  shop.local.x402.faults.set({ kind: 'reset', route: 'settle' })
  shop.local.x402.faults.set({ ...conflict, route: 'settle', skip: 1 })
  expect(outcomeOf(await shop.handler(event))).toBe('unknown')
})

test.each([401, 403])(
  'a seller whose key is refused with %i is told why, and no buyer is',
  async (status) => {
    const answering = json(status, { code: status, errors: [{ reason: 'registration_required' }] })
    const { output, lines } = await sellThrough({ '/settle': answering })
    expect(outcomeOf(output)).toBe('not charged')
    expect(allTextOf(output)).not.toContain('registration')
    expect(lines.at(-2)).toMatchObject({
      details: { reason: `http_${status}`, said: 'registration_required' },
    })
    const words = `does not let this seller in (HTTP ${status}, registration_required)`
    expect(lines.at(-1)?.message).toContain(words)
  },
)
