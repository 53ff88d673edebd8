import { expect, test } from '@jest/globals'
import type { HandlerResult, PaidHandler } from '../../../src/index.js'
import { amounts } from '../../support/recorded.js'
import {
  challengeOf,
  receiptOf,
  recordingLogger,
  responseOf,
  sell,
  stack,
  textOf,
} from '../../support/seller.js'

const TOOL = 'T___hello'
const content = [{ type: 'text', text: 'Hello!' }]
const rpc = (result: Record<string, unknown> = { content }) => ({ jsonrpc: '2.0', id: 'x', result })
const complete = (response: Record<string, unknown>) => ({
  interceptorOutputVersion: '1.0',
  mcp: { transformedGatewayResponse: response },
})
const answering =
  (answer: unknown): PaidHandler =>
  () =>
    answer as HandlerResult

const FORMATS: [string, unknown][] = [
  ['a bare MCP result', { content }],
  ['a result with an override', { content, _meta: { creditsToCharge: 1 } }],
  ['a whole JSON-RPC body', rpc()],
  ['a complete output', complete({ statusCode: 200, headers: {}, body: rpc() })],
  ['an output without headers', complete({ statusCode: 200, body: rpc() })],
  ['an output without status', complete({ body: rpc() })],
  ['an output without version', { mcp: { transformedGatewayResponse: { body: rpc() } } }],
  ['an output around a bare result', complete({ body: { content } })],
  ['an output whose body is JSON text', complete({ body: JSON.stringify(rpc()) })],
  ['plain text', 'Hello!'],
]

test.each(FORMATS)('%s comes out as one complete output with receipt', async (_, answer) => {
  const local = await stack()
  const output = await sell(local, answering(answer))(local.paidEvent(TOOL))
  const { statusCode, body } = responseOf(output)
  expect(Object.keys(output)).toEqual(['interceptorOutputVersion', 'mcp'])
  expect(output.interceptorOutputVersion).toBe('1.0')
  expect(statusCode).toBe(200)
  expect(body).toMatchObject({ jsonrpc: '2.0', id: 1, result: { content } })
  expect(receiptOf(output)).toMatchObject({ success: true, creditsRedeemed: '1' })
  expect(body.result?._meta?.['x402']).toEqual(receiptOf(output))
  expect(body.result?._meta?.['x402/payment-response']).toMatchObject({ success: true })
  expect(local.balance()).toBe(99n)
})

test.each(FORMATS)('%s may be one frozen object for every buyer', async (_, answer) => {
  const local = await stack()
  const before = structuredClone(answer)
  const handler = sell(local, answering(deepFreeze(answer)))
  const first = await handler(local.paidEvent(TOOL))
  const second = await handler(local.paidEvent(TOOL))
  expect(answer).toEqual(before)
  expect(receiptOf(first)?.['remainingBalance']).toBe('99')
  expect(receiptOf(second)?.['remainingBalance']).toBe('98')
})

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}

test('what else a handler puts into its answer stays in it', async () => {
  const local = await stack()
  const result = { content, structuredContent: { a: 1 }, extra: true, _meta: { own: 'kept' } }
  const answer = complete({ headers: { 'X-Own': 'kept' }, body: rpc(result) })
  const { headers, body } = responseOf(await sell(local, answering(answer))(local.paidEvent(TOOL)))
  expect(headers['X-Own']).toBe('kept')
  expect(body.result).toMatchObject(result)
})

test('a receipt of its own that a handler sends along does not go out beside ours', async () => {
  const local = await stack()
  const answer = complete({ headers: { 'Payment-Response': 'upstream' }, body: rpc() })
  const output = await sell(local, answering(answer))(local.paidEvent(TOOL))
  const { headers } = responseOf(output)
  const names = Object.keys(headers).filter((name) => name.toLowerCase() === 'payment-response')
  expect(names).toHaveLength(1)
  expect(receiptOf(output)).toMatchObject({ success: true, payer: local.subscriberAddress })
})

