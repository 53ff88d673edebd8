import { expect, test } from '@jest/globals'
import type { PaidHandler, PaymentEvent } from '../../../src/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { callWith, challengeFrom, paymentFor } from './support/money.js'
import { SEALED, pair, play, withRaw } from './support/money-pairs.js'
import { TOOL } from '../../support/outcome.js'
import { hello, result } from '../phases/support/phases.js'
import { WAYS, buy, fault, sale, type Sale, type Way } from './support/sales.js'
import { leaks, secretsOf, secretsOfToken } from '../../support/secrets.js'
import { unhandledRejections } from '../../support/rejections.js'
import { contextWith, textOf, toolCall } from '../../support/seller.js'

const FLOWS = ['authorization', 'upfront', 'overlap'] as const
const throwing: PaidHandler = () => {
  throw new Error('broke')
}
const free: PaidHandler = () => ({ content: [], _meta: { creditsToCharge: 0 } })

/** Events without what differs from run to run. */
function plain(events: readonly PaymentEvent[]): string[] {
  return events.map((event) =>
    event.type === 'failed' ? `failed ${event.code}: ${event.reason}` : event.type,
  )
}

/** How a call can go: what goes wrong, the handler, and what is told of it in each flow. */
interface Course {
  name: string
  wrong?: Parameters<typeof fault>[1]
  handler?: PaidHandler
  context?: unknown
  told: Record<(typeof FLOWS)[number], string[]>
}

const REFUSED = 'failed verification_refused: insufficient_funds'
const NOT_SETTLED = 'failed settlement_refused: insufficient_funds'
const reason = 'insufficient_funds'
const COURSES: Course[] = [
  {
    name: 'a sale',
    told: {
      authorization: ['verified', 'settled'],
      upfront: ['settled'],
      overlap: ['verified', 'settled'],
    },
  },
  {
    name: 'a refusal of verify',
    wrong: { route: 'verify', kind: 'refuse', reason },
    told: { authorization: [REFUSED], upfront: ['settled'], overlap: [REFUSED] },
  },
  {
    name: 'a refusal of settle',
    wrong: { route: 'settle', kind: 'refuse', reason },
    told: {
      authorization: ['verified', NOT_SETTLED],
      upfront: [NOT_SETTLED],
      overlap: ['verified', NOT_SETTLED],
    },
  },
  {
    name: 'a handler that throws',
    handler: throwing,
    told: {
      authorization: ['verified'],
      upfront: ['settled', 'refund-due'],
      overlap: ['verified'],
    },
  },
  {
    name: 'a handler that charges nothing',
    handler: free,
    told: {
      authorization: ['verified'],
      upfront: ['settled', 'refund-due'],
      overlap: ['verified'],
    },
  },
  {
    name: 'no time for the work',
    context: contextWith(2_999),
    told: {
      authorization: ['verified', 'failed no_time_left: too little time of the invocation is left'],
      upfront: ['failed no_time_left: too little time of the invocation is left'],
      overlap: ['failed no_time_left: too little time of the invocation is left'],
    },
  },
]
const CASES = WAYS.flatMap((way) =>
  FLOWS.flatMap((flow) => COURSES.map((course) => ({ way, flow, ...course }))),
)

test.each(CASES)('$flow, paid in $way: $name is told in this order', async (course) => {
  const { way, flow, wrong, handler, context, told } = course
  const shop = await sale(way, { flow }, handler)
  const event = await shop.paidCall()
  shop.events.splice(0)
  if (wrong !== undefined) fault(shop, wrong)
  await shop.handler(event, context)
  expect(plain(shop.events)).toEqual(told[flow])
})

test.each([
  ['authorization', ['verified', 'failed settlement_unknown']],
  ['upfront', ['failed settlement_unknown']],
  ['overlap', ['verified', 'failed settlement_unknown']],
])('%s: a settlement of unknown outcome is told with its id', async (flow, told) => {
  const shop = await sale('money', { flow })
  const event = await shop.paidCall()
  shop.events.splice(0)
  fault(shop, { route: 'settle', kind: 'garbage', times: 9 })
  await shop.handler(event)
  const types = shop.events.map((e) => (e.type === 'failed' ? `failed ${e.code}` : e.type))
  expect(types).toEqual(told)
  const settle = shop.local.x402.calls.find(({ route }) => route === 'settle')
  const last = shop.events.at(-1)
  expect(last?.correlationId).toBe(settle?.headers['x-correlation-id'])
})

test.each<[string, (shop: Sale) => Promise<Record<string, unknown>>, string]>([
  ['no payment', async () => callWith(), 'failed payment_required: payment required'],
  [
    'a payment nobody can read',
    async () => callWith({ x402Version: 2 }),
    'failed verification_refused: unsupported_scheme',
  ],
  [
    'a payment for something else',
    async (shop) =>
      callWith(await paymentFor(shop, await challengeFrom(shop), { signedAmount: '1' })),
    'failed verification_refused: value_mismatch',
  ],
])('%s is one event', async (_, call, told) => {
  const shop = await sale('money')
  const event = await call(shop)
  shop.events.splice(0)
  await shop.handler(event)
  expect(plain(shop.events)).toEqual([told])
})

