import { expect, jest, test } from '@jest/globals'
import { requiresPayment, type HandlerResult } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { PRIVATE } from '../../support/caching.js'
import {
  bothHttpPhases,
  httpContext,
  httpRequestEvent,
  httpResponseEvent,
  memoryStore,
  type HttpRequest,
} from '../phases/support/http-phases.js'
import { intercept, interceptorOptions } from '../phases/support/phases.js'
import { amounts, asked } from '../../support/recorded.js'
import { stack, toolCall } from '../../support/seller.js'

const TOOLS = {
  'POST /paid': { credits: 5 },
  'GET /paid': { credits: 3 },
  '/any': { credits: 4 },
  'POST /any': { credits: 6 },
  '/a/b': { credits: 7 },
  '/': { credits: 8 },
  '/free': 'free' as const,
  'GET /open': 'free' as const,
}

/** What one request through both phases costs, or the status it is refused with. */
async function price(request: HttpRequest, { withDefault = true, ...more }: Settings = {}) {
  const local = await stack()
  const plan = withDefault ? { planId: local.planId } : {}
  const tools = withPlans(TOOLS, local)
  const handle = intercept(local, { ...plan, tools, store: memoryStore(), ...more })
  const paid = { token: local.accessToken(), ...request }
  const { got, forwarded } = await bothHttpPhases(handle, paid)
  const isDelivered = got.body.toString() === 'Hello!'
  expect(isDelivered).toBe(forwarded !== undefined)
  return isDelivered ? 100n - local.balance() : got.status
}

interface Settings {
  withDefault?: boolean
  [option: string]: unknown
}

function withPlans(tools: typeof TOOLS, { planId }: Local): object {
  return Object.fromEntries(
    Object.entries(tools).map(([name, row]) => [name, row === 'free' ? row : { planId, ...row }]),
  )
}

test.each<[string, string, bigint]>([
  ['POST', '/paid', 5n],
  ['post', '/paid', 5n],
  ['GET', '/paid', 3n],
  ['PUT', '/paid', 1n],
  ['GET', '/any', 4n],
  ['POST', '/any', 6n],
  ['DELETE', '/any', 4n],
  ['OPTIONS', '/any', 4n],
  ['POST', '/a/b', 7n],
  ['GET', '/', 8n],
  ['GET', '/other', 1n],
  ['POST', '/free', 0n],
  ['GET', '/open', 0n],
  ['POST', '/open', 1n],
  ['GET', '/.well-known/x', 1n],
  ['GET', '/a.b/...c', 1n],
  ['GET', '/caf%C3%A9%20au%20lait', 1n],
])('%s %s costs %i', async (method, path, credits) => {
  expect(await price({ method, path })).toBe(credits)
})

test.each([
  ['/paid?free', 5n],
  ['/paid?/free', 5n],
  ['/paid#/free', 5n],
  ['/paid/', 5n],
  ['/paid/?a=//b%2f..%2e\\;', 5n],
  ['/free?x=/paid', 0n],
])('a query or a trailing slash changes no price: %s', async (path, credits) => {
  expect(await price({ path })).toBe(credits)
})

const TRICKS = [
  '//paid',
  '/a//b',
  '/paid//',
  '/./paid',
  '/free/../paid',
  '/paid/.',
  '/free/..',
  '/free/%2e%2e/paid',
  '/free/%2E./paid',
  '/free%2f..%2fpaid',
  '/%2Fpaid',
  '/a%5cb',
  '\\paid',
  '/a\\b',
  '/paid;x=1',
  '/free;/../paid',
  '/paid%00',
  '/%252e%252e/paid',
  '/%25%32%65',
  'paid',
  '',
  '*',
  'https://target.example/paid',
  '?x',
]

test.each(TRICKS)('a path that could be read in two ways is no request: %s', async (path) => {
  expect(await price({ path })).toBe(400)
})

