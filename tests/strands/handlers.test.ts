import { FunctionTool, JsonBlock, TextBlock, ToolResultBlock, tool } from '@strands-agents/sdk'
import { expect, test } from '@jest/globals'
import * as z from 'zod'
import { getPaymentHandler } from '../../src/strands/handlers/handlers.js'
import type { PaymentResponseHandler } from '../../src/strands/options/payment-response-handler.js'
import { challengeV2 } from '../agentcore/support/payment-header.js'

const MARKER = 'PAYMENT_REQUIRED: '
const CHALLENGE = challengeV2()
const PAYMENT = { 'PAYMENT-SIGNATURE': 'signed' }
const MPP =
  'Payment id="a", realm="shop.example", method="evm", intent="charge", request="eyJhbW91bnQiOiIxIn0"'

type Status = ToolResultBlock['status']

/** A result of these blocks: a text, or an object. */
function resultWith(status: Status, blocks: unknown[]): ToolResultBlock {
  const content = blocks.map((one) =>
    typeof one === 'string' ? new TextBlock(one) : new JsonBlock({ json: one as never }),
  )
  return new ToolResultBlock({ toolUseId: 'call-1', status, content })
}

/** That of a call which failed: what it says is the tool's own. */
const resultOf = (...blocks: unknown[]) => resultWith('error', blocks)

/** What a handler reads in a result. */
function readBy(handler: PaymentResponseHandler, result: ToolResultBlock) {
  return {
    statusCode: handler.extractStatusCode(result),
    headers: handler.extractHeaders(result),
    body: handler.extractBody(result),
  }
}

const generic = getPaymentHandler('shop', {}, undefined)
const httpRequest = getPaymentHandler('http_request', {}, undefined)
const proxy = getPaymentHandler('proxy', { toolName: 'x', parameters: {} }, undefined)

const read = (...blocks: unknown[]) => readBy(generic, resultOf(...blocks))
const NOTHING = { statusCode: undefined, headers: undefined, body: undefined }
const marked = (answer: unknown) => MARKER + JSON.stringify(answer)
const ANSWER = { statusCode: 402, headers: { 'payment-required': 'abc' }, body: { error: 'pay' } }

test('a text that begins with the marker is read, whatever stands before it', () => {
  expect(read(marked(ANSWER))).toEqual(ANSWER)
  expect(read('Sorry.', { some: 'json' }, marked(ANSWER))).toEqual(ANSWER)
})

test('the message of an error that a tool threw may begin with the marker', () => {
  expect(read(`Error: ${marked(ANSWER)}`)).toEqual(ANSWER)
  expect(read(`Error: Error: ${marked(ANSWER)}`)).toEqual(NOTHING)
})

test('the first text that can be read after the marker counts', () => {
  const other = { ...ANSWER, body: { error: 'other' } }
  const broken = [`${MARKER}{"statusCode":`, `${MARKER}[402]`, `${MARKER}402`]
  expect(read(...broken, marked(ANSWER), marked(other))).toEqual(ANSWER)
})

test.each([
  ['without its space', `PAYMENT_REQUIRED:${JSON.stringify(ANSWER)}`],
  ['not at the beginning of the text', ` ${marked(ANSWER)}`],
  ['in other letters', marked(ANSWER).toLowerCase()],
  ['with no object after it', `${MARKER}nothing`],
])('a marker %s is none', (_, text) => {
  expect(read(text)).toEqual(NOTHING)
})

test.each([
  ['a status as text', { ...ANSWER, statusCode: '402' }],
  ['a status with a fraction', { ...ANSWER, statusCode: 402.5 }],
  ['no status', { headers: {}, body: {} }],
])('after the marker, %s is no 402', (_, answer) => {
  expect(read(marked(answer)).statusCode).toBeUndefined()
})

test('another status after the marker is what it says, and no other reading is tried', () => {
  const answer = { ...ANSWER, statusCode: 200 }
  expect(read(marked(answer), { statusCode: 402 })).toEqual(answer)
})

test('headers and a body of another kind are left out; a list of headers is joined', () => {
  const headers = { one: 'a', many: ['b', 'c'], number: 3, none: null, object: {} }
  expect(read(marked({ statusCode: 402, headers, body: 'no JSON' }))).toEqual({
    statusCode: 402,
    headers: { one: 'a', many: 'b, c', number: '3' },
    body: undefined,
  })
  expect(read(marked({ statusCode: 402, headers: ['a'], body: [1] }))).toEqual({
    ...NOTHING,
    statusCode: 402,
  })
})