test('an outage, a veto and a second use at once are one event each', async () => {
  const onBeforeVerify = () => {
    if (isVetoed) throw new Error('no')
  }
  let isVetoed = false
  const shop = await sale('money', { onBeforeVerify, waitForAnswerMs: 0 })
  const event = await shop.paidCall()
  shop.events.splice(0)
  fault(shop, { route: 'verify', kind: 'error', times: 9 })
  await shop.handler(event)
  shop.local.x402.faults.clear()
  isVetoed = true
  await shop.handler(event)
  isVetoed = false
  await Promise.all([shop.handler(event), shop.handler(event)])
  expect(plain(shop.events).sort()).toEqual([
    expect.stringMatching(/^failed facilitator_unavailable: /),
    'failed hook_refused: a hook refused the call',
    'failed payment_in_use: this payment is in work',
    'settled',
    'verified',
  ])
})

test('what is free is no event', async () => {
  const shop = await sale('money', { tools: { [TOOL]: 'free' } })
  await shop.handler(callWith())
  expect(shop.events).toEqual([])
})

test('work that is delivered unpaid, as the seller wants it, is told as a failure', async () => {
  const shop = await sale('money', { onSettlementRefused: 'deliver' })
  const event = await shop.paidCall()
  shop.events.splice(0)
  fault(shop, { route: 'settle', kind: 'refuse', reason })
  expect(textOf(await shop.handler(event))).toBe('Hello!')
  expect(plain(shop.events)).toEqual(['verified', NOT_SETTLED])
})

test.each(WAYS)('events of a sale paid in %s say who paid what, when, and which', async (way) => {
  const shop = await sale(way, { now: () => 1_700_000_000_000 })
  const payment = way === 'plans' ? await shop.paidCall() : callWith(await named(shop))
  shop.events.splice(0)
  await shop.handler(payment)
  const money = { amount: '10000', asset: shop.local.x402.asset.address }
  const charged = way === 'plans' ? { credits: '1' } : money
  const common = {
    at: 1_700_000_000_000,
    tool: TOOL,
    payer: way === 'plans' ? shop.local.subscriberAddress : shop.account.address,
    correlationId: expect.any(String),
    ...(way === 'money' && { paymentId: ID }),
  }
  const [verified, settled] = shop.events
  expect(verified).toMatchObject({ ...common, type: 'verified', ...charged })
  expect(settled).toEqual({
    ...common,
    network: 'eip155:84532',
    type: 'settled',
    ...charged,
    transaction: expect.stringMatching(/^0x[\da-f]{64}$/),
  })
  expect(verified?.correlationId).toBe(settled?.correlationId)
})

const ID = 'order_1234567890abcdef'
/** A payment with a name of the buyer's own, good for hours around the clock of the test. */
async function named(shop: Sale) {
  const extensions = { 'payment-identifier': { info: { required: false, id: ID } } }
  return paymentFor(shop, await challengeFrom(shop), {}, { extensions })
}

test('an interceptor tells in both phases what happens in them', async () => {
  const failed = result({ isError: true, content: [] })
  for (const [flow, target, told] of [
    ['authorization', hello, ['verified', 'settled']],
    ['authorization', failed, ['verified']],
    ['upfront', hello, ['settled']],
    ['upfront', failed, ['settled', 'refund-due']],
  ] as const) {
    const shop = await pair({ flow, ...SEALED.options() })
    const _meta = { 'x402/payment': await shop.payment() }
    await play(shop.handle, withRaw(toolCall(TOOL, {}, { _meta })), target)
    expect(plain(shop.events)).toEqual(told)
  }
})

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('no stream')
    },
  ],
  ['rejects', () => Promise.reject(new Error('no stream'))],
  ['never ends', () => new Promise(() => undefined)],
])('an onEvent that %s changes nothing', async (_, onEvent) => {
  const rejections = await unhandledRejections(async () => {
    for (const flow of FLOWS) {
      const shop = await sale('money', { flow, onEvent })
      expect(textOf(await buy(shop))).toBe('Hello!')
      expect([await shop.spent(), shop.lines]).toEqual([10_000n, []])
    }
  })
  expect(rejections).toEqual([])
})

test.each(WAYS.flatMap((way) => FLOWS.map((flow): [Way, string] => [way, flow])))(
  'no secret of a payment in %s is in an event, a log line or a refund (%s)',
  async (way, flow) => {
    const shop = await sale(way, { flow }, throwing)
    const events: Record<string, unknown>[] = []
    for (const wrong of [undefined, 'refuse', 'garbage'] as const) {
      const event = await shop.paidCall()
      events.push(event)
      if (wrong !== undefined) fault(shop, { route: 'settle', kind: wrong, times: 9 })
      await shop.handler(event)
      shop.local.faults.clear()
      shop.local.x402.faults.clear()
    }
    const tokens = events.map(tokenIn)
    const secrets =
      way === 'plans' ? secretsOf(shop.local, ...tokens) : tokens.flatMap(secretsOfToken)
    expect(shop.events.length).toBeGreaterThan(2)
    expect(leaks([shop.events, shop.lines, shop.refunds], secrets)).toEqual([])
  },
)

/** The payment in an event, as a token. */
function tokenIn(event: Record<string, unknown>): string {
  const { headers, body } = (event['mcp'] as { gatewayRequest: Record<string, never> })
    .gatewayRequest as unknown as {
    headers: Record<string, string>
    body: { params: { _meta?: Record<string, unknown> } }
  }
  const inMeta = body.params._meta?.['x402/payment']
  return inMeta === undefined ? (headers['payment-signature'] ?? '') : encodeHeader(inMeta)
}