test.each([
  '/%70aid',
  '/pai%64',
  '/%61%6E%79',
  '/a%62/b',
  '/paid%3Fx',
  '/paid%23x',
  '/paid%3Bx',
  '/a/%62',
  '/%c1%b0aid',
  '/a%c0%afb',
])('a path in disguise is never cheaper than what it reaches: %s', async (path) => {
  const paid = await price({ path })
  expect(paid).toBe(400)
})

test.each([...TRICKS, '/%66ree', '/free%20', '/FREE', '/free/x', '/fre'])(
  'without a price for everything else no path gets by: %s',
  async (path) => {
    const refused = await price({ path, method: 'PUT' }, { withDefault: false })
    expect([400, 404]).toContain(refused)
  },
)

test('a request without a method is none', async () => {
  expect(await price({ method: '' })).toBe(400)
})

test('a path nobody sells is not found, and says nothing of prices', async () => {
  const local = await stack()
  const tools = withPlans(TOOLS, local)
  const handle = intercept(local, { tools, store: memoryStore() })
  const { got } = await bothHttpPhases(handle, { path: '/other', token: local.accessToken() })
  expect(got.status).toBe(404)
  expect(JSON.parse(got.body.toString())).toEqual({ error: 'Unknown tool' })
})

test.each(['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE', 'FREE'])(
  'whatever the method, %s is sold by its path',
  async (method) => {
    expect(await price({ method, token: undefined })).toBe(402)
  },
)

test.each([
  { jsonrpc: '2.0', id: 1, method: 'ping' },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 1, result: {} },
  toolCall('/free'),
  toolCall('x_amz_bedrock_agentcore_search'),
  [],
])('a body that looks like JSON-RPC is nothing special: %j', async (message) => {
  const body = JSON.stringify(message)
  const headers = { Accept: 'application/json, text/event-stream' }
  expect(await price({ body, headers, token: undefined })).toBe(402)
  expect(await price({ body, headers, path: '/paid' })).toBe(5n)
})

test('a payment in a body is the business of the target, and pays for nothing', async () => {
  const local = await stack()
  const headers = { 'payment-signature': local.accessToken() }
  const body = JSON.stringify(toolCall('T___hello', { headers }))
  const handle = intercept(local, { store: memoryStore() })
  const { got } = await bothHttpPhases(handle, { body })
  expect(got.status).toBe(402)
  const paid = await bothHttpPhases(handle, { body, token: local.accessToken() })
  expect(paid.forwarded?.['body']).toBe(Buffer.from(body).toString('base64'))
  expect(local.balance()).toBe(99n)
})

test('what is sold is the path, in the challenge, at verify and at settle', async () => {
  const local = await stack()
  const handle = intercept(local, { store: memoryStore() })
  const { got } = await bothHttpPhases(handle, { path: '/a/b/?c=d', method: 'PUT' })
  await bothHttpPhases(handle, { path: '/a/b', method: 'PUT', token: local.accessToken() })
  const terms = { resource: { url: '/a/b' }, accepts: [{ extra: { httpVerb: 'PUT' } }] }
  expect(decodeHeader(got.headers['payment-required'] ?? '')).toMatchObject(terms)
  expect(asked(local, 'verify')[0]?.paymentRequired).toMatchObject(terms)
  expect(asked(local, 'settle')[0]?.paymentRequired).toMatchObject(terms)
})

test('a price may be computed from the request, which has its body still', async () => {
  const body = Buffer.from([1, 2, 3, 250])
  const credits = (event: unknown) => {
    const { http } = event as { http: { gatewayRequest: { body: string } } }
    return Buffer.from(http.gatewayRequest.body, 'base64').length
  }
  expect(await price({ path: '/other', body }, { credits, tools: { '/x': 'free' } })).toBe(4n)
})

/** The decorator before HTTP targets: it answers itself. */
async function answeredBy(handler: (event: object) => HandlerResult | Promise<HandlerResult>) {
  const local = await stack()
  const paid = requiresPayment(handler, { ...interceptorOptions(local), credits: 2 })
  const event = httpRequestEvent({ token: local.accessToken() })
  const output = (await paid(event, httpContext())) as unknown as {
    http: { transformedGatewayResponse: { statusCode: number; headers: object; body: string } }
  }
  const { body, ...head } = output.http.transformedGatewayResponse
  return { local, head, text: Buffer.from(body, 'base64').toString() }
}