test.each<[string, unknown]>([
  ['undefined', undefined],
  ['null', null],
  ['a number', 7],
  ['a list', [{ content }]],
  ['true', true],
  ['an output without response', { mcp: {} }],
  ['a JSON-RPC body without result', { jsonrpc: '2.0', id: 1 }],
  ['an output whose body is plain text', complete({ body: 'Hello!' })],
  ['an output whose body is HTML', complete({ body: '<!doctype html><p>Hello!</p>' })],
  ['an output whose body is a batch', complete({ body: JSON.stringify([rpc()]) })],
  ['a Response', new Response('Hello!')],
  ['a Map', new Map([['content', content]])],
  ['an error', new Error('Hello!')],
  ['bytes', Buffer.from('Hello!')],
])('a handler that answers %s failed, which costs nothing', async (_, answer) => {
  const local = await stack()
  const output = await sell(local, answering(answer))(local.paidEvent(TOOL))
  expect(textOf(output)).toBe('The tool failed. You were not charged.')
  expect(responseOf(output).body.result?.isError).toBe(true)
  expect(amounts(local).settle).toEqual([])
  expect(local.balance()).toBe(100n)
})

const RPC_ERROR = { code: -32000, message: 'No such city' }
const FAILED: [string, unknown, Record<string, unknown>][] = [
  ['a result with isError', { content, isError: true }, { result: { content, isError: true } }],
  [
    'a JSON-RPC body with isError',
    rpc({ content, isError: true }),
    { result: { content, isError: true } },
  ],
  ['a JSON-RPC error', { jsonrpc: '2.0', id: 9, error: RPC_ERROR }, { error: RPC_ERROR }],
  [
    'an output with a JSON-RPC error',
    complete({ body: { jsonrpc: '2.0', error: RPC_ERROR } }),
    { error: RPC_ERROR },
  ],
]

test.each(FAILED)('%s goes out as given and costs nothing', async (_, answer, outcome) => {
  const local = await stack()
  const output = await sell(local, answering(answer))(local.paidEvent(TOOL))
  expect(responseOf(output).body).toEqual({ jsonrpc: '2.0', id: 1, ...outcome })
  expect(receiptOf(output)).toBeUndefined()
  expect(challengeOf(output)).toBeUndefined()
  expect(local.balance()).toBe(100n)
})

test.each(FAILED)('%s is charged where chargeOnError is set', async (_, answer, outcome) => {
  const local = await stack()
  const handler = sell(local, answering(answer), { chargeOnError: true })
  const output = await handler(local.paidEvent(TOOL))
  expect(responseOf(output).body).toMatchObject(outcome)
  expect(receiptOf(output)).toMatchObject({ success: true })
  expect(local.balance()).toBe(99n)
})

test('a handler that throws is not charged for even with chargeOnError', async () => {
  const local = await stack()
  const failing = () => Promise.reject(new Error('no'))
  await sell(local, failing, { chargeOnError: true })(local.paidEvent(TOOL))
  expect(local.balance()).toBe(100n)
})

test.each([200, 201, 202, 204])('an output with status %i is settled', async (statusCode) => {
  const local = await stack()
  const handler = sell(local, answering(complete({ statusCode, body: rpc() })))
  expect(receiptOf(await handler(local.paidEvent(TOOL)))).toMatchObject({ success: true })
  expect(local.balance()).toBe(99n)
})

test.each(FORMATS.slice(0, 4))('%s that says zero credits costs nothing', async (_, answer) => {
  const local = await stack()
  const free = JSON.parse(
    JSON.stringify(answer)
      .replace('"_meta":{"creditsToCharge":1}', '"_meta":{}')
      .replace('"content":', '"_meta":{"creditsToCharge":0},"content":')
      .replace(',"_meta":{}', ''),
  ) as unknown
  const output = await sell(local, answering(free))(local.paidEvent(TOOL))
  expect(textOf(output)).toBe('Hello!')
  expect(receiptOf(output)).toBeUndefined()
  expect(amounts(local)).toEqual({ verify: ['1'], settle: [] })
})

test.each<[string, { credits: number; maxCredits?: number }, number | undefined, string, string]>([
  ['no override settles the quote', { credits: 3 }, undefined, '3', '3'],
  ['an override is settled as given', { credits: 1 }, 5, '1', '5'],
  ['an override below the quote is settled as given', { credits: 4 }, 2, '4', '2'],
  [
    'no override settles the quote, not maxCredits',
    { credits: 2, maxCredits: 9 },
    undefined,
    '9',
    '2',
  ],
  ['an override up to maxCredits is settled', { credits: 2, maxCredits: 9 }, 9, '9', '9'],
  ['an override above maxCredits is capped', { credits: 2, maxCredits: 9 }, 10, '9', '9'],
])('%s', async (_, price, creditsToCharge, verified, settled) => {
  const local = await stack()
  const answer = { content, ...(creditsToCharge !== undefined && { _meta: { creditsToCharge } }) }
  await sell(local, answering(answer), price)(local.paidEvent(TOOL))
  expect(amounts(local)).toEqual({ verify: [verified], settle: [settled] })
  expect(local.balance()).toBe(100n - BigInt(settled))
})

