import { expect, test } from '@jest/globals'
import {
  requiresPayment,
  type AssetRequirements,
  type PaidHandler,
  type RequiresPaymentOptions,
} from '../../../src/index.js'
import { assetPaymentKey } from '../../../src/wire/payment-key.js'
import { FUNCTION_URL } from '../../support/events.js'
import {
  NOTHING_HAPPENED,
  callWith,
  challengeFrom,
  countingShop,
  inCents,
  moneyChallenge,
  paymentFor,
  whatHappened,
} from './support/money.js'
import { SEALED, SHARINGS, pair, play, withRaw } from './support/money-pairs.js'
import { TOOL } from '../../support/outcome.js'
import { hello, result, type Target } from '../phases/support/phases.js'
import { allTextOf, challengeOf, receiptOf, stack, toolCall } from '../../support/seller.js'

type Fields = Record<string, unknown>

const CENT = 10_000n
/** How long a second call with the same payment waits for the first. */
const WAIT_MS = 100
const failed = result({ isError: true, content: [{ type: 'text', text: 'No' }] })

function paidBy(payment: Fields, params: Fields = {}): Fields {
  return withRaw(toolCall(TOOL, {}, { ...params, _meta: { 'x402/payment': payment } }))
}

/** Calls that are refused with the payment of another one, whose id they bear. */
const REFUSED: [string, (payment: Fields) => Fields][] = [
  ['in work', (payment) => paidBy(payment)],
  [
    'of other terms',
    (payment) =>
      paidBy({
        ...payment,
        accepted: { ...(payment['accepted'] as AssetRequirements), payTo: '' },
      }),
  ],
  ['for a task', (payment) => paidBy(payment, { task: {} })],
]

test.each(SHARINGS.flatMap((how) => REFUSED.map(([which, second]) => ({ ...how, which, second }))))(
  '$name: a call refused for a payment $which does not end the work on it',
  async (how) => {
    const shop = await pair({ ...how.options(), waitForAnswerMs: WAIT_MS })
    const payment = await shop.payment()
    let runs = 0
    const target: Target = async (request) => {
      runs += 1
      if (runs > 1) return hello(request)
      await play(shop.handle, how.second(payment), target, how)
      await play(shop.handle, paidBy(payment), target, how)
      return hello(request)
    }
    await play(shop.handle, paidBy(payment), target, how)
    expect([runs, await shop.spent()]).toEqual([1, CENT])
  },
)

test.each(
  SHARINGS.flatMap((how) => [
    { ...how, ends: 'succeeds', preview: hello },
    { ...how, ends: 'fails', preview: failed },
  ]),
)('$name: a free call with a payment that $ends does not end the work on it', async (how) => {
  const price = (event: { mcp: { gatewayRequest: { body: object } } }) =>
    JSON.stringify(event.mcp.gatewayRequest.body).includes('preview') ? '$0' : '$0.01'
  const shop = await pair({ ...how.options(), price, waitForAnswerMs: WAIT_MS })
  const payment = await shop.payment()
  const preview = toolCall(TOOL, { preview: true }, { _meta: { 'x402/payment': payment } })
  let runs = 0
  const target: Target = async (request) => {
    runs += 1
    if (runs > 1) return hello(request)
    await play(shop.handle, withRaw(preview), how.preview, how)
    await play(shop.handle, paidBy(payment), target, how)
    return hello(request)
  }
  await play(shop.handle, paidBy(payment), target, how)
  expect([runs, await shop.spent()]).toEqual([1, CENT])
})

test('a refund is due once, however often the answer comes by', async () => {
  const shop = await pair({ flow: 'upfront', ...SEALED.options() })
  const again: typeof shop.handle = async (event, context) => {
    const { mcp } = event as { mcp: Fields }
    if (mcp['gatewayResponse']) await shop.handle(event, context)
    return shop.handle(event, context)
  }
  const { output } = await play(again, paidBy(await shop.payment()), failed)
  expect(allTextOf(output)).toContain('No')
  expect(shop.refunds).toMatchObject([{ reason: 'handler_failed', amount: '10000' }])
  expect([shop.asked(), await shop.spent()]).toEqual([['settle'], CENT])
})

async function pathShop() {
  const local = await stack()
  const seen: string[] = []
  const handler: PaidHandler<never, { rawPath: string }> = ({ rawPath }) => {
    seen.push(rawPath)
    return { statusCode: 200, body: 'Hello!' }
  }
  const tools = { '/free': 'free', '/é': { price: '$0.50' }, '/slash/': { price: '$0.50' } }
  const options = { ...inCents(local), httpEvents: 'http', tools } as RequiresPaymentOptions
  const sold = requiresPayment(handler, options)
  const call = (rawPath: string) => {
    const requestContext = { http: { method: 'GET', path: rawPath } }
    return sold({ version: '2.0', rawPath, rawQueryString: '', headers: {}, requestContext })
  }
  return { call, seen }
}

