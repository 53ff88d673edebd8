import { expect, test } from '@jest/globals'
import {
  HTTPFacilitatorClient,
  type FacilitatorClient,
  type McpResult,
  type PaidHandler,
} from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { FUNCTION_URL } from '../../support/events.js'
import {
  assetIn,
  callWith,
  centsOrPlan,
  challengeFrom,
  moneyChallenge,
  paidIn,
  paymentFor,
} from './support/money.js'
import { SEALED, pair, play, withRaw } from './support/money-pairs.js'
import { TOOL, outcomeOf } from '../../support/outcome.js'
import { result } from '../phases/support/phases.js'
import { buy, sale } from './support/sales.js'
import { receiptOf, responseOf, stack, textOf, toolCall } from '../../support/seller.js'
import type { Terms } from './support/x402-payments.js'

const upto = { scheme: 'upto' } as const
const FACILITATOR = `0x${'fa'.repeat(20)}`

/** A handler that says what its work came to. */
function costing(amountToCharge: unknown): PaidHandler {
  return () =>
    ({ content: [{ type: 'text', text: 'Hello!' }], _meta: { amountToCharge } }) as McpResult
}

/** What a facilitator was asked on a route, as amounts. */
function amounts({ x402 }: Local, wanted: 'verify' | 'settle'): unknown[] {
  return x402.calls
    .filter(({ route }) => route === wanted)
    .map(({ body }) => (body as { paymentRequirements: { amount: unknown } }).paymentRequirements)
    .map(({ amount }) => amount)
}

const supported = (local: Local) =>
  local.x402.calls.filter(({ route }) => route === 'supported').length

test('a challenge says the most a call may cost, and for whom buyers sign', async () => {
  const shop = await sale('money', upto)
  const output = await shop.handler(callWith())
  const { scheme, amount, extra } = assetIn(moneyChallenge(output))
  expect([scheme, amount]).toEqual(['upto', '10000'])
  expect(extra).toEqual({
    name: 'USDC',
    version: '2',
    assetTransferMethod: 'permit2',
    facilitatorAddress: expect.stringMatching(/^0x[\da-fA-F]{40}$/),
  })
  expect(JSON.stringify(output)).toContain('at most $0.01 in USDC')
})

const CHARGED: [string, unknown, bigint][] = [
  ['atomic units', '2500', 2_500n],
  ['atomic units as a bigint', 2_500n, 2_500n],
  ['dollars', '$0.0025', 2_500n],
  ['more than was signed', '10001', 10_000n],
  ['much more than was signed', '$20', 10_000n],
  ['nothing at all', undefined, 10_000n],
]

test.each(CHARGED)(
  'a handler that charges %s (%s) takes as much, at most what was signed',
  async (_, charge, cost) => {
    const shop = await sale('money', upto, costing(charge))
    const output = await buy(shop)
    expect(textOf(output)).toBe('Hello!')
    expect(paidIn(output)).toMatchObject({ success: true, amount: cost.toString() })
    expect(await shop.spent()).toBe(cost)
    expect(shop.local.x402.settlements.map(({ amount }) => amount)).toEqual([cost])
    expect(amounts(shop.local, 'verify')).toEqual(['10000'])
    expect(amounts(shop.local, 'settle')).toEqual([cost.toString()])
    expect(shop.lines).toEqual([])
  },
)

test.each(['0', 0, 0n, '$0', '$0.00'])(
  'a handler that charges %s charges nothing',
  async (charge) => {
    const shop = await sale('money', upto, costing(charge))
    const output = await buy(shop)
    expect([textOf(output), receiptOf(output)]).toEqual(['Hello!', undefined])
    expect([shop.asked(), await shop.spent()]).toEqual([['verify'], 0n])
  },
)

test.each([2_500, '-1', '1.5', '0x10', '50%', '$-1', '$0.0000001', '$', '', null, {}, -1n])(
  'a charge that is none (%p) charges the quote, and is warned of',
  async (charge) => {
    const shop = await sale('money', upto, costing(charge))
    const output = await buy(shop)
    expect(paidIn(output)).toMatchObject({ success: true, amount: '10000' })
    expect(await shop.spent()).toBe(10_000n)
    expect(shop.lines).toEqual([
      {
        level: 'warn',
        message: 'amountToCharge is no valid amount ≥ 0; the quote is charged',
        details: { tool: TOOL },
      },
    ])
  },
)