test.each([-5, 1.9, true, 1e30, '2.5', '5', 'abc', null, Number.NaN, {}, 2 ** 53, 5n])(
  'creditsToCharge %p charges the quote and is logged',
  async (creditsToCharge) => {
    const local = await stack()
    const logger = recordingLogger()
    const answer = answering({ content, _meta: { creditsToCharge } })
    const output = await sell(local, answer, { credits: 2, logger })(local.paidEvent(TOOL))
    expect(textOf(output)).toBe('Hello!')
    expect(logger.lines).toMatchObject([{ level: 'warn', details: { tool: TOOL } }])
    expect(local.balance()).toBe(98n)
  },
)

const json = (credits: number) => [
  { type: 'text', text: JSON.stringify({ creditsToCharge: credits }) },
]
const SOURCES: ['meta' | 'header' | 'body' | 'content', unknown, number][] = [
  ['meta', { content, _meta: { creditsToCharge: 5 } }, 5],
  ['header', complete({ headers: { 'X-Credits-To-Charge': '3' }, body: rpc() }), 3],
  ['header', complete({ headers: { 'x-credits-to-charge': '7' }, body: rpc() }), 7],
  ['header', complete({ headers: { 'X-CREDITS-TO-CHARGE': '8' }, body: rpc() }), 8],
  ['content', { content: json(10) }, 10],
  ['content', { content: [...content, ...json(11)] }, 11],
  ['body', { content, creditsToCharge: 15 }, 15],
  ['body', { ...rpc(), creditsToCharge: 16 }, 16],
]

test.each(SOURCES)(
  'creditsToCharge in the %s counts where allowed',
  async (source, answer, credits) => {
    const local = await stack()
    await sell(local, answering(answer), { creditsFrom: [source] })(local.paidEvent(TOOL))
    expect(local.balance()).toBe(100n - BigInt(credits))
  },
)

test.each(SOURCES)(
  'creditsToCharge in the %s is ignored unless allowed',
  async (source, answer) => {
    const local = await stack()
    const others = (['meta', 'header', 'body', 'content'] as const).filter((it) => it !== source)
    await sell(local, answering(answer), { creditsFrom: others })(local.paidEvent(TOOL))
    expect(local.balance()).toBe(99n)
  },
)

test.each(SOURCES.filter(([source]) => source !== 'meta'))(
  'text a buyer may control, in the %s, sets no price by default',
  async (_, answer) => {
    const local = await stack()
    await sell(local, answering(answer))(local.paidEvent(TOOL))
    expect(local.balance()).toBe(99n)
  },
)

test.each([
  ['meta', 2],
  ['header', 3],
  ['content', 4],
  ['body', 5],
])('of several places the %s comes before those after it', async (first, credits) => {
  const local = await stack()
  const order = ['meta', 'header', 'content', 'body']
  const has = (source: string) => order.indexOf(source) >= order.indexOf(first)
  const answer = complete({
    headers: has('header') ? { 'x-credits-to-charge': '3' } : {},
    body: {
      ...rpc({
        content: has('content') ? json(4) : content,
        ...(has('meta') && { _meta: { creditsToCharge: 2 } }),
      }),
      creditsToCharge: 5,
    },
  })
  const creditsFrom = ['body', 'content', 'header', 'meta'] as const
  await sell(local, answering(answer), { creditsFrom })(local.paidEvent(TOOL))
  expect(local.balance()).toBe(100n - BigInt(credits))
})

test.each<[string, unknown]>([
  ['text that is no JSON', { content: [{ type: 'text', text: '{not json' }] }],
  ['an empty result', {}],
  ['content that is no list', { content: 'Hello!' }],
  [
    'a header that is no number',
    complete({ headers: { 'x-credits-to-charge': 'x' }, body: rpc() }),
  ],
])('%s charges the quote whatever is allowed', async (_, answer) => {
  const local = await stack()
  const creditsFrom = ['meta', 'header', 'body', 'content'] as const
  await sell(local, answering(answer), { creditsFrom, credits: 10 })(local.paidEvent(TOOL))
  expect(local.balance()).toBe(90n)
})
