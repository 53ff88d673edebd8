import { expect, test } from '@jest/globals'
import type { InterceptorOutput, PaidHandler } from '../../../src/index.js'
import { decodeHeader, encodeHeader } from '../../../src/wire/x402.js'
import { FUNCTION_URL, LAMBDA_TARGETS, type Door } from '../../support/events.js'
import { challengeFrom, paymentFor } from '../money/support/money.js'
import { TOOL } from '../../support/outcome.js'
import {
  PRICE,
  WAYS,
  buy,
  receivedBy,
  refundIn,
  sale,
  type Sale,
  type Way,
} from '../money/support/sales.js'
import {
  allTextOf,
  challengeOf,
  contextWith,
  receiptOf,
  responseOf,
  textOf,
  toolCall,
} from '../../support/seller.js'

const upfront = { flow: 'upfront' } as const
const SAID = 'The tool failed after it was paid. The seller owes you a refund'

/** What a buyer is owed, as far as it is known before. */
function owed({ way, local, account }: Sale, reason: string) {
  const of = {
    plans: { credits: '1', planId: local.planId, payer: local.subscriberAddress },
    money: { amount: '10000', asset: local.x402.asset.address, payer: account.address },
  }
  const made = {
    id: expect.any(String),
    transaction: expect.any(String),
    correlationId: expect.any(String),
  }
  return { reason, network: 'eip155:84532', ...of[way], ...made }
}

/** That a refund is due is said in the answer and to everybody else, in the same words. */
function expectRefund(shop: Sale, output: InterceptorOutput, reason: string): void {
  const [refund] = shop.refunds
  expect(shop.refunds).toEqual([owed(shop, reason)])
  expect(refund?.transaction).toBe(receiptOf(output)?.['transaction'])
  expect(refundIn(output).header).toEqual(refund)
  const { correlationId, ...due } = refund ?? {}
  expect(shop.events.slice(1)).toEqual([
    { at: expect.any(Number), tool: TOOL, type: 'refund-due', correlationId, ...due },
  ])
  const logged = shop.lines.find(({ message }) => message === 'refund due')
  expect(logged).toEqual({
    level: 'error',
    message: 'refund due',
    details: { tool: TOOL, ...refund },
  })
}

const rpc = (more: object) => ({ jsonrpc: '2.0', id: 1, ...more })
const text = (said: string) => ({ content: [{ type: 'text', text: said }] })
const throwing: PaidHandler = () => {
  throw new Error('broke at 0xfeedface')
}

/** How work can end that nobody should pay for: what came of it, why, and what the buyer reads. */
const ENDINGS: [string, PaidHandler, string, string][] = [
  ['throws', throwing, 'handler_failed', SAID],
  ['rejects', () => Promise.reject(new Error('broke')), 'handler_failed', SAID],
  ['answers in no format', () => 42 as never, 'handler_failed', SAID],
  [
    'says that it failed',
    () => ({ ...text('No seats left'), isError: true }),
    'handler_failed',
    'No seats left',
  ],
  [
    'answers with a status of its own',
    () => ({ statusCode: 500, body: { error: 'x' } }),
    'handler_failed',
    '',
  ],
  [
    'asks for something first',
    () => ({ resultType: 'input_required', inputRequests: {} }),
    'handler_failed',
    '',
  ],
  [
    'charges no credits',
    () => ({ ...text('On the house'), _meta: { creditsToCharge: 0 } }),
    'nothing_charged',
    'On the house',
  ],
]

