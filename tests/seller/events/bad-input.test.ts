import { expect, jest, test } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import {
  challengeOf,
  eventOf,
  hello,
  receiptOf,
  responseOf,
  sell,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'

const TOOL = 'T___hello'
const INVALID_REQUEST = { error: { code: -32600 } }
const INVALID_PARAMS = { error: { code: -32602 } }
const CHALLENGE = { result: { isError: true, _meta: { x402: true } } }
const SOLD_RESULT = { result: { content: [{ text: 'Hello!' }] } }

type EventFor = (local: Local) => unknown

/** A paid call with this body, which may replace anything of it. */
const paying =
  (change: Record<string, unknown>): EventFor =>
  (local) =>
    eventOf({ ...toolCall(TOOL), ...change }, { 'payment-signature': local.accessToken() })
const withHeaders =
  (headersFor: (token: string) => unknown): EventFor =>
  (local) =>
    eventOf(toolCall(TOOL), headersFor(local.accessToken()) as Record<string, unknown>)
const withParams = (params: unknown) => paying({ params })
const parsed = (json: string): unknown => JSON.parse(json)
const deep = () => parsed(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)

test.each<[string, EventFor, id: unknown, expected: object]>([
  ['an empty event', () => ({}), null, INVALID_REQUEST],
  ['no event', () => undefined, null, INVALID_REQUEST],
  ['null', () => null, null, INVALID_REQUEST],
  ['a list', () => [], null, INVALID_REQUEST],
  ['a text', () => '{}', null, INVALID_REQUEST],
  ['mcp: null', () => ({ mcp: null }), null, INVALID_REQUEST],
  ['no request', () => ({ mcp: { gatewayRequest: null } }), null, INVALID_REQUEST],
  ['no body', () => ({ mcp: { gatewayRequest: {} } }), null, INVALID_REQUEST],
  ['a body that is text', () => eventOf(JSON.stringify(toolCall(TOOL))), null, INVALID_REQUEST],
  ['an empty batch', () => eventOf([]), null, INVALID_REQUEST],
  ['a batch', () => eventOf([toolCall(TOOL)]), null, INVALID_REQUEST],
  ['an id that is an object', paying({ id: { a: 1 } }), null, INVALID_REQUEST],
  ['no method', paying({ method: undefined }), 1, INVALID_REQUEST],
  ['a method that is a number', paying({ method: 5 }), 1, INVALID_REQUEST],
  ['no params', withParams(undefined), 1, INVALID_PARAMS],
  ['params that are a list', withParams([TOOL]), 1, INVALID_PARAMS],
  ['no tool', withParams({ arguments: {} }), 1, INVALID_PARAMS],
  ['a tool without name', withParams({ name: '' }), 1, INVALID_PARAMS],
  ['a tool that is an object', withParams({ name: { a: 1 } }), 1, INVALID_PARAMS],
  ['arguments that are text', withParams({ name: TOOL, arguments: '{}' }), 1, INVALID_PARAMS],
  ['arguments: null', withParams({ name: TOOL, arguments: null }), 1, SOLD_RESULT],
  ['no arguments', withParams({ name: TOOL }), 1, SOLD_RESULT],
  ['id 0', paying({ id: 0 }), 0, SOLD_RESULT],
  ['id ""', paying({ id: '' }), '', SOLD_RESULT],
  ['id null', paying({ id: null }), null, SOLD_RESULT],
  ['a fractional id', paying({ id: 1.5 }), 1.5, SOLD_RESULT],
  ['a text as id', paying({ id: '7' }), '7', SOLD_RESULT],
  ['headers: null', () => eventOf(toolCall(TOOL), null), 1, CHALLENGE],
  ['no headers', () => ({ mcp: { gatewayRequest: { body: toolCall(TOOL) } } }), 1, CHALLENGE],
  ['headers that are a list', withHeaders((token) => [token]), 1, CHALLENGE],
  ['an odd case', withHeaders((token) => ({ 'pAyMeNt-SiGnAtUrE': token })), 1, SOLD_RESULT],
  ['a token in a list', withHeaders((token) => ({ 'payment-signature': [token] })), 1, CHALLENGE],
  ['a number as token', withHeaders(() => ({ 'payment-signature': 7 })), 1, CHALLENGE],
  ['an empty token', withHeaders(() => ({ 'payment-signature': '' })), 1, CHALLENGE],
  [
    'a token of 1 MB',
    withHeaders((token) => ({ 'payment-signature': token.padEnd(1e6, 'A') })),
    1,
    CHALLENGE,
  ],
  [
    'a payment object of 1 MB',
    withParams({ name: TOOL, _meta: { 'x402/payment': { a: 'A'.repeat(1e6) } } }),
    1,
    CHALLENGE,
  ],
  [
    'a payment nested 50 000 deep',
    withParams({ name: TOOL, _meta: { 'x402/payment': { deep: deep() } } }),
    1,
    CHALLENGE,
  ],
  [
    '2 MB of arguments',
    withParams({ name: TOOL, arguments: { a: 'x'.repeat(2e6) } }),
    1,
    SOLD_RESULT,
  ],
  [
    'arguments nested 50 000 deep',
    withParams({ name: TOOL, arguments: { a: deep() } }),
    1,
    SOLD_RESULT,
  ],
  [
    '__proto__ among the arguments',
    withParams(parsed(`{"name":"${TOOL}","arguments":{"__proto__":{"name":"x"}}}`)),
    1,
    SOLD_RESULT,
  ],
  [
    'a payment in __proto__ only',
    (local) =>
      eventOf(
        toolCall(TOOL),
        parsed(`{"__proto__":{"payment-signature":"${local.accessToken()}"}}`) as object as Record<
          string,
          unknown
        >,
      ),
    1,
    CHALLENGE,
  ],
  [
    'two different payments',
    (local) =>
      eventOf(
        toolCall(
          TOOL,
          { headers: { 'x-payment': local.accessToken() } },
          {
            _meta: { 'x402/payment': decodeHeader(local.accessToken()) },
          },
        ),
      ),
    1,
    CHALLENGE,
  ],
])(
  '%s is answered with the right id, and charged only for a result',
  async (_, eventFor, id, expected) => {
    const local = await stack()
    const handler = jest.fn(hello)
    const output = await sell(local, handler)(eventFor(local))
    const sold = expected === SOLD_RESULT
    expect(responseOf(output)).toMatchObject({
      statusCode: 200,
      body: { jsonrpc: '2.0', ...expected },
    })
    expect(responseOf(output).body.id).toBe(id)
    expect(handler).toHaveBeenCalledTimes(sold ? 1 : 0)
    expect(local.balance()).toBe(sold ? 99n : 100n)
  },
)

test.each(['__proto__', 'constructor', 'prototype', 'T___toString', 'T___', '___'])(
  'a tool named %s is unknown where only listed tools are sold',
  async (name) => {
    const local = await stack()
    const handler = jest.fn(hello)
    const tools = { hello: { planId: local.planId } }
    const output = await sell(local, handler, { tools })(local.paidEvent(name))
    expect(responseOf(output).body).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32602, message: 'Unknown tool' },
    })
    expect(handler).not.toHaveBeenCalled()
  },
)

