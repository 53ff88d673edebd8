import { expect, jest, test } from '@jest/globals'
import type { GatewayEvent, PaidHandler } from '../../src/index.js'
import type { Local } from '../../src/local/index.js'
import { decodeHeader } from '../../src/wire/x402.js'
import { asked } from '../support/recorded.js'
import { challengeOf, eventOf, hello, sell, stack, textOf, toolCall } from '../support/seller.js'

const TOOL = 'T___hello'

/** A call of any method with its text beside it, as the Gateway sends both. */
function eventWith(
  request: { method?: string; params?: Record<string, unknown> },
  headers: Record<string, unknown> = {},
): Record<string, unknown> {
  const { method = 'tools/call', params = {} } = request
  const body = { jsonrpc: '2.0', id: 1, method, params: { name: TOOL, arguments: {}, ...params } }
  const event = eventOf(body, headers) as { mcp: Record<string, unknown> }
  event.mcp['rawGatewayRequest'] = { body: JSON.stringify(body) }
  return event
}

type Carried = [
  name: string,
  carry: (token: string, method?: string) => ReturnType<typeof eventWith>,
]

const inArguments =
  (name: string): Carried[1] =>
  (token, method) =>
    eventWith({
      ...(method && { method }),
      params: { arguments: { city: 'Bern', headers: { accept: 'x', [name]: token } } },
    })
const inHeaders =
  (name: string, prefix = ''): Carried[1] =>
  (token, method) =>
    eventWith({ ...(method && { method }) }, { 'x-other': 'kept', [name]: prefix + token })

const CARRIERS: Carried[] = [
  [
    'params._meta',
    (token, method) =>
      eventWith({
        ...(method && { method }),
        params: { _meta: { progressToken: 'p1', 'x402/payment': decodeHeader(token) } },
      }),
  ],
  ['arguments.headers', inArguments('payment-signature')],
  ['arguments.headers in capitals', inArguments('PAYMENT-SIGNATURE')],
  ['arguments.headers as X-PAYMENT', inArguments('X-PAYMENT')],
  ['an HTTP header', inHeaders('payment-signature')],
  ['an HTTP header in capitals', inHeaders('PAYMENT-SIGNATURE')],
  ['an HTTP header in mixed case', inHeaders('Payment-Signature')],
  ['an HTTP header after Bearer', inHeaders('payment-signature', 'Bearer ')],
]

test.each(CARRIERS)('a payment in %s pays', async (_, carry) => {
  const local = await stack()
  const output = await sell(local)(carry(local.accessToken()))
  expect(textOf(output)).toBe('Hello!')
  expect(local.balance()).toBe(99n)
})

test.each(CARRIERS.slice(1))('a payment in %s is relayed byte for byte', async (_, carry) => {
  const local = await stack()
  const decoded = decodeHeader(local.accessToken())
  const spaced = Buffer.from(JSON.stringify(decoded, undefined, 1)).toString('base64')
  await sell(local)(carry(spaced))
  expect(asked(local, 'verify').map(({ x402AccessToken }) => x402AccessToken)).toEqual([spaced])
  expect(asked(local, 'settle').map(({ x402AccessToken }) => x402AccessToken)).toEqual([spaced])
})

/** Every place a handler could find the payment: the token, or the signature inside it. */
function expectNoPayment(seen: unknown, token: string): void {
  const text = JSON.stringify(seen)
  const { signature } = decodeHeader(token)?.['payload'] as { signature: string }
  expect(text).toContain(TOOL)
  expect(text).not.toContain(token)
  expect(text).not.toContain(signature)
  expect(text.toLowerCase()).not.toMatch(/payment-signature|x402\/payment|x-payment/)
}

async function seenBy(
  local: Local,
  event: unknown,
  options: Parameters<typeof sell>[2] = {},
): Promise<GatewayEvent> {
  const handler = jest.fn<PaidHandler>(hello)
  await sell(local, handler, options)(event)
  const [seen] = handler.mock.calls[0] ?? []
  if (seen === undefined) throw new Error('the handler was not called')
  return seen
}

test.each(CARRIERS)('the handler of a paid tool finds no payment in %s', async (_, carry) => {
  const local = await stack()
  const token = local.accessToken()
  expectNoPayment(await seenBy(local, carry(token)), token)
})

test.each(CARRIERS)('the handler of a free tool finds no payment in %s', async (_, carry) => {
  const local = await stack()
  const token = local.accessToken()
  expectNoPayment(await seenBy(local, carry(token), { tools: { hello: 'free' } }), token)
})

test.each(CARRIERS)('the handler of a free method finds no payment in %s', async (_, carry) => {
  const local = await stack()
  const token = local.accessToken()
  const event = carry(token, 'prompts/get')
  expectNoPayment(await seenBy(local, event, { otherMethods: 'handler' }), token)
})