test('dollars of a token that nobody knows charge the quote, and are warned of', async () => {
  const asset = `0x${'7'.repeat(40)}`
  const extra = { name: 'T', version: '1', facilitatorAddress: FACILITATOR }
  const settled: unknown[] = []
  const facilitator: FacilitatorClient = {
    verify: async () => ({ isValid: true }),
    settle: async (_payment, { amount, network }) => {
      settled.push(amount)
      return { success: true, transaction: '0xabc', network }
    },
    getSupported: async () => ({ kinds: [] }),
  }
  const options = { price: { amount: '10000', asset, extra }, facilitators: [facilitator] }
  const shop = await sale('money', { ...upto, ...options }, costing('$0.001'))
  const terms = { token: asset } as Terms
  const payment = await paymentFor(shop, await challengeFrom(shop), terms)
  const output = await shop.handler(callWith(payment))
  expect([textOf(output), settled]).toEqual(['Hello!', ['10000']])
  expect(shop.lines.at(-1)).toMatchObject({ level: 'warn', details: { tool: TOOL } })
})

test.each(['{"amount":"2500"}', '2500', '{"amount":"$0.0025"}'])(
  'a header of the handler says what to charge, and goes no further: %s',
  async (value) => {
    const handler = (() => ({
      statusCode: 200,
      headers: { 'Settlement-Overrides': value, 'X-Own': 'kept' },
      body: { content: [{ type: 'text', text: 'Hello!' }] },
    })) as unknown as PaidHandler
    const shop = await sale('money', { ...upto, creditsFrom: ['header'] }, handler)
    const output = await buy(shop)
    expect(await shop.spent()).toBe(2_500n)
    const names = Object.keys(responseOf(output).headers).map((name) => name.toLowerCase())
    expect(names).toContain('x-own')
    expect(names).not.toContain('settlement-overrides')
  },
)

test('the header counts only where the seller says so, and is taken out all the same', async () => {
  const handler = (() => ({
    statusCode: 200,
    headers: { 'settlement-overrides': '{"amount":"1"}' },
    body: { content: [{ type: 'text', text: 'Hello!' }] },
  })) as unknown as PaidHandler
  const shop = await sale('money', upto, handler)
  const output = await buy(shop)
  expect(await shop.spent()).toBe(10_000n)
  expect(JSON.stringify(responseOf(output).headers)).not.toContain('settlement-overrides')
})

test('_meta comes before the header', async () => {
  const handler = (() => ({
    statusCode: 200,
    headers: { 'settlement-overrides': '{"amount":"1"}' },
    body: { content: [], _meta: { amountToCharge: '3' } },
  })) as unknown as PaidHandler
  const shop = await sale('money', { ...upto, creditsFrom: ['header', 'meta'] }, handler)
  await buy(shop)
  expect(await shop.spent()).toBe(3n)
})

test('over HTTP the override is taken out, too', async () => {
  const handler = (() => ({
    statusCode: 200,
    headers: { 'settlement-overrides': '{"amount":"2500"}' },
    body: { content: [{ type: 'text', text: 'Hello!' }] },
  })) as unknown as PaidHandler
  const shop = await sale('money', { ...upto, creditsFrom: ['header'] }, handler)
  const token = encodeHeader(await paymentFor(shop, await challengeFrom(shop)))
  const event = FUNCTION_URL.event({ token, body: toolCall(TOOL) })
  const { status, headers } = FUNCTION_URL.said(await shop.handler(event))
  expect([status, Object.keys(headers).includes('settlement-overrides')]).toEqual([200, false])
  expect(await shop.spent()).toBe(2_500n)
})

test('of plans an amount of money says nothing, and credits nothing of money', async () => {
  const local = await stack()
  const both = {
    content: [{ type: 'text', text: 'Hello!' }],
    _meta: { amountToCharge: '2500', creditsToCharge: 3 },
  } as McpResult
  const shop = await sale('money', { ...centsOrPlan(local), ...upto }, () => both, local)
  await buy(shop)
  expect([await shop.spent(), local.balance()]).toEqual([2_500n, 100n])
  await shop.handler(local.paidEvent(TOOL))
  expect([await shop.spent(), local.balance()]).toEqual([2_500n, 97n])
})

test('credits alone say nothing about money', async () => {
  const _meta = { creditsToCharge: 3 }
  const shop = await sale('money', upto, () => ({ content: [], _meta }))
  await buy(shop)
  expect([await shop.spent(), shop.lines]).toEqual([10_000n, []])
})

test('work that failed is not charged, whatever it says', async () => {
  const failed = { content: [], isError: true, _meta: { amountToCharge: '2500' } } as McpResult
  const shop = await sale('money', upto, () => failed)
  await buy(shop)
  expect([shop.asked(), await shop.spent()]).toEqual([['verify'], 0n])
  const charging = await sale('money', { ...upto, chargeOnError: true }, () => failed)
  await buy(charging)
  expect(await charging.spent()).toBe(2_500n)
})

