import { expect, test } from '@jest/globals'
import { decodeHeader } from '../../../src/wire/x402.js'
import { COME_BACK, PRIVATE } from '../../support/caching.js'
import { MCP_ACCEPT, lowerCase } from '../../support/events.js'
import { messagesIn } from '../../support/streams.js'
import {
  bothHttpPhases,
  memoryStore,
  type HttpAnswer,
  type HttpPlay,
  type HttpRequest,
} from '../phases/support/http-phases.js'
import { TOOL } from '../../support/outcome.js'
import { intercept } from '../phases/support/phases.js'
import { amounts } from '../../support/recorded.js'
import { stack, toolCall } from '../../support/seller.js'

const RESULT = { content: [{ type: 'text', text: 'Hello!' }] }
const ANSWER = { jsonrpc: '2.0', id: 1, result: RESULT }

const asJson = (message: unknown): HttpAnswer => ({
  headers: { 'content-type': 'application/json', 'mcp-session-id': 's-1' },
  body: JSON.stringify(message),
})

const asStream = (...messages: unknown[]): HttpAnswer => ({
  headers: { 'content-type': 'text/event-stream', 'mcp-session-id': 's-1' },
  body: messages.map((it) => `event: message\nid: 1\ndata: ${JSON.stringify(it)}\n\n`).join(''),
})

interface Options extends HttpPlay {
  options?: object
  token?: string | null
}

/** One message to an MCP server behind an HTTP target. */
async function send(
  message: unknown,
  answer: HttpAnswer,
  request: HttpRequest = {},
  { options = {}, token, ...play }: Options = {},
) {
  const local = await stack()
  const body = typeof message === 'string' ? message : JSON.stringify(message)
  const store = memoryStore()
  const handle = intercept(local, { httpTargets: 'mcp', store, ...options })
  const header = token === null ? undefined : (token ?? local.accessToken())
  const whole = { path: '/files/mcp', body, token: header, ...request }
  const played = await bothHttpPhases(handle, whole, () => answer, play)
  return { local, store, ...played }
}

const messageOf = (body: Buffer): unknown => JSON.parse(body.toString())
/** The message that answers call 1, of JSON or a stream. */
const answerIn = (body: Buffer): unknown =>
  messagesIn(body.toString()).find(
    (it) => (it as { result?: object; id?: number }).result && (it as { id?: number }).id === 1,
  )
const note = { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } }
const asking = { jsonrpc: '2.0', id: 1, method: 'elicitation/create', params: {} }

test.each<[string, HttpAnswer]>([
  ['JSON', asJson(ANSWER)],
  ['an event stream', asStream(ANSWER)],
  ['an event stream with messages before', asStream(note, asking, ANSWER)],
  [
    'an event stream in the lines of Windows',
    { body: `data: ${JSON.stringify(ANSWER)}\r\n\r\n`, headers: {} },
  ],
  ['an event stream that answers others too', asStream({ ...ANSWER, id: 9 }, note, ANSWER)],
  [
    'an event stream in the lines of Windows, after a message',
    { body: `data: ${JSON.stringify(note)}\r\n\r\ndata: ${JSON.stringify(ANSWER)}\r\n\r\n` },
  ],
  [
    'an event stream of several lines',
    { body: JSON.stringify(ANSWER, null, 1).replace(/^/gm, 'data: ') + '\n\n', headers: {} },
  ],
  [
    'an event stream with comments and a byte order of its own',
    { body: `: keep-alive\n\nretry: 5\ndata:${JSON.stringify(ANSWER)}\n\n: bye\n\n`, headers: {} },
  ],
])(
  'a paid call answered with %s is settled once and receipted in the message',
  async (_, answer) => {
    const { got, local } = await send(toolCall(TOOL), answer, { headers: { Accept: MCP_ACCEPT } })
    const header = decodeHeader(got.headers['payment-response'] ?? '')
    expect(got.status).toBe(200)
    expect(answerIn(got.body)).toEqual({
      ...ANSWER,
      result: { ...RESULT, _meta: { x402: header, 'x402/payment-response': expect.any(Object) } },
    })
    expect(header).toMatchObject({ success: true, creditsRedeemed: '1' })
    const { 'content-type': type } = lowerCase(got.headers)
    const isStream = got.body.includes('data:')
    expect(type).toBe(isStream ? 'text/event-stream' : 'application/json')
    expect(amounts(local)).toEqual({ verify: ['1'], settle: ['1'] })
  },
)

