import { expect, jest, test } from '@jest/globals'
import type { PaidHandler } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { NO_STORE } from '../../support/caching.js'
import {
  DOORS,
  FUNCTION_URL,
  GATEWAY,
  GATEWAY_HTTP,
  HTTP_EVENTS,
  LAMBDA_TARGETS,
  LOAD_BALANCERS,
  MCP_ACCEPT,
  REST_API,
  type Door,
  type Sent,
} from '../../support/events.js'
import { TOOL } from '../../support/outcome.js'
import { amounts } from '../../support/recorded.js'
import { contextWith, hello, sell, stack, toolCall } from '../../support/seller.js'

/** Requests that are no sale: everything but a well-formed `tools/call`. */
async function ask(door: Door, sent: Sent, options: object = {}, answer: PaidHandler = hello) {
  const local = await stack()
  const handler = jest.fn(answer)
  const wrapped = sell(local, handler, { ...door.options, ...options })
  const output: unknown = await wrapped(door.event(sent), door.context(sent))
  return { local, handler, output, said: door.said(output) }
}

function expectNothingHappened(local: Local, handler: unknown): void {
  expect(handler).not.toHaveBeenCalled()
  expect(amounts(local)).toEqual({ verify: [], settle: [] })
  expect(local.balance()).toBe(100n)
}

const message = (method: string, more: object = { id: 3 }) => ({ jsonrpc: '2.0', method, ...more })
const named = (doors: readonly Door[]) => doors.map((door) => ({ door, name: door.name }))
const GATEWAYS = [GATEWAY, GATEWAY_HTTP]
const HTTP = DOORS.filter(({ isHttp }) => isHttp)

const lists: PaidHandler = () => ({ tools: [] })

test.each(named(HTTP_EVENTS))(
  'methods that cost nothing run the handler through $name, where no target could answer',
  async ({ door }) => {
    const { said, handler, local } = await ask(door, { body: message('tools/list') }, {}, lists)
    expect(said).toMatchObject({ status: 200, message: { id: 3, result: { tools: [] } } })
    expect(handler).toHaveBeenCalledTimes(1)
    expect(handler.mock.calls[0]?.[2]).toMatchObject({ credits: 0n, payer: undefined })
    expect(amounts(local)).toEqual({ verify: [], settle: [] })
  },
)

test.each(named(GATEWAYS))(
  'methods that cost nothing go on to the target of $name, without payment',
  async ({ door }) => {
    const sent = { body: message('tools/list'), token: 'a-token', headers: { 'x-user': 'me' } }
    const { said, handler, local } = await ask(door, sent)
    const { body, headers } = said.forwarded ?? {}
    const text = JSON.stringify(message('tools/list'))
    expect(said.status).toBeUndefined()
    expect(body).toEqual(
      door === GATEWAY ? message('tools/list') : Buffer.from(text).toString('base64'),
    )
    expect(headers).toEqual({
      Accept: 'application/json',
      'Content-Type': 'application/json',
      ...(door === GATEWAY && { 'Mcp-Session-Id': '3f1c7a50' }),
      'User-Agent': 'node',
      'X-Amzn-Trace-Id': expect.any(String),
      'X-User': 'me',
    })
    expectNothingHappened(local, handler)
  },
)

test.each(named(GATEWAYS))(
  'the handler answers them itself behind $name if it is to',
  async ({ door }) => {
    const { said, handler } = await ask(
      door,
      { body: message('ping') },
      { otherMethods: 'handler' },
    )
    expect(said).toMatchObject({ status: 200, message: { id: 3, result: {} } })
    expect(handler).toHaveBeenCalledTimes(1)
  },
)

test.each(named(HTTP_EVENTS))(
  'a method nobody knows is not run through $name',
  async ({ door }) => {
    const { said, handler, local } = await ask(door, { body: message('tools/CALL') })
    expect(said.status).toBe(404)
    expect(said.message).toEqual({
      jsonrpc: '2.0',
      id: 3,
      error: { code: -32601, message: 'Method not found' },
    })
    expectNothingHappened(local, handler)
  },
)

test.each(named(HTTP_EVENTS))(
  'a notification is accepted without a word by $name',
  async ({ door }) => {
    const body = message('notifications/initialized', {})
    const { said, output } = await ask(door, { body })
    expect(said).toEqual({ status: 202, headers: {}, message: undefined })
    expect(output).toEqual(expect.objectContaining({ body: '' }))
  },
)