test.each<[string, HandlerResult, number, string, string, bigint]>([
  ['a text', 'Hello!', 200, 'text/plain; charset=utf-8', 'Hello!', 2n],
  ['an object', { hello: 'you' }, 200, 'application/json', '{"hello":"you"}', 2n],
  [
    'a response',
    { statusCode: 201, headers: { 'Content-Type': 'text/html' }, body: '<p>' },
    201,
    'text/html',
    '<p>',
    2n,
  ],
  [
    'a response in base64',
    { statusCode: 200, body: Buffer.from('Hello!').toString('base64'), isBase64Encoded: true },
    200,
    'text/plain; charset=utf-8',
    'Hello!',
    2n,
  ],
  ['a redirect', { statusCode: 302 }, 302, 'text/plain; charset=utf-8', '', 2n],
  ['an error', { statusCode: 404, body: 'no' }, 404, 'text/plain; charset=utf-8', 'no', 0n],
])('a handler of plain HTTP may answer with %s', async (_, answer, status, type, text, burned) => {
  const played = await answeredBy(() => answer)
  expect(played.head).toEqual({
    statusCode: status,
    headers: {
      'Content-Type': type,
      ...(burned > 0n && { 'payment-response': expect.any(String), ...PRIVATE }),
    },
  })
  expect(played.text).toBe(text)
  expect(played.local.balance()).toBe(100n - burned)
})

test('a price inside a body in base64 is read as well', async () => {
  const body = Buffer.from('{"_meta":{"creditsToCharge":7}}').toString('base64')
  const { local } = await answeredBy(() => ({ statusCode: 200, body, isBase64Encoded: true }))
  expect(local.balance()).toBe(93n)
})

test('a handler of plain HTTP may answer with a complete output', async () => {
  const body = Buffer.from('{"a":1}').toString('base64')
  const http = { transformedGatewayResponse: { statusCode: 200, headers: { a: 'b' }, body } }
  const { head, text, local } = await answeredBy(() => ({ interceptorOutputVersion: '1.0', http }))
  expect(head).toMatchObject({ statusCode: 200, headers: { a: 'b' } })
  expect(text).toBe('{"a":1}')
  expect(local.balance()).toBe(98n)
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a number', 7],
  ['a list', [1]],
  ['a status that is none', { statusCode: 700, body: 'x' }],
  ['half a status', { statusCode: 200.5, body: 'x' }],
])('a handler of plain HTTP that answers with %s has failed', async (_, answer) => {
  const { head, text, local } = await answeredBy(() => answer as HandlerResult)
  expect(head).toMatchObject({ statusCode: 500 })
  expect(JSON.parse(text)).toEqual({ error: 'The tool failed. You were not charged.' })
  expect(local.balance()).toBe(100n)
})

test('the handler of a plain HTTP call sees the request, body and all, without payment', async () => {
  const local = await stack()
  const handler = jest.fn<(event: object) => string>(() => 'Hello!')
  const body = Buffer.from([0, 200, 255])
  const request = { body, headers: { 'X-User': 'me' } }
  const paid = requiresPayment(handler, interceptorOptions(local))
  await paid(httpRequestEvent({ ...request, token: local.accessToken() }), httpContext())
  expect(handler.mock.calls[0]?.[0]).toEqual(httpRequestEvent(request))
  expect(local.balance()).toBe(99n)
})

test('the decorator leaves responses of HTTP targets alone', async () => {
  const local = await stack()
  const handler = jest.fn<(event: object) => string>(() => 'Hello!')
  const paid = requiresPayment(handler, interceptorOptions(local))
  const output: unknown = await paid(httpResponseEvent({ body: 'x' }), httpContext())
  expect(output).toEqual({ interceptorOutputVersion: '1.0', http: {} })
  expect(handler).not.toHaveBeenCalled()
  expect(amounts(local)).toEqual({ verify: [], settle: [] })
})
