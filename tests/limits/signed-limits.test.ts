// What may be paid is said in one vocabulary. Every limit means the same to the paying clients, `PaymentManager` and
// the plugin. It is checked alike, and refuses a payment in the same words.
import { expect, test } from '@jest/globals'
import {
  PaymentManager,
  type OptionsError,
  type SignedPaymentLimits,
} from '../../src/agentcore/index.js'
import { createBudget, payingFetch } from '../../src/client/index.js'
import { SIGNED_LIMITS } from '../../src/limits/check-limits.js'
import { AgentCorePaymentsPluginConfig } from '../../src/strands/index.js'
import { paying } from '../agentcore/support/payment-header.js'
import {
  ASSET,
  NETWORK,
  OTHER,
  PAYEE,
  asking,
  requirement,
  sells,
  seller,
  wallet,
} from '../client/support/http-seller.js'
import { get, reasonsOf, shopper } from '../strands/support/agent.js'

const PLENTY = { maxAmountPerPayment: 1_000_000n, total: 1_000_000n }
const budgets = { [`${NETWORK}/${ASSET}`]: PLENTY }
const paymentManagerArn =
  'arn:aws:bedrock-agentcore:eu-west-1:123456789012:payment-manager/mine-abcdefghij'

/** What came of a payment: why it was not made, and the scheme of each that a signature was asked for. */
interface Outcome {
  why: string | undefined
  schemes: unknown[]
}

/** Pays a URL within limits. */
type Pay = (url: string, limits: SignedPaymentLimits) => Promise<Outcome>

const whyOf = (paying: Promise<unknown>) =>
  paying.then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )

interface Asked {
  paymentInput: { cryptoX402: { payload: { scheme: string } } }
}

const schemesIn = (calls: readonly { body: unknown }[]) =>
  calls.map(({ body }) => (body as Asked).paymentInput.cryptoX402.payload.scheme)

const PAYS: Record<string, Pay> = {
  'a paying client': async (url, limits) => {
    const { pay, asked } = wallet()
    const why = await whyOf(payingFetch(pay, { budgets, ...limits })(url))
    return { why, schemes: asked.map(([, { requirement: paid }]) => paid.scheme) }
  },
  PaymentManager: async (url, limits) => {
    const { pay, calls } = await paying()
    const response = await fetch(url)
    const { headers } = response
    const request = { url: response.url, headers, body: await response.text() }
    const why = await whyOf(pay(request, { limits }))
    return { why, schemes: schemesIn(calls('ProcessPayment')) }
  },
  'the plugin': async (url, limits) => {
    const { agentThat, calls } = await shopper({ limits })
    const result = await agentThat([{ tools: [get(url)] }]).agent.invoke('buy it')
    const [reason] = reasonsOf(result)
    const why = reason && String(reason['exceptionMessage'])
    return { why, schemes: schemesIn(calls('ProcessPayment')) }
  },
}

const doors = Object.entries(PAYS)

/** Sells for a cent, by offers that differ in these. */
const shopWith = (...offers: object[]) => {
  const extra = { name: 'USDC', version: '2' }
  const accepts = offers.map((more) => ({ ...requirement, extra, ...more }))
  return seller((got, response, nth) => {
    const answer = 'payment-signature' in got.headers ? sells : asking({ accepts })
    answer(got, response, nth)
  })
}

type Case = [limit: keyof SignedPaymentLimits, limits: SignedPaymentLimits, said: string]

const FORBIDS: Case[] = [
  ['schemes', { schemes: ['upto'] }, 'asked: exact; allowed: upto'],
  ['assets', { assets: [OTHER] }, `asked: ${NETWORK}/${ASSET}; allowed: ${OTHER}`],
  ['assets', { assets: [`base/${ASSET}`] }, `asked: ${NETWORK}/${ASSET}; allowed: base/${ASSET}`],
  ['payees', { payees: [OTHER] }, `asked: ${PAYEE}; allowed: ${OTHER}`],
  ['maxTimeoutSeconds', { maxTimeoutSeconds: 59 }, 'asked: 60 s; allowed: at most 59 s'],
  [
    'maxAmountPerPayment',
    { maxAmountPerPayment: '9999' },
    `asked: 10000 of ${NETWORK}/${ASSET}; allowed: at most 9999`,
  ],
]

test.each(doors.flatMap(([door, pay]) => FORBIDS.map((one) => [door, ...one, pay] as const)))(
  '%s: %s of %j forbids a payment, and says so',
  async (_door, limit, limits, said, pay) => {
    const { url, paid } = await shopWith({})
    const why = `limits.${limit} forbids every way to pay that the seller offers (${said}); nothing was paid`
    expect(await pay(url, limits)).toEqual({ why, schemes: [] })
    expect(paid()).toEqual([])
  },
)

test.each(doors)('%s: hosts forbid a payment, and say so', async (_, pay) => {
  const { url, port, paid } = await shopWith({})
  for (const hosts of [['shop.example'], ['127.0.0.1:1']]) {
    const said = `asked: 127.0.0.1:${port}; allowed: ${hosts[0]}`
    const why = `limits.hosts forbids every way to pay that the seller offers (${said}); nothing was paid`
    expect(await pay(url, { hosts })).toEqual({ why, schemes: [] })
  }
  expect(paid()).toEqual([])
})