test.each(named([...GATEWAYS, ...HTTP_EVENTS]))(
  'a call that nobody waits for is neither run nor sold through $name',
  async ({ door }) => {
    const body = toolCall(TOOL)
    delete body['id']
    const { said, handler, local } = await ask(door, { body, token: 'a-token' })
    expect(said).toEqual({ status: 202, headers: {}, message: undefined, forwarded: undefined })
    expectNothingHappened(local, handler)
  },
)

test.each(named(HTTP_EVENTS))("a client's answer is accepted by $name", async ({ door }) => {
  const body = { jsonrpc: '2.0', id: 'elicit-1', result: { action: 'accept' } }
  const { said, handler, local } = await ask(door, { body })
  expect(said).toEqual({ status: 202, headers: {}, message: undefined })
  expectNothingHappened(local, handler)
})

test.each(named(GATEWAYS))("a client's answer goes on to the target of $name", async ({ door }) => {
  const body = { jsonrpc: '2.0', id: 'elicit-1', error: { code: -1, message: 'no' } }
  const { said, handler, local } = await ask(door, { body })
  expect(said.forwarded).toBeDefined()
  expectNothingHappened(local, handler)
})

test.each<[string, unknown, number]>([
  ['half a JSON', '{"jsonrpc":"2.0","id":1,"method":"tools/c', -32700],
  ['no body', undefined, -32700],
  ['an empty body', '', -32700],
  ['a number', '7', -32700],
  ['null', 'null', -32700],
  ['a batch', JSON.stringify([toolCall(TOOL), toolCall(TOOL)]), -32600],
  ['an empty batch', '[]', -32600],
  ['an id that is an object', { ...toolCall(TOOL), id: {} }, -32600],
  ['a method that is a number', { jsonrpc: '2.0', id: null, method: 7 }, -32600],
  ['no method', { jsonrpc: '2.0', id: null }, -32600],
  ['a call of no tool', { jsonrpc: '2.0', id: null, method: 'tools/call' }, -32602],
  ['a call of a tool without name', toolCall('', {}, { id: null }), -32602],
])('%s is a bad request over HTTP, and no sale', async (_, body, code) => {
  for (const door of HTTP) {
    const { said, handler, local } = await ask(door, { body, token: 'a-token' })
    expect(said.status).toBe(400)
    expect(said.headers).toEqual({ 'content-type': 'application/json' })
    expect(said.message).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code, message: expect.any(String) },
    })
    expectNothingHappened(local, handler)
  }
})

test.each(['text', 7, null, undefined, [toolCall(TOOL)]])(
  'a Gateway that brings %j as a message gets an error',
  async (body) => {
    const { said, handler, local } = await ask(GATEWAY, { body, token: 'a-token' })
    expect(said).toMatchObject({ status: 200, message: { id: null, error: { code: -32600 } } })
    expectNothingHappened(local, handler)
  },
)

test.each(['GET', 'PUT', 'OPTIONS', 'HEAD', 'PATCH', 'get'])(
  '%s is not allowed where MCP is spoken, whatever its body',
  async (method) => {
    for (const door of HTTP) {
      for (const body of [undefined, message('ping'), toolCall(TOOL)]) {
        const { said, handler, local } = await ask(door, { method, body, token: 'a-token' })
        expect(said.status).toBe(405)
        expect(said.message).toMatchObject({ id: null, error: { code: -32600 } })
        expectNothingHappened(local, handler)
      }
    }
  },
)

// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server
test.each(named(HTTP))(
  'an MCP client that asks for a stream through $name is told that there is none',
  async ({ door }) => {
    const { said, handler } = await ask(door, { method: 'GET', accept: 'text/event-stream' })
    expect(said.status).toBe(405)
    expect(handler).not.toHaveBeenCalled()
  },
)

test('the end of a session goes on to an MCP server, and is not there without one', async () => {
  const asked = await ask(GATEWAY_HTTP, { method: 'DELETE', token: 'a-token' })
  expect(asked.said.forwarded?.body).toBeUndefined()
  expect(JSON.stringify(asked.said.forwarded)).not.toContain('a-token')
  expectNothingHappened(asked.local, asked.handler)
  for (const door of HTTP_EVENTS) {
    const { said, handler, local } = await ask(door, { method: 'DELETE', accept: MCP_ACCEPT })
    expect(said.status).toBe(405)
    expectNothingHappened(local, handler)
  }
})