test('behind an interceptor the target says what its work came to', async () => {
  for (const [charge, cost] of [
    ['2500', 2_500n],
    ['99999', 10_000n],
    ['0', 0n],
  ] as const) {
    const shop = await pair({ ...upto, ...SEALED.options() })
    const payment = await shop.payment()
    const event = withRaw(toolCall(TOOL, {}, { _meta: { 'x402/payment': payment } }))
    const costs = result({ content: [], _meta: { amountToCharge: charge } })
    const { output } = await play(shop.handle, event, costs)
    expect(responseOf(output).body.result?.content).toEqual([])
    expect(await shop.spent()).toBe(cost)
  }
})

test('who settles is asked for once, and nobody else is asked on the way', async () => {
  const shop = await sale('money', upto)
  for (let i = 0; i < 3; i++) await challengeFrom(shop)
  await buy(shop)
  expect([supported(shop.local), shop.asked()]).toEqual([1, ['verify', 'settle']])
})

test.each<[string, (local: Local) => object]>([
  [
    'the price',
    ({ x402 }) => ({
      price: {
        amount: '10000',
        asset: x402.asset.address,
        extra: { facilitatorAddress: FACILITATOR },
      },
    }),
  ],
  [
    'the facilitator',
    ({ x402 }) => ({
      facilitators: [
        new HTTPFacilitatorClient({ url: x402.url, supported: { kinds: [kind(FACILITATOR)] } }),
      ],
    }),
  ],
])('who settles is not asked for where %s says it', async (_, options) => {
  const local = await stack()
  const shop = await sale('money', { ...upto, ...options(local) }, undefined, local)
  const { extra } = assetIn(await challengeFrom(shop))
  expect([extra['facilitatorAddress'], local.x402.calls]).toEqual([FACILITATOR, []])
  expect(extra['assetTransferMethod']).toBe('permit2')
})

test.each<[string, Parameters<Local['x402']['faults']['set']>[0]]>([
  ['an outage', { kind: 'error', status: 503, times: 9 }],
  ['a reset', { kind: 'reset', times: 9 }],
  ['nonsense', { kind: 'garbage', times: 9 }],
])(
  'where %s leaves open who settles, nothing runs and nothing is asked of the buyer',
  async (_, wrong) => {
    const runs: number[] = []
    const shop = await sale('money', upto, () => `run ${runs.push(1)}`)
    shop.local.x402.faults.set({ ...wrong, route: 'supported' })
    const output = await shop.handler(callWith())
    expect(outcomeOf(output)).toBe('not charged')
    expect(shop.events.map((event) => 'code' in event && event.code)).toEqual([
      'facilitator_unavailable',
    ])
    expect(runs).toEqual([])
  },
)

test.each([{ scheme: 'exact' }, { scheme: 'upto' }, { scheme: 'upto', extra: {} }])(
  'a facilitator that serves %j and no more leaves it open, too',
  async (served) => {
    const local = await stack()
    const supported = { kinds: [{ x402Version: 2, network: 'eip155:84532', ...served }] }
    const facilitators = [new HTTPFacilitatorClient({ url: local.x402.url, supported })]
    const shop = await sale('money', { ...upto, facilitators }, undefined, local)
    expect(outcomeOf(await shop.handler(callWith()))).toBe('not charged')
    expect(shop.events).toMatchObject([{ code: 'facilitator_unavailable' }])
  },
)

test('an outage is asked about again only after a while', async () => {
  let now = 1_800_000_000_000
  const local = await stack()
  const { url } = local.x402
  const facilitators = [new HTTPFacilitatorClient({ url, now: () => now })]
  const shop = await sale('money', { ...upto, facilitators, now: () => now }, undefined, local)
  local.x402.faults.set({ route: 'supported', kind: 'error' })
  for (let i = 0; i < 3; i++) await shop.handler(callWith())
  expect(supported(local)).toBe(1)
  now += 10_000
  expect(assetIn(await challengeFrom(shop)).scheme).toBe('upto')
  expect(supported(local)).toBe(2)
})

test('of exact nothing is asked of /supported on a cold start', async () => {
  const shop = await sale('money')
  await challengeFrom(shop)
  await buy(shop)
  expect([supported(shop.local), shop.local.x402.calls.length]).toEqual([0, 2])
})

function kind(facilitatorAddress: string) {
  return {
    ...{ x402Version: 2, scheme: 'upto', network: 'eip155:84532' },
    extra: { facilitatorAddress },
  }
}
