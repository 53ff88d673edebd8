import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { expect, jest, test } from '@jest/globals'
import {
  Payments,
  requiresPayment,
  type InterceptorOutput,
  type RequiresPaymentOptions,
  type SellerPayments,
} from '../../src/index.js'
import type { Fault, LocalPlan } from '../../src/local/index.js'
import { TOOL, countOf, eventually } from '../support/outcome.js'
import {
  allTextOf,
  challengeHeaderOf,
  challengeOf,
  hello,
  silent,
  stack,
} from '../support/seller.js'

const FIVE_MINUTES = 5 * 60_000
const TEN_SECONDS = 10_000
const CRYPTO = { scheme: 'nvm:erc4337', network: 'eip155:84532' }
const CARD = { scheme: 'nvm:card-delegation', network: 'stripe' }

/** A shop with a clock of its own; `ask` is an unpaid call and gives back how it could be paid. */
async function shop(plan: Partial<LocalPlan> = {}, options: Partial<RequiresPaymentOptions> = {}) {
  const local = await stack({ plan })
  const clock = { now: 1_000_000 }
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const open = (by: SellerPayments, more: Partial<RequiresPaymentOptions> = {}) => {
    const planId = more.planIds === undefined ? { planId: local.planId } : {}
    const all = { payments: by, ...planId, now: () => clock.now, logger: silent, ...more }
    const handler = requiresPayment(hello, all as RequiresPaymentOptions)
    return () => handler(local.paidEvent(TOOL, {}, null))
  }
  return { local, clock, payments, open, ask: open(payments, options) }
}

/** Scheme and network of every way to pay, or undefined if there is no challenge. */
function termsOf(output: InterceptorOutput) {
  return challengeOf(output)?.accepts.map(({ scheme, network }) => ({ scheme, network }))
}

test.each<[string, Partial<LocalPlan>, object]>([
  ['a plan bought on chain', {}, CRYPTO],
  ['a plan bought by card', { fiatProvider: 'stripe' }, CARD],
  ['a plan of another provider', { fiatProvider: 'braintree' }, { ...CARD, network: 'braintree' }],
])('%s is offered as what it is', async (_, plan, terms) => {
  const { ask } = await shop(plan)
  expect(termsOf(await ask())).toEqual([terms])
})

test('of two plans each is offered as what it is', async () => {
  const { local, open, payments } = await shop()
  const { planId } = local.ledger.addPlan({ fiatProvider: 'stripe' })
  const output = await open(payments, { planIds: [local.planId, planId] })()
  expect(challengeOf(output)?.accepts).toMatchObject([
    { ...CRYPTO, planId: local.planId },
    { ...CARD, planId },
  ])
})

test.each([
  ['scheme', { scheme: CARD.scheme }, CARD],
  ['network', { network: 'visa' }, { ...CARD, network: 'visa' }],
])('with only %s given the other is looked up', async (_, options, terms) => {
  const { local, ask } = await shop({ fiatProvider: 'stripe' }, options)
  expect(termsOf(await ask())).toEqual([terms])
  expect(countOf(local, 'plan')).toBe(1)
})

test('with scheme and network given nothing is looked up', async () => {
  const { local, ask } = await shop({ fiatProvider: 'stripe' }, CRYPTO)
  expect(termsOf(await ask())).toEqual([CRYPTO])
  expect(local.connections()).toBe(0)
})

/** What a plan may look like; nothing but `isCrypto` decides. */
test.each<[string, unknown, string, object]>([
  [
    'an on-chain plan with a card provider left in its metadata',
    {
      registry: { price: { isCrypto: true } },
      metadata: { plan: { fiatPaymentProvider: 'visa' } },
    },
    'sandbox',
    CRYPTO,
  ],
  [
    'an on-chain plan sold live',
    { registry: { price: { isCrypto: true } } },
    'live',
    { ...CRYPTO, network: 'eip155:8453' },
  ],
  ['a plan that does not say', { registry: { price: {} }, metadata: null }, 'sandbox', CRYPTO],
  ['a card plan without provider', { registry: { price: { isCrypto: false } } }, 'live', CARD],
  [
    'a card plan with an empty provider',
    { registry: { price: { isCrypto: false } }, metadata: { plan: { fiatPaymentProvider: '' } } },
    'live',
    CARD,
  ],
])('%s is offered as what it is', async (_, plan, environmentName, terms) => {
  const { open, payments } = await shop()
  const official = {
    facilitator: payments.facilitator,
    plans: { getPlan: async () => plan },
    environmentName,
  }
  expect(termsOf(await open(official)())).toEqual([terms])
})