const ALLOWS: [limit: keyof SignedPaymentLimits, limits: SignedPaymentLimits][] = [
  ['schemes', { schemes: ['upto', 'exact'] }],
  ['assets', { assets: [OTHER, ASSET.toLowerCase()] }],
  ['assets', { assets: [`base-sepolia/${ASSET}`] }],
  ['payees', { payees: [OTHER, PAYEE.toLowerCase()] }],
  ['hosts', { hosts: ['shop.example', '127.0.0.1'] }],
  ['maxTimeoutSeconds', { maxTimeoutSeconds: 60 }],
  ['maxAmountPerPayment', { maxAmountPerPayment: 10_000n }],
]

test.each(doors.flatMap(([door, pay]) => ALLOWS.map((one) => [door, ...one, pay] as const)))(
  '%s: %s of %o let a payment be made',
  async (_door, _limit, limits, pay) => {
    const { url } = await shopWith({})
    expect(await pay(url, limits)).toEqual({ why: undefined, schemes: ['exact'] })
  },
)

test.each(doors)(
  '%s: a payment may be valid for an hour unless a limit says more',
  async (_, pay) => {
    const long = await shopWith({ maxTimeoutSeconds: 3601 })
    const { why } = await pay(long.url, {})
    expect(why).toMatch(/^limits\.maxTimeoutSeconds .*asked: 3601 s/)
    const more = await pay(long.url, { maxTimeoutSeconds: 3601 })
    expect(more).toEqual({ why: undefined, schemes: ['exact'] })
  },
)

test.each(
  doors.flatMap(([door, pay]) =>
    [
      ['exact', 'upto'],
      ['upto', 'exact'],
    ].map((schemes) => [door, schemes, pay] as const),
  ),
)('%s: of two offers that are equal otherwise the first of %j is paid', async (_, schemes, pay) => {
  for (const offered of [schemes, schemes.toReversed()]) {
    const { url } = await shopWith(...offered.map((scheme) => ({ scheme })))
    expect((await pay(url, { schemes })).schemes).toEqual([schemes[0]])
  }
})

/** What makes limits. @throws OptionsError */
const MAKES: Record<string, (limits: object) => unknown> = {
  'a paying client': (limits) => createBudget({ budgets, ...limits }),
  PaymentManager: (limits) => new PaymentManager({ paymentManagerArn, userId: 'u', limits }),
  'the plugin': (limits) =>
    new AgentCorePaymentsPluginConfig({ paymentManagerArn, userId: 'u', limits }),
}

const LIST = 'expected a non-empty list of non-empty strings'
const SECONDS = 'expected a whole number of seconds > 0'
const AMOUNT = 'expected a whole amount ≥ 0 as bigint or decimal string'
const HOST = 'expected hosts as host or host:port, without scheme and path'

const WRONG: [option: string, value: unknown, expected: string][] = [
  ...(['schemes', 'assets', 'payees', 'hosts'] as const).flatMap((limit) =>
    [[], [''], ['a', ' '], ['a', 1], 'a', null].map((value): [string, unknown, string] => [
      limit,
      value,
      LIST,
    ]),
  ),
  [
    'assets',
    { 'base/0x1': PLENTY },
    'expected a list of <network>/<asset>; amounts are told in budgets of a paying client',
  ],
  ['hosts', ['https://shop.example'], HOST],
  ['hosts', ['shop.example/quote'], HOST],
  ['hosts', ['me@shop.example'], HOST],
  ['maxTimeoutSeconds', 0, SECONDS],
  ['maxTimeoutSeconds', 1.5, SECONDS],
  ['maxTimeoutSeconds', '60', SECONDS],
  ['maxAmountPerPayment', -1n, AMOUNT],
  ['maxAmountPerPayment', 5, AMOUNT],
  ['maxAmountPerPayment', '1.5', AMOUNT],
  ['perPayment', '1', 'is not a limit'],
  ['maxAmountPerPaymnt', '1', 'is not a limit; did you mean maxAmountPerPayment?'],
]

test.each(
  Object.entries(MAKES).flatMap(([door, make]) =>
    WRONG.map((one) => [door, ...one, make] as const),
  ),
)('%s: limits.%s refuses %p', (_door, limit, value, expected, make) => {
  let thrown: OptionsError | undefined
  try {
    make({ [limit]: value })
  } catch (error) {
    thrown = error as OptionsError
  }
  expect(thrown).toMatchObject({ name: 'OptionsError', option: `limits.${limit}`, expected })
})

test.each(Object.entries(MAKES))('%s: an asset where nothing can sign is refused', (_, make) => {
  expect(() => make({ assets: ['0x1', 'aws:base/0x1'] })).toThrow(/limits\.assets\[1\]: aws:\* /)
})

test('no limit is left out here', () => {
  const tried = new Set([...ALLOWS, ...FORBIDS].map(([limit]) => limit))
  expect([...tried].sort()).toEqual(Object.keys(SIGNED_LIMITS).sort())
  for (const limit of tried) expect(WRONG.map(([option]) => option)).toContain(limit)
})
