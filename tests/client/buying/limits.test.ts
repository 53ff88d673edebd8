import { expect, test } from '@jest/globals'
import { LimitedBudget } from '../../../src/client/buying/budget.js'
import {
  OptionsError,
  PaymentLimitError,
  createBudget,
  type Challenge,
  type PaymentLimits,
  type Requirement,
} from '../../../src/client/index.js'
import { checkLimits } from '../../../src/client/buying/limit-checks.js'

const USDC = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
const BASE = `eip155:84532/${USDC}`
const SHOP = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'

const exact = (more: Partial<Requirement> = {}): Requirement => ({
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: USDC,
  payTo: SHOP,
  ...more,
})
const plan = (planId: string, more: Partial<Requirement> = {}): Requirement => ({
  scheme: 'nvm:erc4337',
  network: 'eip155:84532',
  planId,
  ...more,
})
const challenge = (accepts: Requirement[], info?: unknown): Challenge => ({
  x402Version: 2,
  resource: { url: 'mcp://tool/x' },
  accepts,
  extensions: info === undefined ? {} : { 'agentcore-x402/credits': { info } },
})
const reserve = (limits: PaymentLimits, asked: Challenge) =>
  new LimitedBudget(checkLimits(limits)).reserve(asked)
const forbidden = (limits: PaymentLimits, asked: Challenge) => {
  try {
    reserve(limits, asked)
  } catch (error) {
    if (error instanceof PaymentLimitError) return error
  }
  throw new Error('expected a PaymentLimitError')
}

const ASSETS: PaymentLimits = {
  budgets: { [BASE]: { maxAmountPerPayment: '10000', total: '50000' } },
}
const CREDITS: PaymentLimits = {
  plans: ['1', '2'],
  credits: { maxAmountPerPayment: 5n, total: 20n },
}

test.each<[string, unknown]>([
  ['limits', undefined],
  ['limits', 7],
  ['limits', {}],
  ['limits.budget', { ...ASSETS, budget: 1 }],
  ['limits.plans', { credits: CREDITS.credits }],
  ['limits.credits', { plans: ['1'] }],
  ['limits.plans', { ...CREDITS, plans: [] }],
  ['limits.plans', { ...CREDITS, plans: ['1', ''] }],
  ['limits.plans', { ...CREDITS, plans: ['1', '1'] }],
  ['limits.plans', { ...CREDITS, plans: '1' }],
  ['limits.credits', { ...CREDITS, credits: 5n }],
  ['limits.credits.maxAmountPerPayment', { ...CREDITS, credits: { total: 5n } }],
  [
    'limits.credits.maxAmountPerPayment',
    { ...CREDITS, credits: { maxAmountPerPayment: 5, total: 5n } },
  ],
  [
    'limits.credits.maxAmountPerPayment',
    { ...CREDITS, credits: { maxAmountPerPayment: -1n, total: 5n } },
  ],
  ['limits.credits.total', { ...CREDITS, credits: { maxAmountPerPayment: 5n, total: '5.5' } }],
  ['limits.credits.total', { ...CREDITS, credits: { maxAmountPerPayment: 5n, total: '' } }],
  [
    'limits.credits.percall',
    { ...CREDITS, credits: { maxAmountPerPayment: 5n, total: 5n, percall: 5n } },
  ],
  [
    'limits.credits.confirmAbove',
    { ...CREDITS, credits: { maxAmountPerPayment: 5n, total: 5n, confirmAbove: 1 } },
  ],
  [
    'limits.confirm',
    { ...CREDITS, credits: { maxAmountPerPayment: 5n, total: 5n, confirmAbove: 1n } },
  ],
  ['limits.confirm', { ...CREDITS, confirm: true }],
  ['limits.budgets', { budgets: {} }],
  ['limits.assets', { assets: [] }],
  ['limits.budgets.USDC', { budgets: { USDC: { maxAmountPerPayment: 5n, total: 5n } } }],
  [`limits.budgets.${BASE}.total`, { budgets: { [BASE]: { maxAmountPerPayment: 5n } } }],
  [
    'limits.budgets',
    {
      budgets: { ...ASSETS.budgets, [BASE.toLowerCase()]: { maxAmountPerPayment: 5n, total: 5n } },
    },
  ],
  ['limits.payees', { ...ASSETS, payees: [] }],
  ['limits.networks', { ...ASSETS, networks: 'eip155:8453' }],
  ['limits.schemes', { ...ASSETS, schemes: [1] }],
  ['limits.allowUnstatedPrice', { ...ASSETS, allowUnstatedPrice: 1 }],
  ['limits.trustReceipts', { ...ASSETS, trustReceipts: 'no' }],
])('wrong limits are refused at once, naming %s', (option, limits) => {
  const make = () => createBudget(limits as PaymentLimits)
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(expect.objectContaining({ option }))
})