test('a plan is looked up once in five minutes', async () => {
  const { local, clock, ask } = await shop()
  await ask()
  clock.now += FIVE_MINUTES - 1
  await ask()
  expect(countOf(local, 'plan')).toBe(1)
  clock.now += 1
  await ask()
  await eventually(() => countOf(local, 'plan') === 2)
})

test('ten first calls at once look the plan up once', async () => {
  const { local, ask } = await shop()
  const outputs = await Promise.all(Array.from({ length: 10 }, ask))
  expect(outputs.map(termsOf)).toEqual(Array.from({ length: 10 }, () => [CRYPTO]))
  expect(countOf(local, 'plan')).toBe(1)
})

test('ten first calls at once share one failure', async () => {
  const { local, ask } = await shop()
  local.faults.set({ route: 'plan', kind: 'error' })
  const outputs = await Promise.all(Array.from({ length: 10 }, ask))
  expect(outputs.map(termsOf)).toEqual(Array.from({ length: 10 }, () => undefined))
  expect(countOf(local, 'plan')).toBe(1)
})

test('two wrappers of one client share its look-ups', async () => {
  const { local, open, payments } = await shop()
  await open(payments)()
  await open(payments)()
  expect(countOf(local, 'plan')).toBe(1)
})

test('two clients never share a look-up', async () => {
  const [one, other] = [await shop(), await shop({ fiatProvider: 'stripe' })]
  other.local.ledger.addPlan({ planId: one.local.planId, fiatProvider: 'stripe' })
  const planIds = [one.local.planId]
  expect(termsOf(await one.open(one.payments, { planIds })())).toEqual([CRYPTO])
  expect(termsOf(await other.open(other.payments, { planIds })())).toEqual([CARD])
})

test('each plan is looked up for itself', async () => {
  const { local, ask, open, payments } = await shop()
  await ask()
  const { planId } = local.ledger.addPlan()
  await open(payments, { planIds: [local.planId, planId] })()
  const paths = local.calls.map(({ path }) => path.split('/').at(-1))
  expect(paths).toEqual([local.planId, planId])
})

test('an old answer is served while it is refreshed', async () => {
  const { local, clock, ask } = await shop()
  await ask()
  Object.assign(local.ledger.plan(local.planId), { fiatProvider: 'stripe' })
  clock.now += FIVE_MINUTES
  expect(termsOf(await ask())).toEqual([CRYPTO])
  await eventually(async () => termsOf(await ask())?.[0]?.network === 'stripe')
  expect(countOf(local, 'plan')).toBe(2)
})

test('a refresh that takes long keeps nobody waiting', async () => {
  const { local, clock, ask } = await shop()
  await ask()
  local.faults.set({ route: 'plan', kind: 'delay', delayMs: 500 })
  clock.now += FIVE_MINUTES
  await Promise.all([ask(), ask(), ask()])
  await eventually(() => countOf(local, 'plan') > 1)
  expect(local.calls.map(({ status }) => status)).toEqual([200, undefined])
  await eventually(() => local.calls.at(-1)?.status === 200)
})

test('an old answer outlives a refresh that fails, which is not tried again for ten seconds', async () => {
  const { local, clock, open, payments } = await shop()
  const lookUps: Promise<unknown>[] = []
  const getPlan = (planId: string) => {
    const plan = payments.plans.getPlan(planId)
    lookUps.push(plan)
    return plan
  }
  const { facilitator, environmentName } = payments
  const client = { facilitator, environmentName, plans: { getPlan } }
  const ask = open(client)
  await ask()
  local.faults.set({ route: 'plan', kind: 'error', times: 99 })
  clock.now += FIVE_MINUTES
  await ask()
  await Promise.allSettled(lookUps)
  await turnOfTheLoop()
  clock.now += TEN_SECONDS - 1
  expect(termsOf(await ask())).toEqual([CRYPTO])
  expect(lookUps).toHaveLength(2)
  clock.now += 1
  expect(termsOf(await ask())).toEqual([CRYPTO])
  expect(lookUps).toHaveLength(3)
})