test('headers of the target that say nothing of the body go out with it', async () => {
  const headers = {
    'Content-Length': '3',
    'content-encoding': 'gzip',
    'Transfer-Encoding': 'chunked',
    ETag: '"1"',
    'mcp-session-id': 's-1',
  }
  const { got } = await send(toolCall(TOOL), { ...asJson(ANSWER), headers })
  expect(got.headers).toEqual({
    'Content-Type': 'application/json',
    'mcp-session-id': 's-1',
    'payment-response': expect.any(String),
    ...PRIVATE,
  })
})

test.each<[string, string, number]>([
  ['an MCP client', MCP_ACCEPT, 200],
  ['any other client', 'application/json', 402],
])('%s that has not paid is answered as it can read it', async (_, Accept, status) => {
  const { got, forwarded, local } = await send(
    toolCall(TOOL),
    asJson(ANSWER),
    { headers: { Accept } },
    { token: null },
  )
  expect(got.status).toBe(status)
  expect(messageOf(got.body)).toMatchObject({
    jsonrpc: '2.0',
    id: 1,
    result: { isError: true, structuredContent: { accepts: [{ planId: local.planId }] } },
  })
  expect(forwarded).toBeUndefined()
  expect(local.balance()).toBe(100n)
})

test('a payment in the message is taken out of what the target is sent', async () => {
  const local = await stack()
  const call = (headers: object) => toolCall(TOOL, { city: 'Bern', headers: { ...headers } })
  const body = JSON.stringify(call({ 'payment-signature': local.accessToken(), a: 'b' }))
  const handle = intercept(local, { httpTargets: 'mcp', store: memoryStore() })
  const { forwarded, got } = await bothHttpPhases(handle, { body }, () => asJson(ANSWER))
  const text = Buffer.from(String(forwarded?.['body']), 'base64').toString()
  expect(JSON.parse(text)).toEqual(call({ a: 'b' }))
  expect(got.headers['payment-response']).toBeDefined()
  expect(local.balance()).toBe(99n)
})

test.each<[string, unknown, HttpAnswer]>([
  ['initialize', { jsonrpc: '2.0', id: 0, method: 'initialize' }, asStream({ ...ANSWER, id: 0 })],
  ['a list', { jsonrpc: '2.0', id: 'a', method: 'tools/list' }, asJson({ ...ANSWER, id: 'a' })],
  ['a notification', note, { status: 202, body: '' }],
  ["a client's answer", { jsonrpc: '2.0', id: 5, result: {} }, { status: 202, body: '' }],
  ['a free tool', toolCall('T___free'), asJson(ANSWER)],
])('%s goes through both phases free and as it is', async (_, message, answer) => {
  const tools = { T___free: 'free' }
  const { got, outputs, forwarded, local } = await send(
    message,
    answer,
    {},
    { token: 'a-token', options: { tools, planId: 'plan-1' } },
  )
  const text = Buffer.from(String(forwarded?.['body']), 'base64').toString()
  expect(text).toBe(JSON.stringify(message))
  expect(JSON.stringify(forwarded)).not.toContain('a-token')
  expect(outputs.at(-1)).toEqual({ interceptorOutputVersion: '1.0', http: {} })
  expect(got.body.toString()).toBe(answer.body)
  expect(amounts(local)).toEqual({ verify: [], settle: [] })
})

test.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])(
  '%s is refused, so that no stream gives away what calls cost',
  async (method) => {
    const Accept = 'text/event-stream'
    for (const body of [null, '', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })]) {
      const { got, forwarded } = await send('', asStream(ANSWER), {
        method,
        body,
        headers: { Accept, 'Last-Event-ID': '1' },
      })
      expect(forwarded).toBeUndefined()
      expect(got.status).toBe(405)
    }
  },
)

test('the end of a session passes, and its answer too', async () => {
  const { got, forwarded, local } = await send(
    '',
    { status: 204 },
    { method: 'DELETE', body: null },
  )
  expect(forwarded).toEqual({ headers: { Accept: '*/*' } })
  expect(got.status).toBe(204)
  expect(local.balance()).toBe(100n)
})