test('a body may be the JSON of an object', () => {
  expect(read(marked({ statusCode: 402, body: '{"a":1}' })).body).toEqual({ a: 1 })
})

test.each([
  ['statusCode', { statusCode: 402, headers: { a: 'b' }, body: { c: 1 } }],
  ['status', { status: 402, headers: { a: 'b' }, body: { c: 1 } }],
  ['httpStatus', { httpStatus: 402, responseHeaders: { a: 'b' }, structuredContent: { c: 1 } }],
])('an object with %s 402 is one without a marker, as JSON too', (_, answer) => {
  const expected = { statusCode: 402, headers: { a: 'b' }, body: { c: 1 } }
  expect(read(answer)).toEqual(expected)
  expect(read('Sorry.', JSON.stringify(answer))).toEqual(expected)
})

test.each([
  ['at its top', CHALLENGE],
  ['in structuredContent', { structuredContent: CHALLENGE }],
  ['in a body that is text', { body: JSON.stringify(CHALLENGE), headers: {} }],
  [
    'in the text of an MCP error result',
    { isError: true, content: [{ type: 'text', text: JSON.stringify(CHALLENGE) }] },
  ],
])('an x402 challenge %s is a 402 without a status', (_, answer) => {
  const expected = {
    statusCode: 402,
    headers: { 'content-type': 'application/json' },
    body: CHALLENGE,
  }
  expect(read(answer)).toEqual(expected)
  expect(read(JSON.stringify(answer))).toEqual(expected)
})

test.each(['responseHeaders', 'headers'])('an MPP challenge in %s is a 402', (name) => {
  const headers = { 'WWW-Authenticate': MPP }
  expect(read({ [name]: headers })).toEqual({ statusCode: 402, headers, body: undefined })
  expect(read({ [name]: { 'WWW-Authenticate': 'Basic realm="x"' } })).toEqual(NOTHING)
})

test('the marked text of a Lambda target is read as AgentCore Gateway passes it on', () => {
  expect(read(JSON.stringify(marked(ANSWER)))).toEqual(ANSWER)
  const result = { isError: true, content: [{ type: 'text', text: marked(ANSWER) }] }
  expect(read(JSON.stringify(result))).toEqual(ANSWER)
})

test.each([
  ['a page that quotes a challenge', { statusCode: 200, body: CHALLENGE }],
  ['an answer with another status', { status: 500, structuredContent: CHALLENGE }],
  ['a list of challenges', { resources: [CHALLENGE] }],
  ['a challenge that accepts nothing', { x402Version: 2, accepts: [] }],
  ['a status as text', { statusCode: '402' }],
  [
    'a page of status 200 that says 402 elsewhere',
    { statusCode: 200, status: 402, body: CHALLENGE },
  ],
  ['an ordinary MCP result', { content: [{ type: 'text', text: JSON.stringify(CHALLENGE) }] }],
])('%s is no 402', (_, answer) => {
  expect(read(answer)).toEqual(NOTHING)
  expect(read(JSON.stringify(answer))).toEqual(NOTHING)
})

test('results without anything to read are no 402', () => {
  expect(read()).toEqual(NOTHING)
  expect(read('', 'null', '[]', {}, 'x'.repeat(10))).toEqual(NOTHING)
})

test('what is too long or too deep is no 402, and nothing throws', () => {
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
  expect(read(`${MARKER}${deep}`).statusCode).toBeUndefined()
  expect(read(`{"statusCode":402,"body":${deep}}`).statusCode).toBe(402)
  const long = JSON.stringify({ ...ANSWER, body: { text: 'x'.repeat(5_000_000) } })
  expect(read(MARKER + long)).toEqual(NOTHING)
  const quotes = `Headers: {'a': '${'\\'.repeat(60_000)}`
  const result = resultOf('Status Code: 402', quotes)
  expect(readBy(httpRequest, result).headers).toBeUndefined()
})

const LEGACY = ['Status Code: 402', 'Headers: {"a": "b"}', 'Body: {"error": "pay"}']

test('http_request of the Python tools is read in its three texts', () => {
  const expected = { statusCode: 402, headers: { a: 'b' }, body: { error: 'pay' } }
  expect(readBy(httpRequest, resultOf(...LEGACY))).toEqual(expected)
  expect(readBy(httpRequest, resultOf(...LEGACY.reverse()))).toEqual(expected)
  expect(readBy(generic, resultOf(...LEGACY))).toEqual(NOTHING)
})

