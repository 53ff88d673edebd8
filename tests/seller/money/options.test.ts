import { expect, test } from '@jest/globals'
import {
  HTTPFacilitatorClient,
  OptionsError,
  createInterceptor,
  requiresPayment,
  type InterceptorOptions,
  type RequiresPaymentOptions,
} from '../../../src/index.js'
import { hello } from '../../support/seller.js'
import { SHOP } from './support/x402-payments.js'

type Fields = Record<string, unknown>

const TOKEN = '0x3333333333333333333333333333333333333333'
const DOMAIN = { name: 'Token', version: '1' }
const facilitators = [new HTTPFacilitatorClient({ url: 'http://127.0.0.1:1' })]
const GOOD = { price: '$0.01', payTo: SHOP, network: 'eip155:84532', facilitators }
const PLANS = { verifyPermissions: async () => ({}), settlePermissions: async () => ({}) }
const payments = { facilitator: PLANS, plans: { getPlan: async () => ({}) } }

function thrownBy(options: unknown): OptionsError {
  try {
    requiresPayment(hello, options as RequiresPaymentOptions)
  } catch (error) {
    if (error instanceof OptionsError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const AMOUNT = 'expected amount in atomic units, as a bigint or a decimal string'
const DOLLARS = `expected dollars with at most 6 decimal places, e.g. '$0.01'`
const MONEY = `expected '$0.01', { amount, asset }, or a function that gives one`
const ASSET = 'asset: expected an address on eip155:84532'
const money = (more: Fields) => ({ amount: '1', asset: TOKEN, extra: DOMAIN, ...more })

test.each<[unknown, string]>([
  ...[0.01, 1, 1n, true, null, ['$1'], Symbol('$1')].map((it): [unknown, string] => [it, MONEY]),
  ...[
    '',
    '0.01',
    '1',
    '€1',
    '$',
    '$ 1',
    '$01',
    '$.5',
    '$1.',
    '$-1',
    '$+1',
    '$1e2',
    '$1,000',
    '$0x1',
    '$0.0000001',
    '$0.01 ',
    ' $0.01',
    '$Infinity',
  ].map((it): [unknown, string] => [it, DOLLARS]),
  ...[undefined, null, 10, 1.5, '', '-1', '+1', '1.0', '1e3', '0x1', '01', ' 1', -1n, ['1']].map(
    (amount): [unknown, string] => [money({ amount }), AMOUNT],
  ),
  ...[undefined, null, 5].map((asset): [unknown, string] => [money({ asset }), ASSET]),
  ...['', 'USDC', '0x33', `${TOKEN}0`, `0x${'g'.repeat(40)}`, ` ${TOKEN}`].map(
    (asset): [unknown, string] => [money({ asset }), `${ASSET}, got "${asset}"`],
  ),
  ...['USDC', null, []].map((extra): [unknown, string] => [
    money({ extra }),
    'expected extra to be an object',
  ]),
  ...[
    undefined,
    {},
    { name: 'T' },
    { version: '1' },
    { name: '', version: '1' },
    { name: 'T', version: 1 },
  ].map((extra): [unknown, string] => [
    money({ extra }),
    'expected extra with name and version, the EIP-712 domain of the token',
  ]),
])('the price %p is refused by name, at the top and in a row', (price, expected) => {
  const atTop = thrownBy({ ...GOOD, price })
  expect([atTop.option, atTop.expected]).toEqual(['price', expected])
  const inRow = thrownBy({ ...GOOD, price: undefined, tools: { a: { price } } })
  expect([inRow.option, inRow.expected]).toEqual(['tools.a.price', expected])
})

const EACH = [
  ['payTo', [undefined, '', '0x11', `${SHOP}1`, SHOP.slice(2), 5, null, 'shop.eth']],
  ['network', [undefined, '', 'base-sepolia', 'eip155', 'eip155:', ':1', 'EIP155:1', 5, null]],
  ['scheme', ['', 'deferred', 'Exact', 'nvm:erc4337', 5, null]],
  ['maxTimeoutSeconds', [0, 9, 3601, 60.5, '60', -60, Number.NaN, 60n, null]],
  ['facilitators', [undefined, [], {}, 'https://x402.org/facilitator', [null], [{}], null]],
  ['facilitators', [[...facilitators, { verify: hello, settle: hello }]]],
  ['paymentIdentifier', ['', 'on', true, null]],
  ['flow', ['', 'settle-first', 'escrow', true, null]],
  ['onRefundDue', [5, 'x', null]],
  ['onEvent', [5, 'x', null]],
] as const

test.each(
  EACH.flatMap(([name, values]) => values.map((value): [string, unknown] => [name, value])),
)('the option %s refuses %p by name', (name, value) => {
  const error = thrownBy({ ...GOOD, [name]: value })
  expect([error.option, error.code]).toEqual([name, 'invalid_options'])
  expect(error.message).toMatch(new RegExp(`^${name}: (expected|required)`))
})

test.each<[string, unknown]>([
  ['the shortest time', { ...GOOD, maxTimeoutSeconds: 10 }],
  ['the longest time', { ...GOOD, maxTimeoutSeconds: 3600 }],
  ['six decimal places', { ...GOOD, price: '$0.000001' }],
  ['a token with its domain', { ...GOOD, price: money({}) }],
  [
    'a token of the table without its domain',
    {
      ...GOOD,
      network: 'eip155:8453',
      price: { amount: 1n, asset: '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913' },
    },
  ],
  [
    'a token on a network that is not EVM',
    {
      ...GOOD,
      network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
      payTo: '9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin',
      price: { amount: '1', asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v' },
    },
  ],
  [
    'options that are undefined',
    {
      ...GOOD,
      scheme: undefined,
      flow: undefined,
      maxTimeoutSeconds: undefined,
      paymentIdentifier: undefined,
      onEvent: undefined,
      onRefundDue: undefined,
    },
  ],
])('%s is taken', (_, options) => {
  expect(typeof requiresPayment(hello, options as RequiresPaymentOptions)).toBe('function')
})

test.each<[string, Fields, string]>([
  ['a dollar on a network without a known one', { ...GOOD, network: 'eip155:10' }, 'price'],
  ['payTo without a price', { payments, planId: 'p', payTo: SHOP }, 'payTo'],
  ['a time without a price', { payments, planId: 'p', maxTimeoutSeconds: 60 }, 'maxTimeoutSeconds'],
  ['facilitators without a price', { payments, planId: 'p', facilitators }, 'facilitators'],
  [
    'names without a price',
    { payments, planId: 'p', paymentIdentifier: 'off' },
    'paymentIdentifier',
  ],
  ['neither a plan nor a price', { facilitators }, 'facilitators'],
  [
    'a plan beside a price that nobody can look up',
    { ...GOOD, planId: 'p', facilitator: PLANS },
    'payments',
  ],
  ['a plan beside a price without anybody for it', { ...GOOD, planId: 'p' }, 'payments'],
  [
    'payTo in a row without a price',
    { ...GOOD, price: undefined, tools: { a: { price: '$1' }, b: { payTo: SHOP } } },
    'tools.b.price',
  ],
  ['null for payTo in a row', { ...GOOD, tools: { a: { payTo: null } } }, 'tools.a.payTo'],
  ['a bad payTo in a row', { ...GOOD, tools: { a: { payTo: 'shop.eth' } } }, 'tools.a.payTo'],
  [
    'no payTo for a row',
    { ...GOOD, price: undefined, payTo: undefined, tools: { a: { price: '$1' } } },
    'tools.a.payTo',
  ],
  ['a network in a row', { ...GOOD, tools: { a: { network: 'eip155:8453' } } }, 'tools.a.network'],
  ['facilitators in a row', { ...GOOD, tools: { a: { facilitators } } }, 'tools.a.facilitators'],
  ['a scheme in a row', { ...GOOD, tools: { a: { scheme: 'upto' } } }, 'tools.a.scheme'],
  [
    'a row of no price among prices',
    { ...GOOD, price: undefined, tools: { a: { price: '$1' }, b: {} } },
    'tools.b.planId',
  ],
])('%s: refused by name when the wrapper is made', (_, options, option) => {
  expect(thrownBy(options).option).toBe(option)
})

test.each<[string, Fields, string]>([
  ['upto', { scheme: 'upto' }, 'scheme'],
  ['a bound of credits', { payments, planId: 'p', maxCredits: 5 }, 'maxCredits'],
  [
    'a bound in a row',
    { payments, tools: { a: { planId: 'p', maxCredits: 5 } } },
    'tools.a.maxCredits',
  ],
  ['a place for prices after the work', { creditsFrom: ['meta'] }, 'creditsFrom'],
  ['a charge on errors', { chargeOnError: true }, 'chargeOnError'],
  ['no charge on errors', { chargeOnError: false }, 'chargeOnError'],
  ['delivery of what is refused', { onSettlementRefused: 'deliver' }, 'onSettlementRefused'],
  ['delivery of what is unknown', { onSettlementUnknown: 'deliver' }, 'onSettlementUnknown'],
])('flow upfront leaves no room for %s', (_, options, option) => {
  expect(thrownBy({ ...GOOD, flow: 'upfront', ...options }).option).toBe(option)
  const given = { ...GOOD, flow: 'authorization', ...options } as unknown as RequiresPaymentOptions
  expect(typeof requiresPayment(hello, given)).toBe('function')
})

test.each<[string, Fields]>([
  ['withholding', { onSettlementRefused: 'withhold', onSettlementUnknown: 'withhold' }],
  ['a hook for refunds', { onRefundDue: () => undefined }],
  ['a price that is computed', { price: () => '$0.01' }],
  ['free tools', { tools: { a: 'free', b: {} } }],
])('flow upfront has room for %s', (_, options) => {
  const given = { ...GOOD, flow: 'upfront', ...options } as unknown as RequiresPaymentOptions
  expect(typeof requiresPayment(hello, given)).toBe('function')
})

test.each(['authorization', 'overlap', undefined])(
  'with flow %p there is nothing to refund',
  (flow) => {
    expect(thrownBy({ ...GOOD, flow, onRefundDue: () => undefined }).option).toBe('onRefundDue')
  },
)

test('an interceptor has nothing to overlap with', () => {
  const options = { ...GOOD, flow: 'overlap' } as unknown as InterceptorOptions
  expect(() => createInterceptor(options)).toThrow(/^flow: 'overlap' runs beside a handler/)
})