test.each(CARRIERS)('a forwarded call takes no payment along in %s', async (_, carry) => {
  const local = await stack()
  const token = local.accessToken()
  const output = await sell(local)(carry(token, 'prompts/get'))
  expect(output.mcp.transformedGatewayResponse).toBeUndefined()
  expectNoPayment(output.mcp.transformedGatewayRequest, token)
  expect(local.calls).toEqual([])
})

test.each(CARRIERS)('stripping %s leaves the caller’s own event as it was', async (_, carry) => {
  const local = await stack()
  const event = carry(local.accessToken())
  const before = structuredClone(event)
  await sell(local)(event)
  expect(event).toEqual(before)
})

test('everything beside the payment stays where it was', async () => {
  const local = await stack()
  const token = local.accessToken()
  const event = eventWith(
    {
      params: {
        arguments: { city: 'Bern', headers: { accept: 'x', 'Payment-Signature': token } },
        _meta: { progressToken: 'p1', 'x402/payment': decodeHeader(token) },
      },
    },
    { 'x-other': 'kept', 'payment-signature': token },
  )
  const { gatewayRequest, rawGatewayRequest } = (await seenBy(local, event)).mcp
  const params = {
    name: TOOL,
    arguments: { city: 'Bern', headers: { accept: 'x' } },
    _meta: { progressToken: 'p1' },
  }
  expect(gatewayRequest).toEqual({
    path: '/mcp',
    httpMethod: 'POST',
    headers: { 'x-other': 'kept' },
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
  })
  expect(JSON.parse(rawGatewayRequest?.body ?? '')).toEqual(gatewayRequest.body)
})

test('arguments.headers goes only once it is empty', async () => {
  const local = await stack()
  const headers = { 'payment-signature': local.accessToken() }
  const seen = await seenBy(local, eventWith({ params: { arguments: { a: 1, headers } } }))
  expect(seen.mcp.gatewayRequest.body.params.arguments).toEqual({ a: 1 })
})

test('an empty arguments.headers that held no payment stays', async () => {
  const local = await stack()
  const http = { 'payment-signature': local.accessToken() }
  const seen = await seenBy(local, eventWith({ params: { arguments: { headers: {} } } }, http))
  expect(seen.mcp.gatewayRequest.body.params.arguments).toEqual({ headers: {} })
})

test('raw text without payment is kept byte for byte', async () => {
  const local = await stack()
  const event = eventWith({}, { 'payment-signature': local.accessToken() })
  const raw = '{ "jsonrpc":"2.0",\n  "id":1 }'
  const mcp = { ...(event['mcp'] as object), rawGatewayRequest: { body: raw } }
  const seen = await seenBy(local, { ...event, mcp })
  expect(seen.mcp.rawGatewayRequest?.body).toBe(raw)
})

test('a payment hidden in raw text by escapes is found', async () => {
  const local = await stack()
  const token = local.accessToken()
  const event = eventWith({ params: { _meta: { 'x402/payment': decodeHeader(token) } } })
  const { body } = (event['mcp'] as { rawGatewayRequest: { body: string } }).rawGatewayRequest
  const raw = body.replace('x402/payment', 'x402/p\\u0061yment')
  const mcp = { ...(event['mcp'] as object), rawGatewayRequest: { body: raw } }
  expectNoPayment(await seenBy(local, { ...event, mcp }), token)
})

test.each([
  ['params._meta', (token: string) => ({ _meta: { 'x402/payment': decodeHeader(token) } })],
  [
    'arguments.headers',
    (token: string) => ({ arguments: { headers: { 'payment-signature': token } } }),
  ],
])('a payment in %s comes before one in the HTTP headers', async (_, params) => {
  const local = await stack()
  const other = local.ledger.addAccount().address
  local.ledger.credit(local.planId, other, 5n)
  const http = { 'payment-signature': local.accessToken() }
  await sell(local)(eventWith({ params: params(local.accessToken({ from: other })) }, http))
  expect(local.ledger.balance(local.planId, other)).toBe(4n)
  expect(local.balance()).toBe(100n)
})

test('the same payment in two places of a call pays once', async () => {
  const local = await stack()
  const token = local.accessToken()
  const params = {
    _meta: { 'x402/payment': decodeHeader(token) },
    arguments: { headers: { 'payment-signature': token, 'X-PAYMENT': token } },
  }
  expect(textOf(await sell(local)(eventWith({ params })))).toBe('Hello!')
  expect(local.balance()).toBe(99n)
})