test.each<[string, object]>([
  ['that is well-formed', {}],
  ['without a tool', { params: {} }],
  ['without params', { params: undefined }],
  ['with arguments that are no object', { params: { name: TOOL, arguments: 7 } }],
])('a tool call without an id %s is neither run nor answered', async (_, change) => {
  const local = await stack()
  const handler = jest.fn(hello)
  const output = await sell(local, handler)(paying({ id: undefined, ...change })(local))
  expect(output).toEqual({
    interceptorOutputVersion: '1.0',
    mcp: { transformedGatewayResponse: { statusCode: 202 } },
  })
  expect(handler).not.toHaveBeenCalled()
  expect(local.calls).toEqual([])
})

const throwing = () => {
  throw new Error('hostile')
}
const trap = new Proxy({}, { get: throwing, has: throwing, ownKeys: throwing })

test.each<[string, () => unknown]>([
  ['throws on every access', () => trap],
  ['has a getter that throws', () => Object.defineProperty({}, 'mcp', { get: throwing })],
  ['has headers that throw', () => eventOf(toolCall(TOOL), trap)],
  ['has arguments that throw', () => eventOf(toolCall(TOOL, trap))],
])('an event that %s is answered with an internal error', async (_, eventFor) => {
  const local = await stack()
  const handler = jest.fn(hello)
  const output = await sell(local, handler)(eventFor())
  expect(responseOf(output)).toMatchObject({ statusCode: 200, body: { error: { code: -32603 } } })
  expect(handler).not.toHaveBeenCalled()
})