test.each(named([FUNCTION_URL, REST_API, ...LAMBDA_TARGETS]))(
  "the name of the Gateway's own search is no way past the price through $name",
  async ({ door }) => {
    const body = toolCall('x_amz_bedrock_agentcore_search', { query: 'anything' })
    const { handler, local } = await ask(door, { body })
    expectNothingHappened(local, handler)
  },
)

test('a method in lower case is the same method', async () => {
  const { said } = await ask(
    FUNCTION_URL,
    { method: 'post', body: message('tools/list') },
    {},
    lists,
  )
  expect(said.status).toBe(200)
})

test.each<[string, string | undefined, number]>([
  ['asks for both', MCP_ACCEPT, 200],
  ['asks for streams alone', 'text/event-stream', 200],
  ['asks in capitals', 'Application/JSON, Text/Event-Stream', 200],
  ['takes anything', '*/*', 402],
  ['asks for JSON', 'application/json', 402],
  ['says nothing', '', 402],
])('a client that %s is refused as it can read it', async (_, accept, status) => {
  for (const door of [GATEWAY_HTTP, FUNCTION_URL, REST_API, ...LOAD_BALANCERS]) {
    const sent = { body: toolCall(TOOL), ...(accept !== undefined && { accept }) }
    expect((await ask(door, sent)).said.status).toBe(status)
  }
})

test('a load balancer with multi-value headers is answered with multi-value headers', async () => {
  const [plain, multi] = LOAD_BALANCERS as [Door, Door]
  const body = toolCall(TOOL)
  const challenge = {
    'Content-Type': 'application/json',
    'payment-required': expect.any(String),
    ...NO_STORE,
  }
  expect((await ask(plain, { body })).output).toMatchObject({ headers: challenge })
  expect((await ask(multi, { body })).output).toMatchObject({
    multiValueHeaders: {
      'Content-Type': ['application/json'],
      'payment-required': [expect.any(String)],
      'Cache-Control': ['no-store'],
    },
  })
})

test('a client without any headers is answered with plain ones', async () => {
  const event = FUNCTION_URL.event({ body: toolCall(TOOL) })
  delete event['headers']
  const output: unknown = await sell(await stack())(event)
  expect(output).toMatchObject({
    statusCode: 402,
    headers: { 'Content-Type': 'application/json', 'payment-required': expect.any(String) },
  })
})

const UNKNOWN: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['an empty object', {}],
  ['a message without envelope', toolCall(TOOL)],
  ['a text', 'tools/call'],
  ['a list', [{ mcp: {} }]],
  ['a queue message', { Records: [{ eventSource: 'aws:sqs', body: '{}' }] }],
  ['a schedule', { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }],
  ['a Gateway event without request', { interceptorInputVersion: '1.0', mcp: {} }],
  ['a Gateway event of nothing', { mcp: { gatewayRequest: null, gatewayResponse: null } }],
  ['an HTTP event without a method', { requestContext: {}, body: '{}' }],
  ['an HTTP event of another kind', { requestContext: { http: {} }, httpMethod: 7 }],
]

test.each(UNKNOWN)('%s is no call: nothing runs and an error is the answer', async (_, event) => {
  const local = await stack()
  const handler = jest.fn(hello)
  const output = await sell(local, handler)(event, contextWith(30_000))
  expect(GATEWAY.said(output)).toMatchObject({
    status: 200,
    message: { jsonrpc: '2.0', id: null, error: { code: -32600 } },
  })
  expectNothingHappened(local, handler)
})

test('an event of two shapes is of one, and its call is not free', async () => {
  const local = await stack()
  const handler = jest.fn(hello)
  const { mcp } = GATEWAY.event({ body: toolCall(TOOL) })
  const { http } = GATEWAY_HTTP.event({ body: message('ping') })
  const output = await sell(local, handler, { httpTargets: 'mcp' })({ mcp, http })
  expect(GATEWAY.said(output).message).toMatchObject({ id: 1, result: { isError: true } })
  expectNothingHappened(local, handler)
})

test('an HTTP target that is told nothing at all is not let through', async () => {
  const local = await stack()
  const handler = jest.fn(hello)
  for (const http of [{}, { gatewayRequest: null, gatewayResponse: null }]) {
    const output = await sell(local, handler)({ interceptorInputVersion: '1.0', http })
    expect(GATEWAY_HTTP.said(output).status).toBeGreaterThanOrEqual(400)
  }
  expectNothingHappened(local, handler)
})