test.each([
  [
    'in _meta and arguments.headers',
    (one: string, two: string) => ({
      _meta: { 'x402/payment': decodeHeader(one) },
      arguments: { headers: { 'payment-signature': two } },
    }),
  ],
  [
    'in one header spelled twice',
    (one: string, two: string) => ({
      arguments: { headers: { 'payment-signature': one, 'PAYMENT-SIGNATURE': two } },
    }),
  ],
])('two different payments %s are both refused', async (_, params) => {
  const local = await stack()
  const output = await sell(local)(
    eventWith({ params: params(local.accessToken(), local.accessToken()) }),
  )
  expect(challengeOf(output)?.error).toBe('two different payments in one call')
  expect(asked(local, 'verify')).toEqual([])
})

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['a text in _meta', { _meta: { 'x402/payment': 'token' } }, {}],
  ['null in _meta', { _meta: { 'x402/payment': null } }, {}],
  ['a number in arguments.headers', { arguments: { headers: { 'payment-signature': 7 } } }, {}],
  ['an HTTP header that is a list', {}, { 'payment-signature': ['token'] }],
  ['more than 64 KiB', {}, { 'payment-signature': 'a'.repeat(65_537) }],
  [
    'more than 64 KiB in _meta',
    { _meta: { 'x402/payment': { x402Version: 2, payload: {}, pad: 'a'.repeat(65_536) } } },
    {},
  ],
])('%s is a malformed payment', async (_, params, headers) => {
  const local = await stack()
  const output = await sell(local)(eventWith({ params }, headers))
  expect(challengeOf(output)?.error).toBe('payment malformed')
  expect(asked(local, 'verify')).toEqual([])
})

test('a token of exactly 64 KiB is still asked about', async () => {
  const local = await stack()
  await sell(local)(eventWith({}, { 'payment-signature': 'a'.repeat(65_536) }))
  expect(asked(local, 'verify')).toHaveLength(1)
})

test.each([{}, { 'payment-signature': '' }, { 'payment-signature': null }, { other: 'x' }])(
  'headers %j hold no payment',
  async (headers) => {
    const local = await stack()
    const output = await sell(local)(eventWith({}, headers))
    expect(challengeOf(output)?.error).toBe('payment required')
  },
)

test.each<[string, string | string[], (token: string) => Record<string, string>]>([
  ['the one header named', 'X-Pay', (token) => ({ 'x-pay': token })],
  ['the second header named', ['X-One', 'X-Two'], (token) => ({ 'X-TWO': token })],
  ['the first that decodes', ['X-One', 'X-Two'], (token) => ({ 'x-one': 'no', 'x-two': token })],
  [
    'Authorization after Bearer',
    'Authorization',
    (token) => ({ authorization: `Bearer ${token}` }),
  ],
  [
    'a later header, past an identity in Authorization',
    ['authorization', 'payment-signature'],
    (token) => ({ authorization: 'Bearer ey.id', 'payment-signature': token }),
  ],
])('tokenHeader: %s is taken', async (_, tokenHeader, headers) => {
  const local = await stack()
  const token = local.accessToken()
  const event = eventWith({}, { ...headers(token), 'x-other': 'kept' })
  const seen = await seenBy(local, event, { tokenHeader })
  expectNoPayment(seen, token)
  expect(seen.mcp.gatewayRequest.headers?.['x-other']).toBe('kept')
  expect(local.balance()).toBe(99n)
})

test('of several headers that do not decode the first named is relayed as it is', async () => {
  const local = await stack()
  const handler = sell(local, hello, { tokenHeader: ['X-One', 'X-Two'] })
  await handler(eventWith({}, { 'x-two': 'second', 'x-one': 'first' }))
  expect(asked(local, 'verify').map(({ x402AccessToken }) => x402AccessToken)).toEqual(['first'])
})

test('a header that is not named carries no payment', async () => {
  const local = await stack()
  const event = eventWith({}, { 'payment-signature': local.accessToken() })
  const output = await sell(local, hello, { tokenHeader: 'X-Pay' })(event)
  expect(challengeOf(output)?.error).toBe('payment required')
})

test.each([
  ['an HTTP header', {}, { Authorization: 'Bearer ey.id' }],
  ['arguments.headers', { arguments: { headers: { Authorization: 'Bearer ey.id' } } }, {}],
])('an identity in Authorization, in %s, is never relayed', async (_, params, headers) => {
  const local = await stack()
  const handler = sell(local, hello, { tokenHeader: 'Authorization' })
  const output = await handler(eventWith({ params }, headers))
  expect(challengeOf(output)?.error).toBe('payment required')
  expect(asked(local, 'verify')).toEqual([])
})

test('an identity in Authorization reaches the handler but is not echoed to the target', async () => {
  const local = await stack()
  const options = { tokenHeader: ['Authorization', 'payment-signature'] }
  const headers = { Authorization: 'Bearer ey.id', 'payment-signature': local.accessToken() }
  const seen = await seenBy(local, eventWith({}, headers), options)
  expect(seen.mcp.gatewayRequest.headers).toEqual({ Authorization: 'Bearer ey.id' })
  const list = eventOf({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { ...headers, a: 'b' })
  const forwarded = await sell(local, hello, options)(list)
  expect(forwarded.mcp.transformedGatewayRequest?.headers).toEqual({ a: 'b' })
})

test('an event without raw body is given none that holds a payment', async () => {
  const local = await stack()
  const token = local.accessToken()
  const event = eventOf(toolCall(TOOL, {}, { _meta: { 'x402/payment': decodeHeader(token) } }))
  expectNoPayment(await seenBy(local, event), token)
})