test('limits that are undefined count as not given', () => {
  const none = { plans: undefined, credits: undefined, payees: undefined, confirm: undefined }
  expect(createBudget({ ...ASSETS, ...none }).standing()).toEqual([
    {
      unit: { network: 'eip155:84532', asset: USDC },
      total: 50000n,
      spent: 0n,
      held: 0n,
      left: 50000n,
    },
  ])
})

test.each<[string, PaymentLimits, Challenge, object]>([
  ['schemes', ASSETS, challenge([exact({ scheme: 'batch-settlement' })]), {}],
  ['schemes', { ...ASSETS, schemes: ['upto'] }, challenge([exact()]), {}],
  ['budgets', ASSETS, challenge([exact({ asset: SHOP })]), {}],
  ['budgets', ASSETS, challenge([exact({ network: 'eip155:8453' })]), {}],
  ['budgets', ASSETS, challenge([exact({ asset: null })]), {}],
  ['plans', ASSETS, challenge([plan('1')], { credits: '1' }), {}],
  ['plans', CREDITS, challenge([plan('3')], { credits: '1' }), {}],
  ['plans', CREDITS, challenge([plan('1', { planId: null })], { credits: '1' }), {}],
  ['networks', { ...ASSETS, networks: ['eip155:8453'] }, challenge([exact()]), {}],
  ['payees', { ...ASSETS, payees: [USDC] }, challenge([exact()]), {}],
  ['payees', { ...ASSETS, payees: [SHOP] }, challenge([exact({ payTo: null })]), {}],
  ['allowUnstatedPrice', CREDITS, challenge([plan('1')]), {}],
  ['allowUnstatedPrice', CREDITS, challenge([plan('1')], { credits: 1 }), {}],
  ['allowUnstatedPrice', CREDITS, challenge([plan('1')], { credits: '1', maxCredits: '-1' }), {}],
  ['allowUnstatedPrice', CREDITS, challenge([plan('1')], ['1']), {}],
  ['allowUnstatedPrice', ASSETS, challenge([exact({ amount: '1e3' })]), {}],
  [
    'allowUnstatedPrice',
    { ...ASSETS, allowUnstatedPrice: true },
    challenge([exact({ amount: null })]),
    {},
  ],
  [
    'maxAmountPerPayment',
    ASSETS,
    challenge([exact({ amount: '10001' })]),
    { amount: '10001', allowed: '10000' },
  ],
  [
    'maxAmountPerPayment',
    CREDITS,
    challenge([plan('1')], { credits: '6' }),
    { amount: '6', allowed: '5' },
  ],
  [
    'maxAmountPerPayment',
    CREDITS,
    challenge([plan('1')], { credits: '1', maxCredits: '6' }),
    { amount: '6' },
  ],
  [
    'maxAmountPerPayment',
    CREDITS,
    challenge([plan('1')], { credits: '6', maxCredits: '1' }),
    { amount: '6' },
  ],
])('%s forbids what it should', (limit, limits, asked, more) => {
  const error = forbidden(limits, asked)
  expect(error).toMatchObject({ code: 'limit_exceeded', limit, ...more })
  expect(error.message).toMatch(/; nothing was paid$/)
  expect(error.paymentRequired).toBe(asked)
})

test('total forbids what is more than is left', () => {
  const budget = new LimitedBudget(checkLimits({ ...CREDITS, plans: ['1'] }))
  for (let i = 0; i < 4; i++) budget.reserve(challenge([plan('1')], { credits: '4' })).settle(4n)
  const one = challenge([plan('1')], { credits: '5' })
  expect(() => budget.reserve(one)).toThrow(
    expect.objectContaining({
      limit: 'total',
      amount: '5',
      allowed: '4',
      message: 'the call costs 5 credits of plan 1, and 4 of total 20 are left; nothing was paid',
    }),
  )
})

test('the limit named is that of the way to pay that came closest', () => {
  const far = exact({ scheme: 'odd' })
  const near = exact({ amount: '10001' })
  expect(forbidden(ASSETS, challenge([far, near, far])).limit).toBe('maxAmountPerPayment')
})