test('the marker beats the three texts, which beat what has no marker', () => {
  const other = { statusCode: 402, body: { error: 'other' } }
  expect(readBy(httpRequest, resultOf(...LEGACY, marked(ANSWER)))).toEqual(ANSWER)
  expect(readBy(httpRequest, resultOf(other, ...LEGACY)).body).toEqual({ error: 'pay' })
  expect(readBy(httpRequest, resultOf(other)).body).toEqual({ error: 'other' })
  expect(readBy(httpRequest, resultOf('Status Code: OK')).statusCode).toBeUndefined()
})

test('a handler of the developer comes first, for its tool alone', () => {
  const own: PaymentResponseHandler = { ...generic }
  const handlers = { http_request: own, proxy: own }
  expect(getPaymentHandler('http_request', {}, handlers)).toBe(own)
  expect(getPaymentHandler('proxy', { toolName: 'x', parameters: {} }, handlers)).toBe(own)
  expect(getPaymentHandler('other', {}, handlers)).toBe(generic)
  expect(getPaymentHandler('toString', {}, handlers)).toBe(generic)
  expect(getPaymentHandler('__proto__', {}, handlers)).toBe(generic)
})

test('the handler for calls of other tools is chosen by the form of the input', () => {
  const choose = (input: unknown) => getPaymentHandler('any', input, undefined)
  expect(choose({ toolName: 'x', parameters: {} })).toBe(proxy)
  for (const input of [
    { toolName: 'x' },
    { toolName: 'x', parameters: null },
    { toolName: 'x', parameters: [] },
    { toolName: 1, parameters: {} },
    { parameters: {} },
    'x',
    null,
  ]) {
    expect(choose(input)).toBe(generic)
  }
  expect(getPaymentHandler('http_request', { toolName: 'x', parameters: {} }, undefined)).toBe(
    httpRequest,
  )
})

test.each([
  ['no headers', { url: 'u' }, { url: 'u', headers: PAYMENT }],
  ['headers null', { headers: null }, { headers: PAYMENT }],
  ['other headers', { headers: { a: 'b' } }, { headers: { a: 'b', ...PAYMENT } }],
  ['a payment of before', { headers: { 'Payment-Signature': 'old' } }, { headers: PAYMENT }],
])('a payment goes into an input with %s, and the input stays as it was', (_, input, expected) => {
  const before = JSON.stringify(input)
  expect(generic.validateToolInput(input, undefined)).toBe(true)
  expect(generic.applyPaymentHeader(input, PAYMENT)).toEqual(expected)
  expect(JSON.stringify(input)).toBe(before)
})

test('the payment of MPP takes the place of other credentials', () => {
  const input = { headers: { authorization: 'Bearer x' } }
  const header = { Authorization: 'Payment y' }
  expect(generic.applyPaymentHeader(input, header)).toEqual({ headers: header })
})

test('a payment for another tool goes into its parameters', () => {
  const input = Object.freeze({ toolName: 'x', parameters: Object.freeze({ a: 1, headers: null }) })
  expect(proxy.validateToolInput(input, undefined)).toBe(true)
  expect(proxy.applyPaymentHeader(input, PAYMENT)).toEqual({
    toolName: 'x',
    parameters: { a: 1, headers: PAYMENT },
  })
})

test.each([
  ['a text', generic, 'input'],
  ['nothing', generic, undefined],
  ['a list', generic, []],
  ['headers that are a text', generic, { headers: 'a: b' }],
  ['headers that are a list', generic, { headers: [] }],
  ['parameters with such', proxy, { toolName: 'x', parameters: { headers: 1 } }],
  ['no parameters', proxy, { toolName: 'x' }],
])('an input that is or has %s takes no payment', (_, handler, input) => {
  expect(handler.validateToolInput(input, undefined)).toBe(false)
  expect(handler.applyPaymentHeader(input, PAYMENT)).toBeUndefined()
})