test.each<[string, Fault]>([
  ['an error', { kind: 'error', status: 500 }],
  ['an unknown plan', { kind: 'error', status: 404, code: 'BCK.PROTOCOL.0003' }],
  ['an error page', { kind: 'html' }],
  ['nothing', { kind: 'empty', status: 200 }],
  ['half a JSON', { kind: 'garbage' }],
  ['a plan without price', { kind: 'refuse' }],
  ['a broken connection', { kind: 'reset' }],
  ['no answer in time', { kind: 'delay', delayMs: 600 }],
])('a look-up that meets %s asks nobody for money', async (_, fault) => {
  const { local, ask } = await shop({}, { verifyTimeoutMs: 200 })
  local.faults.set({ ...fault, route: 'plan' })
  const output = await ask()
  expect(challengeOf(output)).toBeUndefined()
  expect(challengeHeaderOf(output)).toBeUndefined()
  expect(allTextOf(output)).toMatch(/Try again later, .* You were not charged for this call\./)
})

test('a paid call whose plan cannot be looked up runs and settles nothing', async () => {
  const { local, payments } = await shop()
  local.faults.set({ route: 'plan', kind: 'error' })
  const run = jest.fn(hello)
  const handler = requiresPayment(run, { payments, planId: local.planId, logger: silent })
  expect(allTextOf(await handler(local.paidEvent(TOOL)))).toMatch(/Try again later/)
  expect(run).not.toHaveBeenCalled()
  expect(local.balance()).toBe(100n)
})

test('a failed look-up is remembered for ten seconds', async () => {
  const { local, clock, ask } = await shop()
  local.faults.set({ route: 'plan', kind: 'error' })
  await ask()
  clock.now += TEN_SECONDS - 1
  expect(termsOf(await ask())).toBeUndefined()
  expect(countOf(local, 'plan')).toBe(1)
  clock.now += 1
  expect(termsOf(await ask())).toEqual([CRYPTO])
})

test('one plan of several that cannot be looked up makes the call unavailable', async () => {
  const { local, open, payments } = await shop()
  const output = await open(payments, { planIds: [local.planId, '404'] })()
  expect(challengeOf(output)).toBeUndefined()
  expect(allTextOf(output)).toMatch(/Try again later/)
})

test('a look-up that never ends is given up on', async () => {
  const { open, payments } = await shop()
  const hanging = {
    facilitator: payments.facilitator,
    plans: { getPlan: () => new Promise<unknown>(() => undefined) },
  }
  const output = await open(hanging, { verifyTimeoutMs: 100 })()
  expect(allTextOf(output)).toMatch(/Try again later/)
})

test.each<[string, SellerPayments['plans']]>([
  ['throws', { getPlan: () => failing() }],
  ['answers undefined', { getPlan: async () => undefined }],
])('a getPlan that %s asks nobody for money', async (_, plans) => {
  const { open, payments } = await shop()
  const output = await open({ facilitator: payments.facilitator, ...(plans && { plans }) })()
  expect(challengeOf(output)).toBeUndefined()
  expect(allTextOf(output)).toMatch(/Try again later/)
})

function failing(): never {
  throw new Error('secret of the client')
}

test('the chain of a client that does not name its environment is never guessed', async () => {
  const { open, payments } = await shop()
  const { facilitator, plans } = payments
  const output = await open({ facilitator, plans })()
  expect(termsOf(output)).toBeUndefined()
  expect(termsOf(await open({ facilitator, plans }, { network: 'eip155:1' })())).toEqual([
    { scheme: 'nvm:erc4337', network: 'eip155:1' },
  ])
})