const circular: Record<string, unknown> = {}
circular['self'] = circular

test.each<[string, () => Record<string, unknown>]>([
  [
    'a getter that throws',
    () => Object.defineProperty({}, 'x', { get: throwing, enumerable: true }),
  ],
  ['itself', () => circular],
  ['a bigint', () => ({ credits: 1n })],
  ['a toJSON that throws', () => ({ toJSON: throwing })],
])(
  'a result that cannot be sent, since it holds %s, is a failed call and not charged',
  async (_, contentFor) => {
    const local = await stack()
    const answer = () => ({ content: [], structuredContent: contentFor() })
    const output = await sell(local, answer)(local.paidEvent(TOOL))
    expect(JSON.stringify(responseOf(output).body)).toContain(
      'The tool failed. You were not charged.',
    )
    expect(local.balance()).toBe(100n)
  },
)

test('a result whose own getter throws is a failed call and not charged', async () => {
  const local = await stack()
  const answer = () =>
    Object.defineProperty({ content: [] }, 'x', { get: throwing, enumerable: true })
  const output = await sell(local, answer)(local.paidEvent(TOOL))
  expect(textOf(output)).toBe('The tool failed. You were not charged.')
  expect(local.balance()).toBe(100n)
})

const BROKEN_LOGGER = { debug: throwing, info: throwing, warn: throwing, error: throwing }

test('an unpaid call gets its challenge though the logger throws', async () => {
  const local = await stack()
  const output = await sell(local, hello, { logger: BROKEN_LOGGER })(
    local.paidEvent(TOOL, {}, null),
  )
  expect(challengeOf(output)?.error).toBe('payment required')
})

test('a handler that fails is answered as such though the logger throws', async () => {
  const local = await stack()
  const output = await sell(local, throwing, { logger: BROKEN_LOGGER })(local.paidEvent(TOOL))
  expect(textOf(output)).toBe('The tool failed. You were not charged.')
})

test('a result that was paid for goes out though the logger throws', async () => {
  const local = await stack()
  const options = { logger: BROKEN_LOGGER, onAfterSettle: throwing }
  const output = await sell(local, hello, options)(local.paidEvent(TOOL))
  expect(local.balance()).toBe(99n)
  expect(textOf(output)).toBe('Hello!')
  expect(receiptOf(output)).toMatchObject({ success: true })
})

test('a bad override costs the quote though the logger throws', async () => {
  const local = await stack()
  const answer = () => ({ content: [], _meta: { creditsToCharge: -1 } })
  const output = await sell(local, answer, { logger: BROKEN_LOGGER })(local.paidEvent(TOOL))
  expect(receiptOf(output)).toMatchObject({ success: true })
  expect(local.balance()).toBe(99n)
})

test.each([
  ['is not charged where it is larger than a Lambda may send', 6 * 1024 * 1024, 0n],
  ['is not charged where only its encoding is too large', 2.2 * 1024 * 1024, 0n, '\u20ac'],
  ['is charged where it just fits', 5.5 * 1024 * 1024, 1n],
])('a result %s', async (_, length, charged, letter = 'x') => {
  const local = await stack()
  const output = await sell(local, () => letter.repeat(length))(local.paidEvent(TOOL))
  expect(100n - local.balance()).toBe(charged)
  expect(receiptOf(output) !== undefined).toBe(charged > 0n)
})
