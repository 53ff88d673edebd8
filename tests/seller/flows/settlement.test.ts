/* eslint max-lines: ["error", 400] */
import { expect, jest, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import {
  Payments,
  memoryStore,
  requiresPayment,
  type InterceptorOutput,
  type PaidHandler,
} from '../../../src/index.js'
import type { Fault, LocalDelegation, LocalPlan } from '../../../src/local/index.js'
import {
  TOOL,
  countOf,
  eventually,
  outcomeOf,
  singleUse,
  type Outcome,
} from '../../support/outcome.js'
import { challengeOf, hello, receiptOf, sell, silent, stack } from '../../support/seller.js'

/** What a fault on settle leads to: what the buyer is told, settle calls made, credits burned. */
type Result = [told: Outcome, calls: number, burned: bigint]
const unknown: Result = ['unknown', 1, 0n]
const unknownButBurned: Result = ['unknown', 1, 1n]
const repeated: Result = ['settled', 2, 1n]
/** The repetition finds the token used, which is no proof that the first attempt used it. */
const spent: Result = ['unknown', 2, 1n]
const refused: Result = ['refused', 1, 0n]
const notCharged: Result = ['not charged', 1, 0n]

/** With a reusable token; where that differs, where repeating cannot charge twice; of a single-use token alone. */
type Row = [
  ...[name: string, fault: Fault, reusable: Result],
  ...[safeToRepeat?: Result, singleUse?: Result],
]
const FAULTS: Row[] = [
  ['is late', { kind: 'delay', delayMs: 900 }, unknownButBurned, repeated],
  ['is reset', { kind: 'reset' }, unknown, repeated],
  ['loses its answer', { kind: 'lost-answer' }, unknownButBurned, repeated, spent],
  ['answers half a JSON', { kind: 'garbage' }, unknownButBurned, repeated, spent],
  ['answers 500', { kind: 'error' }, unknown, repeated],
  ['answers 408', { kind: 'error', status: 408 }, unknown, repeated],
  ['answers 502 with a page', { kind: 'html' }, unknown, repeated],
  ['answers 200 with a page', { kind: 'html', status: 200 }, unknown, repeated],
  ['answers 502 with nothing', { kind: 'empty' }, unknown, repeated],
  ['answers 200 with nothing', { kind: 'empty', status: 200 }, unknown, repeated],
  ['says success: false', { kind: 'refuse' }, refused],
  ['says it is retryable', { kind: 'error', status: 503, retryable: true }, unknown, repeated],
  ['refuses retryably', { kind: 'error', status: 409, retryable: true }, notCharged],
  coded('BCK.X402.0008', 500, refused, true),
  coded('BCK.APIKEY.0017', 409, notCharged, true),
  coded('BCK.X402.0051', 503, repeated),
  coded('BCK.X402.0052', 503, repeated),
  coded('BCK.CREDITS.0003', 402, refused),
  coded('BCK.X402.0005', 402, refused),
  coded('BCK.X402.0059', 402, ['used', 1, 0n]),
  coded('BCK.X402.0013', 400, refused),
  coded('BCK.X402.0007', 500, refused),
  coded('BCK.X402.0008', 500, refused),
  coded('BCK.X402.0009', 500, unknown),
  coded('BCK.X402.0017', 500, unknown),
  coded('BCK.X402.0048', 502, unknown),
  coded('BCK.X402.0002', 404, notCharged),
  coded('BCK.APIKEY.0004', 401, notCharged),
  coded('BCK.HTTP.429', 429, notCharged),
]

function coded(code: string, status: number, result: Result, retryable = false): Row {
  const name = `answers ${code}${retryable ? ', and that it is retryable' : ''}`
  return [name, { kind: 'error', status, code, ...(retryable && { retryable }) }, result]
}

const TOKENS = ['a reusable token', 'a single-use token', 'retrySettleByRequestId'] as const
const CASES = TOKENS.flatMap((token) =>
  FAULTS.map(([name, fault, reusable, safeToRepeat = reusable, ofSingleUse = safeToRepeat]) => {
    const results = [reusable, ofSingleUse, safeToRepeat] as const
    return { name, token, fault, result: results[TOKENS.indexOf(token)] }
  }),
)

test.concurrent.each(CASES)(
  'a settle that $name tells the truth with $token',
  async ({ token, fault, result }) => {
    const local = await stack()
    local.faults.set({ ...fault, route: 'settle' })
    const handler = sell(local, hello, {
      ...(fault.kind === 'delay' && { settleTimeoutMs: 300 }),
      retrySettleByRequestId: token === 'retrySettleByRequestId',
    })
    const paid = token === 'a single-use token' ? singleUse(local) : local.accessToken()
    const told = outcomeOf(await handler(local.paidEvent(TOOL, {}, paid)))
    // A late settlement happens all the same, after the buyer was answered.
    const broken = fault.kind === 'reset' || fault.kind === 'lost-answer'
    await eventually(() => broken || local.calls.every(({ status }) => status !== undefined))
    expect([told, countOf(local, 'settle'), 100n - local.balance()]).toEqual(result)
  },
)

test.each(['BCK.X402.0009', 'BCK.X402.0017', 'BCK.X402.0048'])(
  '%s is never repeated, whatever else the error says',
  async (code) => {
    const local = await stack()
    local.faults.set({ route: 'settle', kind: 'error', status: 500, code, retryable: true })
    const handler = sell(local, hello, { retrySettleByRequestId: true })
    const output = await handler(local.paidEvent(TOOL, {}, singleUse(local)))
    expect([outcomeOf(output), countOf(local, 'settle')]).toEqual(['unknown', 1])
  },
)

test('a retryable failure that stays is given up on, and nothing was charged', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'error', code: 'BCK.X402.0051', times: 99 })
  const output = await sell(local)(local.paidEvent(TOOL))
  expect([outcomeOf(output), local.balance()]).toEqual(['not charged', 100n])
})