test.each<[string, PaymentLimits, Requirement[], Partial<Requirement>]>([
  ['the only one that fits', ASSETS, [exact({ amount: '99999' }), plan('1'), exact()], exact()],
  [
    'the cheapest of an asset',
    ASSETS,
    [exact(), exact({ amount: '7' }), exact({ amount: '9' })],
    { amount: '7' },
  ],
  ['the plan before the asset', { ...ASSETS, ...CREDITS }, [exact(), plan('2')], { planId: '2' }],
  ['plans in their order', CREDITS, [plan('2'), plan('1')], { planId: '1' }],
  [
    'an asset in another case',
    ASSETS,
    [exact({ asset: USDC.toLowerCase() })],
    { asset: USDC.toLowerCase() },
  ],
  [
    'an allowed payee',
    { ...ASSETS, payees: [SHOP.toLowerCase()] },
    [exact({ payTo: USDC }), exact()],
    { payTo: SHOP },
  ],
  [
    'an allowed network',
    { ...CREDITS, networks: ['stripe'] },
    [plan('1'), plan('2', { network: 'stripe' })],
    { network: 'stripe' },
  ],
  [
    "a scheme of one's own",
    { ...ASSETS, schemes: ['odd'] },
    [exact(), exact({ scheme: 'odd' })],
    { scheme: 'odd' },
  ],
  ['a plan whatever the payees', { ...CREDITS, payees: [SHOP] }, [plan('1')], { planId: '1' }],
])('of several ways to pay, %s is taken', (_, limits, accepts, chosen) => {
  expect(reserve(limits, challenge(accepts, { credits: '1' })).requirement).toMatchObject(chosen)
})

test('an address that only looks the same is another one', () => {
  const network = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
  const budgets = { [`${network}/EPjF`]: { maxAmountPerPayment: 10000n, total: 10000n } }
  const limits = { budgets }
  expect(forbidden(limits, challenge([exact({ network, asset: 'epjf' })])).limit).toBe('budgets')
  expect(reserve(limits, challenge([exact({ network, asset: 'EPjF' })])).amount).toBe(10000n)
})

test('what a call can cost at most is reserved', () => {
  const asked = challenge([plan('1')], { credits: '2', maxCredits: '5' })
  expect(reserve(CREDITS, asked).amount).toBe(5n)
  expect(reserve({ ...CREDITS, allowUnstatedPrice: true }, challenge([plan('1')])).amount).toBe(5n)
})

test('each plan and each asset has a budget of its own', () => {
  const budget = new LimitedBudget(checkLimits({ ...CREDITS, ...ASSETS }))
  budget.reserve(challenge([plan('1')], { credits: '5' }))
  budget.reserve(challenge([plan('2')], { credits: '3' })).settle(2n)
  budget.reserve(challenge([exact()])).release()
  expect(budget.standing()).toEqual([
    { unit: { planId: '1' }, total: 20n, spent: 0n, held: 5n, left: 15n },
    { unit: { planId: '2' }, total: 20n, spent: 2n, held: 0n, left: 18n },
    expect.objectContaining({ spent: 0n, held: 0n, left: 50000n }),
  ])
})

test('a reservation ends once', () => {
  const budget = new LimitedBudget(checkLimits(CREDITS))
  const reservation = budget.reserve(challenge([plan('1')], { credits: '5' }))
  reservation.settle(4n)
  reservation.release()
  reservation.settle(4n)
  expect(budget.standing()[0]).toMatchObject({ spent: 4n, held: 0n })
})

test('amounts beyond what a number holds are exact', () => {
  const huge = (10n ** 30n).toString()
  const limits = { budgets: { [BASE]: { maxAmountPerPayment: huge, total: huge } } }
  const asked = challenge([exact({ amount: (10n ** 30n + 1n).toString() })])
  expect(forbidden(limits, asked).limit).toBe('maxAmountPerPayment')
  expect(reserve(limits, challenge([exact({ amount: huge })])).amount).toBe(10n ** 30n)
})

test('changing the limits afterwards changes nothing', () => {
  const plans = ['1']
  const limits = { credits: { maxAmountPerPayment: 1n, total: 1n }, plans }
  const budget = new LimitedBudget(checkLimits(limits))
  plans.push('2')
  limits.credits.maxAmountPerPayment = 99n
  budget.limits.allowances.forEach(({ unit }) => expect(unit).toEqual({ planId: '1' }))
  expect(() => budget.reserve(challenge([plan('1')], { credits: '2' }))).toThrow(
    'maxAmountPerPayment',
  )
})
