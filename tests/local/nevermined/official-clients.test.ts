import { expect, jest, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { requiresPayment, type RequiresPaymentOptions } from '../../../src/index.js'
import type { Fault, Local } from '../../../src/local/index.js'
import { NO_STORE } from '../../support/caching.js'
import { OfficialPayments } from './support/official-client.js'
import { forge } from './support/official-wire.js'
import { outcomeOf } from '../../support/outcome.js'
import { amounts, asked, correlationIds } from '../../support/recorded.js'
import {
  allTextOf,
  challengeHeaderOf,
  challengeOf,
  hello,
  receiptOf,
  recordingLogger,
  responseOf,
  silent,
  stack,
  textOf,
} from '../../support/seller.js'

const TOOL = 'T___hello'

/** Sells through an instance shaped like the official one, over real HTTP. */
function sellThrough(
  payments: OfficialPayments,
  planId: string,
  handler = hello,
  options: Pick<
    RequiresPaymentOptions,
    'credits' | 'logger' | 'retrySettleByRequestId' | 'settleTimeoutMs' | 'verifyTimeoutMs'
  > = {},
) {
  return requiresPayment(handler, { payments, planId, logger: silent, ...options })
}

async function official(options: Parameters<typeof sellThrough>[3] = {}) {
  const local = await stack()
  const seller = new OfficialPayments(local, local.nvmApiKey)
  const handler = jest.fn(hello)
  return { local, handler, sold: sellThrough(seller, local.planId, handler, options) }
}

test('an unpaid call is challenged on the terms the official client looks up', async () => {
  const { local, handler, sold } = await official()
  const output = await sold(local.paidEvent(TOOL, {}, null))
  expect(challengeOf(output)).toMatchObject({
    error: 'payment required',
    accepts: [{ scheme: 'nvm:erc4337', network: 'eip155:84532', planId: local.planId }],
  })
  expect(challengeHeaderOf(output)).toEqual(challengeOf(output))
  expect(local.calls.map(({ route }) => route)).toEqual(['plan'])
  expect(handler).not.toHaveBeenCalled()
})

test.each([
  ['live', 'eip155:8453'],
  ['staging_live', 'eip155:8453'],
  ['sandbox', 'eip155:84532'],
])('a plan sold by an official client of %s is paid on %s', async (environment, network) => {
  const local = await stack()
  const payments = new OfficialPayments(local, local.nvmApiKey, environment)
  const output = await sellThrough(payments, local.planId)(local.paidEvent(TOOL, {}, null))
  expect(challengeOf(output)?.accepts[0]?.network).toBe(network)
})

test('a plan paid by card is sold through the official client on the rails of its provider', async () => {
  const local = await stack({ plan: { fiatProvider: 'braintree' } })
  const payments = new OfficialPayments(local, local.nvmApiKey)
  const output = await sellThrough(payments, local.planId)(local.paidEvent(TOOL))
  expect(textOf(output)).toBe('Hello!')
  expect(asked(local, 'settle')[0]?.paymentRequired.accepts[0]).toMatchObject({
    scheme: 'nvm:card-delegation',
    network: 'braintree',
  })
  expect(local.balance()).toBe(99n)
})

test('an official buyer pays an official seller through the wrapper', async () => {
  const { local, sold } = await official({ credits: 2 })
  const buyer = new OfficialPayments(local, local.subscriberApiKey)
  await buyer.plans.orderPlan(local.planId)
  const delegationConfig = await buyer.delegation.createDelegation({
    provider: 'erc4337',
    spendingLimitCents: 100,
    durationSecs: 3_600,
    currency: 'usdc',
  })
  const { accessToken } = await buyer.x402.getX402AccessToken(local.planId, undefined, {
    delegationConfig,
  })
  const output = await sold(local.paidEvent(TOOL, {}, accessToken))
  const [settlement] = local.ledger.settlements
  const balance = await buyer.plans.getPlanBalance(local.planId, local.subscriberAddress)
  expect(textOf(output)).toBe('Hello!')
  expect(receiptOf(output)).toMatchObject({
    success: true,
    transaction: settlement?.transaction,
    payer: local.subscriberAddress,
    creditsRedeemed: '2',
    remainingBalance: '198',
  })
  expect(asked(local, 'settle')[0]?.agentRequestId).toBe(settlement?.agentRequestId)
  expect(balance).toMatchObject({ balance: '198' })
})

test.each<[string, string, Parameters<typeof official>[0], (local: Local) => string]>([
  ['a forged token', 'BCK.X402.0005', {}, forge],
  ['too few credits', 'Insufficient credits', { credits: 101 }, (local) => local.accessToken()],
])('%s is refused through the official client', async (_, reason, options, tokenFor) => {
  const { local, handler, sold } = await official(options)
  const output = await sold(local.paidEvent(TOOL, {}, tokenFor(local)))
  expect(challengeOf(output)?.error).toBe(`verification failed: ${reason}`)
  expect(handler).not.toHaveBeenCalled()
  expect(amounts(local).settle).toEqual([])
  expect(local.balance()).toBe(100n)
})

test.each<[string, string, Fault]>([
  ['success: false', 'Auto-order failed', { kind: 'refuse', reason: 'Auto-order failed' }],
  ['a refusal by code', 'BCK.X402.0005', { kind: 'error', status: 402, code: 'BCK.X402.0005' }],
  [
    'an order that could not be paid, an error 500,',
    'BCK.X402.0008',
    { kind: 'error', status: 500, code: 'BCK.X402.0008' },
  ],
])('content is withheld when settle gives the official client %s', async (_, reason, fault) => {
  const { local, handler, sold } = await official()
  local.faults.set({ ...fault, route: 'settle' })
  const output = await sold(local.paidEvent(TOOL))
  expect(challengeOf(output)?.error).toBe('settlement failed')
  expect(receiptOf(output)).toMatchObject({ success: false, errorReason: reason })
  expect(JSON.stringify(output)).not.toContain('Hello!')
  expect(handler).toHaveBeenCalledTimes(1)
  expect(amounts(local).settle).toEqual(['1'])
  expect(local.balance()).toBe(100n)
})

test.each<[string, bigint, Fault]>([
  ['the answer is lost', 99n, { kind: 'lost-answer' }],
  ['the answer is cut short', 99n, { kind: 'garbage' }],
  ['the connection breaks', 100n, { kind: 'reset' }],
  ['a proxy answers with an error page', 100n, { kind: 'html' }],
  ['a proxy answers with nothing', 100n, { kind: 'empty' }],
  [
    'an unknown code comes without its status',
    100n,
    { kind: 'error', status: 400, code: 'BCK.NEW.0001' },
  ],
  [
    'the card may have been charged',
    100n,
    { kind: 'error', status: 502, code: 'BCK.X402.0048', retryable: true },
  ],
])(
  'the outcome is unknown and settle not repeated when, behind the official client, %s',
  async (_, balance, fault) => {
    const logger = recordingLogger()
    const { local, sold } = await official({ logger })
    local.faults.set({ ...fault, route: 'settle' })
    const output = await sold(local.paidEvent(TOOL))
    const [line] = logger.lines.filter(({ level }) => level === 'error')
    const { correlationId } = line?.details as { correlationId: string }
    expect(allTextOf(output)).toMatch(/outcome is unknown.*Do not pay again/)
    expect(allTextOf(output)).toContain(correlationId)
    expect(challengeOf(output)).toBeUndefined()
    expect(responseOf(output).headers).toEqual({
      'Content-Type': 'application/json',
      'Retry-After': '1',
      ...NO_STORE,
    })
    expect(JSON.stringify(output)).not.toContain('Hello!')
    expect(amounts(local).settle).toEqual(['1'])
    expect(local.balance()).toBe(balance)
  },
)

test('a refused connection at settle counts as unknown, since the official client hides the reason', async () => {
  const local = await stack()
  const payments = new OfficialPayments(local, local.nvmApiKey)
  const sold = sellThrough(payments, local.planId, async () => {
    await local.close()
    return 'Hello!'
  })
  const output = await sold(local.paidEvent(TOOL))
  expect(allTextOf(output)).toMatch(/outcome is unknown.*Do not pay again/)
  expect(challengeOf(output)).toBeUndefined()
  expect(local.ledger.settlements).toEqual([])
})

test.each<[string, 'verify' | 'settle']>([
  ['verify', 'verify'],
  ['settle', 'settle'],
])('%s is repeated for a code that is retryable by its meaning alone', async (_, route) => {
  const { local, sold } = await official()
  local.faults.set({ route, kind: 'error', status: 503, code: 'BCK.X402.0051' })
  const output = await sold(local.paidEvent(TOOL))
  expect(textOf(output)).toBe('Hello!')
  expect(amounts(local)[route]).toEqual(['1', '1'])
  expect(local.balance()).toBe(99n)
})

test('a lost settlement of a single-use token is repeated through the official client and burns once', async () => {
  const { local, sold } = await official()
  local.faults.set({ route: 'settle', kind: 'lost-answer' })
  const resource = { url: `mcp://tool/${TOOL}` }
  const token = local.accessToken({ version: 3, resource, httpVerb: 'POST' })
  const output = await sold(local.paidEvent(TOOL, {}, token))
  // The token is spent by then, which does not say by whom.
  expect(outcomeOf(output)).toBe('unknown')
  expect(amounts(local).settle).toEqual(['1', '1'])
  expect(local.balance()).toBe(99n)
})

test.each<[string, Fault]>([
  ['breaks the connection at verify', { route: 'verify', kind: 'reset' }],
  ['answers verify with an error page', { route: 'verify', kind: 'html' }],
  ['answers verify with half a JSON', { route: 'verify', kind: 'garbage' }],
  ['fails at verify', { route: 'verify', kind: 'error', status: 500 }],
  ['is overloaded at verify', { route: 'verify', kind: 'error', status: 429 }],
  [
    'rejects the key of the seller',
    { route: 'verify', kind: 'error', status: 401, code: 'BCK.APIKEY.0004' },
  ],
  ['breaks the connection at the plan look-up', { route: 'plan', kind: 'reset' }],
  ['answers the plan look-up with an error page', { route: 'plan', kind: 'html' }],
  ['answers the plan look-up with half a JSON', { route: 'plan', kind: 'garbage' }],
  ['does not know the plan', { route: 'plan', kind: 'error', status: 404 }],
])(
  'no payment is asked for when, behind the official client, the facilitator %s',
  async (_, fault) => {
    const { local, handler, sold } = await official()
    local.faults.set({ ...fault, times: 9 })
    const output = await sold(local.paidEvent(TOOL))
    expect(allTextOf(output)).toMatch(/try again later.*not charged/i)
    expect(challengeOf(output)).toBeUndefined()
    expect(challengeHeaderOf(output)).toBeUndefined()
    expect(handler).not.toHaveBeenCalled()
    expect(local.balance()).toBe(100n)
  },
)

test('no payment is asked for when nothing listens behind the official client', async () => {
  const { local, sold } = await official()
  await sold(local.paidEvent(TOOL, {}, null))
  await local.close()
  const output = await sold(local.paidEvent(TOOL))
  expect(allTextOf(output)).toMatch(/try again later.*not charged/i)
  expect(challengeOf(output)).toBeUndefined()
})

/** Far beyond the limits below, and soon enough for the test to end. */
const LATE_MS = 800

test.each(['plan', 'verify'] as const)(
  'an official client that gets no answer at %s is not waited for',
  async (route) => {
    const { local, handler, sold } = await official({ verifyTimeoutMs: 100 })
    local.faults.set({ route, kind: 'delay', delayMs: LATE_MS })
    const output = await sold(local.paidEvent(TOOL))
    expect(local.calls.at(-1)).toMatchObject({ route, status: undefined })
    expect(allTextOf(output)).toMatch(/try again later.*not charged/i)
    expect(challengeOf(output)).toBeUndefined()
    expect(handler).not.toHaveBeenCalled()
  },
)

test.each([
  ['the time settle may take', { settleTimeoutMs: 100 }, 60_000],
  ['the time the Lambda has left', {}, 1_100],
])(
  'an official client that gets no answer at settle is cut by %s, and not asked again',
  async (_, options, afterHandlerMs) => {
    const local = await stack()
    local.faults.set({ route: 'settle', kind: 'delay', delayMs: LATE_MS })
    let leftMs = 60_000
    const handler = () => {
      leftMs = afterHandlerMs
      return 'Hello!'
    }
    const payments = new OfficialPayments(local, local.nvmApiKey)
    const sold = sellThrough(payments, local.planId, handler, options)
    const context = { getRemainingTimeInMillis: () => leftMs } as Context
    const output = await sold(local.paidEvent(TOOL), context)
    expect(local.calls.at(-1)).toMatchObject({ route: 'settle', status: undefined })
    expect(allTextOf(output)).toMatch(/outcome is unknown.*Do not pay again/)
    expect(challengeOf(output)).toBeUndefined()
    expect(amounts(local).settle).toEqual(['1'])
  },
)

test('the official client sends the key, the version it is locked to, and no correlation id', async () => {
  const { local, sold } = await official()
  await sold(local.paidEvent(TOOL))
  const { headers } = local.calls.find(({ route }) => route === 'settle') ?? {}
  expect(headers).toMatchObject({
    authorization: `Bearer ${local.nvmApiKey}`,
    'nevermined-version': '1.1',
  })
  expect(correlationIds(local)).toEqual([undefined, undefined])
})