test.each(['/free?/../dear', '/free#/../dear', '/free/.\t./dear', '/free\n', '/free\0'])(
  'the decoded path %j is not in its plain form',
  async (path) => {
    const { call, seen } = await pathShop()
    expect(await call(path)).toMatchObject({ statusCode: 400 })
    expect(seen).toEqual([])
  },
)

test.each(['/E\u0301', '/%C3%89', '/slash', '/slash/'])(
  'a path that %j is another spelling of does not cost what others do',
  async (path) => {
    const { call, seen } = await pathShop()
    expect(await call(path)).toMatchObject({ statusCode: 404 })
    expect(seen).toEqual([])
  },
)

test('an answer that is too large once it is text inside JSON is not charged', async () => {
  const text = '"'.repeat(2_000_000)
  const shop = await countingShop({}, () => ({ content: [{ type: 'text', text }] }))
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const body = toolCall(TOOL, {}, { _meta: { 'x402/payment': payment } })
  const output = await shop.handler(FUNCTION_URL.event({ body }))
  expect(JSON.stringify(output).length).toBeLessThan(6 * 1024 * 1024)
  expect(JSON.stringify(output)).toContain('You were not charged')
  expect([shop.ran(), await shop.taken()]).toEqual([1, 0n])
  const small = await shop.handler(callWith(payment))
  expect(allTextOf(small)).toBe(text)
  expect(await shop.taken()).toBe(CENT)
})

/** Reasons of facilitators that had sent the payment, or do not know whether they had. */
const SENT = [
  'invalid_exact_evm_transaction_failed',
  'invalid_exact_evm_transfer_event_mismatch',
  'unexpected_settle_error',
  'invalid_transaction_state',
  'settle_exact_evm_transaction_confirmation_timed_out',
  'Timed out while waiting for a transaction to be confirmed.',
]

test.each(
  (['authorization', 'upfront'] as const).flatMap((flow) =>
    SENT.map((reason): [string, string] => [flow, reason]),
  ),
)('%s: a settle that failed with %s may have been paid', async (flow, reason) => {
  const shop = await countingShop({ flow: flow as 'upfront' })
  const payment = await paymentFor(shop, await challengeFrom(shop))
  shop.local.x402.faults.set({ kind: 'refuse', route: 'settle', reason, times: 3 })
  const output = await shop.handler(callWith(payment))
  expect(allTextOf(output)).toContain('Do not pay again')
  expect(allTextOf(output)).not.toContain('charged')
  expect([challengeOf(output), receiptOf(output)]).toEqual([undefined, undefined])
})

test.each([
  ['an authorization', 'exact', 'authorization', 'value'],
  ['an authorization', 'exact', 'authorization', 'to'],
  ['a permission', 'upto', 'permit2Authorization', 'permitted'],
  ['a permission', 'upto', 'permit2Authorization', 'witness'],
] as const)('%s by %s whose %s lacks its %s is refused unseen', async (_, scheme, part, name) => {
  const shop = await countingShop({ scheme })
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const before = shop.local.x402.calls.length
  const signed = payment['payload'] as Fields
  const lacking = { ...(signed[part] as Fields), [name]: undefined }
  const output = await shop.handler(
    callWith({ ...payment, payload: { ...signed, [part]: lacking } }),
  )
  expect(moneyChallenge(output).error).toBe('verification failed: invalid_payload')
  const { asked, ...others } = await whatHappened(shop)
  expect({ ...others, asked: asked.slice(before) }).toEqual(NOTHING_HAPPENED)
})

/** A transaction of Solana, as far as it is looked at: the fee payer's signature, the buyer's, the message. */
function transaction(feePayers: number, message: string): string {
  const signatures = [Buffer.alloc(64, feePayers), Buffer.alloc(64, 7)]
  return Buffer.concat([Buffer.of(2), ...signatures, Buffer.from(message)]).toString('base64')
}

test.each<[string, Fields]>([
  ['another signature in the place of the fee payer', { transaction: transaction(1, 'pay') }],
  [
    'an authorization beside it',
    { transaction: transaction(0, 'pay'), authorization: { from: 'somebody', nonce: '1' } },
  ],
  ['other spaces in it', { transaction: ` ${transaction(0, 'pay')}\n` }],
])('on Solana a payment is known again by its message: %s', (_, second) => {
  const own = { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', asset: 'USDC' }
  const key = (payload: Fields) =>
    assetPaymentKey({ x402Version: 2, accepted: { scheme: 'exact' }, payload }, own)
  const first = { transaction: transaction(0, 'pay') }
  expect(key(second)).toBe(key(first))
  expect(key({ transaction: transaction(0, 'pay for something else') })).not.toBe(key(first))
})