test.each(
  WAYS.flatMap((way) => ENDINGS.map((ending): [Way, ...typeof ending] => [way, ...ending])),
)('paid in %s, a handler that %s leaves a refund due', async (way, _, handler, reason, said) => {
  const shop = await sale(way, upfront, handler)
  const output = await buy(shop)
  expectRefund(shop, output, reason)
  expect(refundIn(output).meta).toEqual(shop.refunds[0])
  expect(receivedBy(shop, output)).toBe(PRICE[way])
  expect(responseOf(output).body.result?._meta?.['x402/payment-response']).toBeDefined()
  expect(allTextOf(output)).toContain(said)
  expect(JSON.stringify(output)).not.toContain('0xfeedface')
  expect(challengeOf(output)).toBeUndefined()
  expect([shop.asked(), await shop.spent()]).toEqual([['settle'], PRICE[way]])
})

test('money is owed where the handler charges no money', async () => {
  const shop = await sale('money', upfront, () => ({
    ...text('x'),
    _meta: { amountToCharge: '0' },
  }))
  const output = await buy(shop)
  expectRefund(shop, output, 'nothing_charged')
  expect([textOf(output), await shop.spent()]).toEqual(['x', 10_000n])
})

test('of plans an amount of money says nothing', async () => {
  const shop = await sale('plans', upfront, () => ({
    ...text('x'),
    _meta: { amountToCharge: '0' },
  }))
  expect([textOf(await buy(shop)), shop.refunds]).toEqual(['x', []])
})

test.each(WAYS)('after a JSON-RPC error paid in %s its data says what is owed', async (way) => {
  const error = { code: -32602, message: 'No such seat', data: { seat: 7 } }
  const shop = await sale(way, upfront, () => rpc({ error }))
  const output = await buy(shop)
  const [owed] = shop.refunds
  const data = { seat: 7, 'agentcore-x402/refund-due': owed }
  expect(responseOf(output).body.error).toEqual({ ...error, data })
  expectRefund(shop, output, 'handler_failed')
  expect(receivedBy(shop, output)).toBe(PRICE[way])
})

test.each(WAYS)('no time left after the settlement in %s leaves a refund due', async (way) => {
  const runs: number[] = []
  const shop = await sale(way, upfront, () => `run ${runs.push(1)}`)
  // The settlement takes nearly all there is.
  const context = contextWith(10_000)
  const getRemainingTimeInMillis = () => (shop.asked().includes('settle') ? 2_900 : 10_000)
  const output = await buy(shop, { ...context, getRemainingTimeInMillis })
  expectRefund(shop, output, 'no_time_left')
  expect(allTextOf(output)).toContain(SAID)
  expect(allTextOf(output)).toContain(shop.refunds[0]?.correlationId)
  expect([runs, await shop.spent()]).toEqual([[], PRICE[way]])
})

const PRICES: [Way, Record<string, unknown>][] = [
  ['plans', { creditsToCharge: 5 }],
  ['plans', { creditsToCharge: -1 }],
  ['plans', { creditsToCharge: '2' }],
  ['money', { amountToCharge: '9999' }],
  ['money', { amountToCharge: '10001' }],
  ['money', { amountToCharge: '$0.02' }],
  ['money', { amountToCharge: 'much' }],
]

test.each(PRICES)(
  'paid in %s, another price of the handler is only warned of: %j',
  async (way, _meta) => {
    const shop = await sale(way, upfront, () => ({ ...text('Hello!'), _meta }))
    const output = await buy(shop)
    expect([textOf(output), receivedBy(shop, output)]).toEqual(['Hello!', PRICE[way]])
    expect([shop.refunds, await shop.spent()]).toEqual([[], PRICE[way]])
    expect(shop.lines.map(({ level, details }) => [level, details])).toEqual([
      ['warn', { tool: TOOL }],
    ])
  },
)

test.each(WAYS)('the price that was quoted in %s is nothing to warn of', async (way) => {
  const _meta = { creditsToCharge: 1, amountToCharge: '10000' }
  const shop = await sale(way, upfront, () => ({ ...text('Hello!'), _meta }))
  await buy(shop)
  expect([shop.lines, shop.refunds]).toEqual([[], []])
})