test('a settlement stays unknown when only its repetition is refused', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'reset' })
  local.faults.set({ route: 'settle', kind: 'refuse', skip: 1 })
  const output = await sell(local)(local.paidEvent(TOOL, {}, singleUse(local)))
  expect([outcomeOf(output), countOf(local, 'settle')]).toEqual(['unknown', 2])
})

test('a spent token met on the third try is no proof that the first try burned it', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'lost-answer' })
  local.faults.set({ route: 'settle', kind: 'reset', skip: 1 })
  const output = await sell(local)(local.paidEvent(TOOL, {}, singleUse(local)))
  expect([outcomeOf(output), countOf(local, 'settle')]).toEqual(['unknown', 3])
  expect(local.balance()).toBe(99n)
})

test('a token found spent after a harmless failure was spent by another call', async () => {
  const local = await stack()
  const token = singleUse(local)
  await sell(local)(local.paidEvent(TOOL, {}, token))
  local.faults.set({ route: 'settle', kind: 'error', status: 503, code: 'BCK.X402.0051' })
  const elsewhere = sell(local, hello, { paymentStore: memoryStore() })
  const output = await elsewhere(local.paidEvent(TOOL, {}, token))
  expect([outcomeOf(output), countOf(local, 'settle')]).toEqual(['used', 3])
})

test('nothing is charged when the facilitator is gone by the time of settle', async () => {
  const local = await stack()
  let now = 0
  const { nvmApiKey, url: backendUrl, planId } = local
  const payments = Payments.getInstance({ nvmApiKey, backendUrl, now: () => now })
  const closing: PaidHandler = async () => {
    await local.close()
    now += 1_000 // a slow handler, so that settle connects anew
    return 'Hello!'
  }
  const handler = requiresPayment(closing, { payments, planId, logger: silent })
  expect(outcomeOf(await handler(local.paidEvent(TOOL)))).toBe('not charged')
  expect([countOf(local, 'settle'), local.balance()]).toEqual([0, 100n])
})

test('settle is not repeated when the invocation has no time left for it', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'error', code: 'BCK.X402.0051', times: 99 })
  const { context, slowHello } = nearTheEnd(1_050)
  const output = await sell(local, slowHello)(local.paidEvent(TOOL), context)
  expect([outcomeOf(output), countOf(local, 'settle')]).toEqual(['not charged', 1])
})