test('keys that mean something to JavaScript stay keys', () => {
  const input = JSON.parse(
    '{"__proto__":{"a":1},"headers":{"__proto__":"b","constructor":"c"}}',
  ) as Record<string, unknown>
  const applied = generic.applyPaymentHeader(input, PAYMENT) ?? {}
  expect(Object.keys(applied)).toEqual(['__proto__', 'headers'])
  expect(Object.keys(applied['headers'] as object)).toEqual([
    '__proto__',
    'constructor',
    'PAYMENT-SIGNATURE',
  ])
  expect(Object.getPrototypeOf(applied)).toBe(Object.prototype)
  expect(read('{"statusCode":402,"headers":{"__proto__":"x"}}').headers).toHaveProperty(
    ['__proto__'],
    'x',
  )
  const inherited = Object.create({ headers: 'x' }) as object
  expect(generic.validateToolInput(inherited, undefined)).toBe(true)
})

const zodTool = (inputSchema: z.ZodType) =>
  tool({ name: 'shop', inputSchema, callback: () => 'done' })
const record = z.record(z.string(), z.string())

test.each<[string, z.ZodType]>([
  ['names them', z.object({ url: z.string(), headers: record })],
  ['may leave them out', z.object({ headers: record.optional() })],
  ['may have none', z.object({ headers: record.nullish() })],
  ['has a default', z.object({ headers: record.default({}) })],
  ['takes any', z.object({ headers: z.record(z.string(), z.unknown()) })],
  ['takes whatever comes', z.looseObject({ url: z.string() })],
  ['is one of several', z.union([z.looseObject({}), z.object({ headers: record })])],
  ['takes a text as well', z.object({ headers: z.union([z.string(), record]) })],
  [
    'names every payment',
    z.object({
      headers: z.object({
        'PAYMENT-SIGNATURE': z.string().optional(),
        'X-PAYMENT': z.string().optional(),
        Authorization: z.string().optional(),
      }),
    }),
  ],
])('a tool whose schema %s can be paid', (_, schema) => {
  expect(generic.validateToolInput({}, zodTool(schema))).toBe(true)
})

test.each<[string, z.ZodType]>([
  ['has no headers', z.object({ url: z.string() })],
  ['has headers of its own', z.object({ headers: z.object({ accept: z.string() }) })],
  ['has a text as headers', z.object({ headers: z.string() })],
  ['has a list as headers', z.object({ headers: z.array(z.string()) })],
  ['has numbers in its headers', z.object({ headers: z.record(z.string(), z.number()) })],
  ['has headers of some names', z.object({ headers: z.partialRecord(z.enum(['a']), z.string()) })],
  ['has short headers', z.object({ headers: z.record(z.string(), z.string().max(99)) })],
  ['is strict', z.strictObject({ url: z.string() })],
  ['is one of several, some without', z.union([z.object({}), z.object({ headers: record })])],
  ['is none that has a place', z.union([z.string(), z.number()])],
])('a tool whose schema %s cannot be paid', (_, schema) => {
  expect(generic.validateToolInput({}, zodTool(schema))).toBe(false)
})

test('schemas of JSON are read with their references', () => {
  const schemaTool = (inputSchema: object) =>
    new FunctionTool({ name: 'shop', description: 'x', inputSchema, callback: () => 'done' })
  const takes = (schema: object) => generic.validateToolInput({}, schemaTool(schema))
  const closed = { type: 'object', additionalProperties: false } as const
  expect(takes({ type: 'object', properties: { url: { type: 'string' } } })).toBe(true)
  expect(takes(closed)).toBe(false)
  const $defs = { open: { type: 'object' }, closed, loop: { $ref: '#/$defs/loop' } }
  const withRef = (to: string) => ({ ...closed, $defs, properties: { headers: { $ref: to } } })
  expect(takes(withRef('#/$defs/open'))).toBe(true)
  expect(takes(withRef('#/$defs/closed'))).toBe(false)
  expect(takes(withRef('#/$defs/loop'))).toBe(false)
  expect(takes(withRef('#/$defs/none'))).toBe(false)
  expect(takes(withRef('other.json/$defs/open'))).toBe(false)
  expect(takes(withRef('https://elsewhere.example/schema'))).toBe(false)
  expect(takes({ allOf: [{ type: 'object' }, closed] })).toBe(false)
})

test('a tool that calls others needs a place in their parameters', () => {
  const input = { toolName: 'x', parameters: {} }
  const takes = (parameters: z.ZodType) =>
    proxy.validateToolInput(input, zodTool(z.object({ toolName: z.string(), parameters })))
  expect(takes(z.record(z.string(), z.unknown()))).toBe(true)
  expect(takes(z.object({ headers: record.optional() }))).toBe(true)
  expect(takes(z.object({ query: z.string() }))).toBe(false)
  expect(takes(z.string())).toBe(false)
})