test('credits say nothing about a price in money', async () => {
  const shop = await sale('money', upfront, () => ({ ...text('x'), _meta: { creditsToCharge: 7 } }))
  await buy(shop)
  expect([shop.lines, shop.refunds, await shop.spent()]).toEqual([[], [], 10_000n])
})

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('no mail')
    },
  ],
  ['rejects', () => Promise.reject(new Error('no mail'))],
])('an onRefundDue that %s is only logged', async (_, onRefundDue) => {
  const shop = await sale('money', { ...upfront, onRefundDue }, throwing)
  const output = await buy(shop)
  expect(refundIn(output).meta).toMatchObject({ amount: '10000' })
  expect(shop.lines).toContainEqual({
    level: 'error',
    message: 'onRefundDue threw',
    details: { tool: TOOL, error: new Error('no mail') },
  })
})

test('an asynchronous onRefundDue has ended before the answer leaves', async () => {
  let done = false
  const onRefundDue = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    done = true
  }
  await buy(await sale('money', { ...upfront, onRefundDue }, throwing))
  expect(done).toBe(true)
})

test('an onRefundDue that never ends does not keep the answer from leaving in time', async () => {
  const onRefundDue = () => new Promise<never>(() => undefined)
  const shop = await sale('money', { ...upfront, onRefundDue }, throwing)
  const context = contextWith(3_000)
  const getRemainingTimeInMillis = () => (shop.asked().includes('settle') ? 250 : 3_000)
  const output = await buy(shop, { ...context, getRemainingTimeInMillis })
  expect(refundIn(output).meta).toMatchObject({ reason: 'no_time_left' })
  expect(shop.lines.at(-1)).toMatchObject({ level: 'error', message: 'onRefundDue threw' })
})

test("the buyer's own name of the payment is in the refund", async () => {
  const shop = await sale('money', upfront, throwing)
  const challenge = await challengeFrom(shop)
  const id = 'order_1234567890abcdef'
  const extensions = { 'payment-identifier': { info: { required: false, id } } }
  const token = encodeHeader(await paymentFor(shop, challenge, {}, { extensions }))
  await shop.handler(FUNCTION_URL.event({ token, body: toolCall(TOOL) }))
  expect(shop.refunds).toMatchObject([{ paymentId: id, amount: '10000' }])
})

/** Calls the tool through another door. */
async function through(door: Door, shop: Sale) {
  const token = encodeHeader(await paymentFor(shop, await challengeFrom(shop)))
  const sent = { token, body: toolCall(TOOL) }
  return door.said(await shop.handler(door.event(sent), door.context(sent)))
}

test.each<[string, PaidHandler, number]>([
  ['a handler that threw', throwing, 500],
  ['an answer that says so', () => ({ ...text('x'), isError: true }), 200],
])('over HTTP %s is told with the refund', async (_, handler, status) => {
  const shop = await sale('money', upfront, handler)
  const said = await through(FUNCTION_URL, shop)
  expect(said.status).toBe(status)
  expect(decodeHeader(said.headers['x-refund-due'] ?? '')).toEqual(shop.refunds[0])
  expect(decodeHeader(said.headers['payment-response'] ?? '')).toMatchObject({ success: true })
  expect(said.headers['cache-control']).toBe('private')
  expect(said.message).toMatchObject({
    result: { isError: true, _meta: { 'agentcore-x402/refund-due': { ...shop.refunds[0] } } },
  })
  expect(shop.refunds).toEqual([owed(shop, 'handler_failed')])
})

test.each(LAMBDA_TARGETS)('$name says in its result what is owed', async (door) => {
  const shop = await sale('money', upfront, throwing)
  const { message } = await through(door, shop)
  expect(JSON.stringify(message)).toContain(SAID)
  expect(message).toMatchObject({
    result: { _meta: { 'agentcore-x402/refund-due': { ...shop.refunds[0] } } },
  })
  expect(shop.refunds).toEqual([owed(shop, 'handler_failed')])
})