test('settle is cut off when only the reserve is left of the invocation', async () => {
  const local = await stack()
  local.faults.set({ route: 'settle', kind: 'delay', delayMs: 900 })
  const { context, slowHello } = nearTheEnd(5_200)
  const handler = sell(local, slowHello, { settleReserveMs: 5_000 })
  expect(outcomeOf(await handler(local.paidEvent(TOOL), context))).toBe('unknown')
})

/** A handler that leaves this much of the invocation, and the context that says so. */
function nearTheEnd(leftMs: number): { context: Context; slowHello: PaidHandler } {
  let ms = 10_000
  const slowHello = () => {
    ms = leftMs
    return 'Hello!'
  }
  return { context: { getRemainingTimeInMillis: () => ms } as Context, slowHello }
}

test('a spent single-use token gets the answer again that it bought', async () => {
  const local = await stack()
  const run = jest.fn(hello)
  const handler = sell(local, run)
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const outputs = [await handler(event), await handler(event)]
  expect(outputs.map(outcomeOf)).toEqual(['settled', 'settled'])
  expect(receiptOf(outputs[1] as InterceptorOutput)).toEqual(
    receiptOf(outputs[0] as InterceptorOutput),
  )
  expect(run).toHaveBeenCalledTimes(1)
  expect([countOf(local, 'verify'), countOf(local, 'settle'), local.balance()]).toEqual([1, 1, 99n])
})

test('a single-use token that another container spent still runs the handler, but buys no content', async () => {
  const local = await stack()
  const run = jest.fn(hello)
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const told = []
  for (const paymentStore of [memoryStore(), memoryStore()]) {
    told.push(outcomeOf(await sell(local, run, { paymentStore })(event)))
  }
  expect(told).toEqual(['settled', 'used'])
  expect(run).toHaveBeenCalledTimes(2)
  expect(local.balance()).toBe(99n)
})

/** Bounds of the plan, credits asked for, credits that must be burned and printed. */
test.each<[string, bigint, bigint, number, bigint]>([
  ['a fixed plan burns its own amount, not less', 5n, 5n, 1, 5n],
  ['a fixed plan burns its own amount, not more', 5n, 5n, 8, 5n],
  ['a range plan raises what is below it', 2n, 10n, 1, 2n],
  ['a range plan lowers what is above it', 2n, 10n, 50, 10n],
  ['a range plan burns what is inside it', 2n, 10n, 7, 7n],
])('%s, and the receipt says so', async (_, minAmount, maxAmount, credits, burned) => {
  const local = await stack({ plan: { minAmount, maxAmount } })
  const onAfterSettle = jest.fn<(credits: bigint) => void>()
  const output = await sell(local, hello, { credits, onAfterSettle })(local.paidEvent(TOOL))
  expect(local.balance()).toBe(100n - burned)
  expect(receiptOf(output)).toMatchObject({
    creditsRedeemed: String(burned),
    remainingBalance: String(100n - burned),
  })
  expect(onAfterSettle.mock.lastCall?.[0]).toBe(burned)
})

const CARD: Partial<LocalPlan> = { fiatProvider: 'stripe' }

/** A stack whose subscriber holds no credits, but a delegation of $5.00; a plan costs $1.00. */
async function delegated(plan: Partial<LocalPlan> = {}, terms: Partial<LocalDelegation> = {}) {
  let now = 1_800_000_000_000
  const local = await stack({ plan, credits: 0n, now: () => now })
  const delegation = local.ledger.addDelegation(local.subscriberAddress, {
    spendingLimitCents: 500n,
    ...terms,
  })
  const { delegationId } = delegation
  const account = local.ledger.accounts.get(local.subscriberAddress)
  if (account === undefined) throw new Error('the subscriber has no account')
  const event = local.paidEvent(TOOL, {}, local.accessToken({ delegationId }))
  return { local, delegation, account, event, advance: (ms: number) => (now += ms) }
}