test.each<[string, HttpAnswer]>([
  ['an error result', asJson({ ...ANSWER, result: { ...RESULT, isError: true } })],
  ['a JSON-RPC error', asStream({ jsonrpc: '2.0', id: 1, error: { code: 1, message: 'no' } })],
  ['a status of its own', { ...asJson(ANSWER), status: 500 }],
])('a call that ends in %s is not charged and goes out as it is', async (_, answer) => {
  const { got, outputs, local } = await send(toolCall(TOOL), answer)
  expect(outputs.at(-1)).toEqual({ interceptorOutputVersion: '1.0', http: {} })
  expect(got.body.toString()).toBe(answer.body)
  expect(local.balance()).toBe(100n)
})

test.each<[string, HttpAnswer]>([
  ['text', { body: 'Hello!' }],
  ['the answer to another call', asJson({ ...ANSWER, id: 2 })],
  ['a stream that ends early', { body: 'data: {"jsonrpc":"2.0","id":1,"resu' }],
  ['only messages of another kind', asStream(note, asking)],
  ['a batch', asJson([ANSWER])],
  ['a body nobody shows', { ...asJson(ANSWER), isBodyHidden: true }],
  ['nothing at all', { body: '' }],
])('a paid call answered with %s gives nothing away for nothing', async (_, answer) => {
  const { got, local } = await send(toolCall(TOOL), answer)
  const isFree = local.balance() === 100n
  expect(got.body.toString().includes('Hello!') && isFree).toBe(false)
  expect(local.balance()).toBeGreaterThanOrEqual(99n)
})

test('an answer to another call has failed, and nothing at all is not charged', async () => {
  const { got, local } = await send(toolCall(TOOL), asJson({ ...ANSWER, id: 2 }))
  const content = [{ type: 'text', text: 'The tool failed. You were not charged.' }]
  expect(got.status).toBe(500)
  expect(messageOf(got.body)).toEqual({ jsonrpc: '2.0', id: 1, result: { isError: true, content } })
  expect(local.balance()).toBe(100n)
  const nothing = await send(toolCall(TOOL), { status: 202, body: '' })
  expect(nothing.got).toMatchObject({ status: 202, body: Buffer.alloc(0) })
  expect(nothing.local.balance()).toBe(100n)
})

test('the same response handed over again is settled once', async () => {
  const { local, outputs } = await send(toolCall(TOOL), asJson(ANSWER), {}, { responses: 3 })
  expect(outputs[3]).toEqual(outputs[1])
  expect(local.balance()).toBe(99n)
})

test.each<[string, string, number]>([
  ['an MCP client', MCP_ACCEPT, 200],
  ['any other client', 'application/json', 503],
])(
  'an unknown outcome of the settlement is told %s as it can read it',
  async (_, Accept, status) => {
    const local = await stack()
    local.faults.set({ route: 'settle', kind: 'lost-answer' })
    const handle = intercept(local, { httpTargets: 'mcp', store: memoryStore() })
    const request = { body: JSON.stringify(toolCall(TOOL)), headers: { Accept } }
    const paid = { ...request, token: local.accessToken() }
    const { got } = await bothHttpPhases(handle, paid, () => asJson(ANSWER))
    expect(got.status).toBe(status)
    expect(messageOf(got.body)).toMatchObject({ id: 1, result: { isError: true } })
    expect(got.body.toString()).toMatch(/outcome is unknown.*come back with the same payment/)
    expect(got.headers).toMatchObject(COME_BACK)
    expect(got.body.toString()).not.toContain('Hello!')
  },
)

test('a tool nobody sells is unknown, and a batch is no message', async () => {
  const options = { planId: undefined, tools: { other: { planId: 'plan-1' } } }
  const unknown = await send(toolCall(TOOL), asJson(ANSWER), {}, { options })
  expect(unknown.got.status).toBe(404)
  expect(messageOf(unknown.got.body)).toMatchObject({ id: 1, error: { code: -32602 } })
  const batch = await send([toolCall(TOOL)], asJson(ANSWER))
  expect(batch.got.status).toBe(400)
  expect(batch.forwarded).toBeUndefined()
})

test('the search tool of MCP gateways is no free tool of an HTTP target', async () => {
  const message = toolCall('x_amz_bedrock_agentcore_search')
  const { got, local } = await send(message, asJson(ANSWER), {}, { token: null })
  expect(got.body.toString().includes('Hello!') && local.balance() === 100n).toBe(false)
})