test('a pay-as-you-go call redeems no credits, is charged and delivered', async () => {
  const { local, delegation, event } = await delegated({ billingModel: 'pay-as-you-go' })
  const output = await sell(local)(event)
  expect(outcomeOf(output)).toBe('settled')
  expect(receiptOf(output)).toMatchObject({
    creditsRedeemed: '0',
    billingModel: 'pay-as-you-go',
    orderTx: local.ledger.settlements[0]?.orderTx,
  })
  expect(delegation.amountSpentCents).toBe(100n)
})

test.each<[string, Partial<LocalPlan>, RegExp]>([
  ['on chain', {}, /^0x[0-9a-f]{64}$/],
  ['by card', CARD, /^pi_[0-9a-f]+$/],
])('credits that run out are topped up %s, and the receipt names the order', async (...row) => {
  const [, plan, orderTx] = row
  const { local, delegation, event } = await delegated(plan)
  const output = await sell(local)(event)
  expect(outcomeOf(output)).toBe('settled')
  expect(receiptOf(output)).toMatchObject({
    creditsRedeemed: '1',
    orderTx: expect.stringMatching(orderTx),
  })
  expect([local.balance(), delegation.amountSpentCents]).toEqual([99n, 100n])
})

test('a card plan with credits left burns them and charges nothing', async () => {
  const { local, delegation, event } = await delegated(CARD)
  local.ledger.credit(local.planId, local.subscriberAddress, 10n)
  const output = await sell(local)(event)
  expect(outcomeOf(output)).toBe('settled')
  expect(receiptOf(output)).not.toHaveProperty('orderTx')
  expect([local.balance(), delegation.amountSpentCents]).toEqual([9n, 0n])
})

type Delegated = Awaited<ReturnType<typeof delegated>>
const SPOILED: [string, (world: Delegated) => void, code: string][] = [
  ['revoked', ({ delegation }) => void (delegation.status = 'Revoked'), 'BCK.X402.0020'],
  ['expired', ({ advance }) => void advance(3_601_000), 'BCK.X402.0021'],
  ['exhausted', ({ delegation }) => void (delegation.amountSpentCents = 500n), 'BCK.X402.0022'],
  ['used up in calls', ({ delegation }) => void (delegation.maxTransactions = 0), 'BCK.X402.0022'],
  ['too small', ({ delegation }) => void (delegation.amountSpentCents = 401n), 'BCK.X402.0023'],
]

test.each(SPOILED)('a delegation %s during the call settles nothing', async (_, spoil, code) => {
  const world = await delegated()
  const { local, event } = world
  const output = await sell(local, () => {
    spoil(world)
    return 'Hello!'
  })(event)
  expect(outcomeOf(output)).toBe('refused')
  expect(receiptOf(output)?.['errorReason']).toBe(code)
  expect([local.balance(), local.ledger.settlements.length]).toEqual([0n, 0])
})

test.each(SPOILED)('a delegation %s before the call runs nothing', async (_, spoil) => {
  const world = await delegated()
  spoil(world)
  const run = jest.fn(hello)
  const output = await sell(world.local, run)(world.event)
  expect(challengeOf(output)?.error).toMatch(/^verification failed/)
  expect(run).not.toHaveBeenCalled()
})

test('a card too small for the price passes verify and is refused at settle', async () => {
  const { local, event } = await delegated(CARD, { spendingLimitCents: 99n })
  const output = await sell(local)(event)
  expect(outcomeOf(output)).toBe('refused')
  expect(receiptOf(output)?.['errorReason']).toBe('BCK.X402.0023')
})

test('a declined card leaves the outcome unknown, since it may have been charged', async () => {
  const { local, account, event } = await delegated(CARD)
  account.cardAccepted = false
  expect(outcomeOf(await sell(local)(event))).toBe('unknown')
  expect(countOf(local, 'settle')).toBe(1)
})

test('an empty wallet is refused, and neither credits nor budget move', async () => {
  const { local, account, delegation, event } = await delegated()
  account.walletCents = 99n
  const output = await sell(local)(event)
  expect(outcomeOf(output)).toBe('refused')
  expect(receiptOf(output)?.['errorReason']).toBe('BCK.X402.0008')
  expect([local.balance(), account.walletCents, delegation.amountSpentCents]).toEqual([0n, 99n, 0n])
})
