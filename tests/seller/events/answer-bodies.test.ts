import { expect, test } from '@jest/globals'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import type { HandlerResult, HttpResponse, McpResult } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import {
  DOORS,
  FUNCTION_URL,
  GATEWAY_HTTP,
  LOAD_BALANCERS,
  type Door,
} from '../../support/events.js'
import { TOOL } from '../../support/outcome.js'
import { sell, stack, toolCall } from '../../support/seller.js'
import { messagesIn, streamOf } from '../../support/streams.js'
import { bothHttpPhases, memoryStore } from '../phases/support/http-phases.js'
import { intercept } from '../phases/support/phases.js'

interface Message {
  id?: unknown
  method?: string
  result?: McpResult
}

const answer = (result: object, id: unknown = 1) => ({ jsonrpc: '2.0', id, result })
const said = (text: string, more: object = {}) => ({ content: [{ type: 'text', text }], ...more })
const NOTE = { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } }
const OTHER = answer(said('of another call', { isError: true }), 9)

const GOOD = answer(said('Hello!'))
const FAILED = answer(said('No', { isError: true }))
const DEAR = answer(said('Hello!', { _meta: { creditsToCharge: 5 } }))
const GIFT = answer(said('Hello!', { _meta: { creditsToCharge: 0 } }))

const STREAM = { 'content-type': 'text/event-stream' }
const text = (body: string, headers: object = {}): HttpResponse => ({
  statusCode: 200,
  headers: { ...headers },
  body,
})
const bytes = (body: Buffer, headers: object = {}): HttpResponse => ({
  ...text(body.toString('base64'), headers),
  isBase64Encoded: true,
})

/** Ways to write the message that answers call 1. */
const WRITTEN: [string, (message: object) => HttpResponse][] = [
  ['JSON', (it) => text(JSON.stringify(it), { 'content-type': 'application/json' })],
  ['JSON after a byte order mark', (it) => text(`\ufeff${JSON.stringify(it)}`)],
  ['JSON in base64', (it) => bytes(Buffer.from(JSON.stringify(it)))],
  ['JSON with gzip', (it) => bytes(gzipSync(JSON.stringify(it)), { 'Content-Encoding': 'gzip' })],
  [
    'JSON under the coding it came in',
    (it) => text(JSON.stringify(it), { 'content-encoding': 'br' }),
  ],
  ['a stream', (it) => text(streamOf(it), STREAM)],
  ['a stream without a type', (it) => text(streamOf(it))],
  [
    'a stream under another type',
    (it) => text(streamOf(it), { 'content-type': 'application/json' }),
  ],
  ['a stream with others', (it) => text(streamOf(NOTE, OTHER, it, NOTE), STREAM)],
  ['a stream that is cut off', (it) => text(streamOf(NOTE, it).trimEnd(), STREAM)],
  ['a stream in lines of Windows', (it) => text(streamOf(it).replaceAll('\n', '\r\n'), STREAM)],
  [
    'a stream of many lines',
    (it) =>
      text(`id: 1\n${JSON.stringify(it, null, 1).replace(/^/gm, 'data:')}\nretry: 5\n\n`, STREAM),
  ],
  [
    'a stream with br',
    (it) => bytes(brotliCompressSync(streamOf(it)), { ...STREAM, 'content-encoding': 'br' }),
  ],
  [
    'a stream with gzip, its headers as lists',
    (it) => ({
      ...bytes(gzipSync(streamOf(it))),
      multiValueHeaders: { 'content-type': ['text/event-stream'], 'Content-Encoding': ['gzip'] },
    }),
  ],
  ['JSON without a version', (it) => text(JSON.stringify({ ...it, jsonrpc: undefined }))],
  ['a stream without a version', (it) => text(streamOf({ ...it, jsonrpc: undefined }), STREAM)],
  ['a stream with an id of text', (it) => text(streamOf({ ...it, id: '1' }), STREAM)],
]

/** What no MCP client could read as the answer to call 1. */
const UNREADABLE: [string, HandlerResult][] = [
  ['a page', text('<!doctype html><title>Log in</title>', { 'content-type': 'text/html' })],
  ['plain text', text('Hello!')],
  ['nothing', text('')],
  ['a number', text('7')],
  ['a batch', text(JSON.stringify([GOOD]))],
  ['half a JSON', text(JSON.stringify(GOOD).slice(0, -1))],
  ['bytes of no coding', bytes(gzipSync(JSON.stringify(GOOD)))],
  ['a coding nobody knows', bytes(gzipSync(JSON.stringify(GOOD)), { 'content-encoding': 'x' })],
  [
    'half a gzip',
    bytes(gzipSync(JSON.stringify(GOOD)).subarray(0, 30), { 'content-encoding': 'gzip' }),
  ],
  ['a stream for another call', text(streamOf(NOTE, OTHER), STREAM)],
  ['a stream without an answer', text(streamOf(NOTE), STREAM)],
  ['a stream of batches', text(streamOf([GOOD]), STREAM)],
  ['a stream of other events', text(streamOf(GOOD).replace('message', 'result'), STREAM)],
  ['a stream of comments', text(`: ${JSON.stringify(GOOD)}\n\n`, STREAM)],
]

type Head = Pick<HttpResponse, 'headers'> & { multiValueHeaders?: Record<string, string[]> }

/** The text of a body, as a client reads it. */
function textIn(body: string, isBase64: boolean, head: Head): string {
  const packed = Buffer.from(body, isBase64 ? 'base64' : 'utf8')
  const { headers, multiValueHeaders } = head
  const all = Object.entries({ ...multiValueHeaders, ...headers })
  const coding = all.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1]
  return unpacked(packed, String(coding))
    .toString()
    .replace(/^\ufeff/, '')
}

/** A body that is not packed stays, whatever its headers say. */
function unpacked(packed: Buffer, coding: string): Buffer {
  const unpack = { gzip: gunzipSync, br: brotliDecompressSync }[coding]
  try {
    return unpack?.(packed) ?? packed
  } catch {
    return packed
  }
}

interface Sent extends Head {
  body: string
}

/** The messages an output takes to the client, whatever its shape. */
function messagesOf(output: unknown): Message[] {
  const { mcp, http, body, isBase64Encoded, ...bare } = output as {
    mcp?: { transformedGatewayResponse: { body: Message } }
    http?: { transformedGatewayResponse: Sent }
    body?: string
    isBase64Encoded?: boolean
  }
  if (mcp) return [mcp.transformedGatewayResponse.body]
  const sent = http?.transformedGatewayResponse
  if (sent) return messagesIn(`${textIn(sent.body, true, sent)}\n\n`) as Message[]
  if (body === undefined) return [{ result: bare }]
  return messagesIn(`${textIn(body, isBase64Encoded === true, bare)}\n\n`) as Message[]
}

/** One stack for all visits of a test, since there are many. */
async function visitor() {
  const local = await stack()
  return (door: Door, returned: HandlerResult, options: object = {}) =>
    visitAt(local, door, returned, options)
}

async function visit(door: Door, returned: HandlerResult, options: object = {}) {
  return (await visitor())(door, returned, options)
}

async function visitAt(local: Local, door: Door, returned: HandlerResult, options: object) {
  const before = local.balance()
  const sent = { body: toolCall(TOOL), token: local.accessToken() }
  const sold = sell(local, () => returned, { ...door.options, ...options })
  const output: unknown = await sold(door.event(sent), door.context(sent))
  const messages = messagesOf(output)
  const result = messages.find(({ result: it, id }) => it && (id === undefined || id === 1))?.result
  return { local, output, messages, result, charged: before - local.balance() }
}

test.each(WRITTEN)('an answer written as %s is sold through every event', async (_, write) => {
  const visit = await visitor()
  for (const door of DOORS) {
    const good = await visit(door, write(GOOD))
    expect([door.name, good.charged]).toEqual([door.name, 1n])
    expect(good.result).toMatchObject(said('Hello!', { _meta: { x402: { success: true } } }))
    expect((await visit(door, write(DEAR))).charged).toBe(5n)
    const gift = await visit(door, write(GIFT))
    expect([gift.charged, gift.result]).toMatchObject([0n, said('Hello!')])
    const failed = await visit(door, write(FAILED))
    expect([failed.charged, failed.result]).toEqual([0n, said('No', { isError: true })])
    expect((await visit(door, write(FAILED), { chargeOnError: true })).charged).toBe(1n)
  }
})

test.each(UNREADABLE)('%s is not sold through any event', async (_, returned) => {
  const visit = await visitor()
  for (const door of DOORS) {
    for (const options of [{}, { chargeOnError: true }]) {
      const { charged, result } = await visit(door, returned, options)
      expect([door.name, charged]).toEqual([door.name, 0n])
      expect(result).toEqual(said('The tool failed. You were not charged.', { isError: true }))
    }
  }
})

test.each([gzipSync, brotliCompressSync])(
  'a bomb is not unpacked, and not sold (%p)',
  async (pack) => {
    const bomb = pack(`${JSON.stringify(GOOD)}${' '.repeat(64 * 1024 * 1024)}`)
    const headers = { 'content-encoding': pack === gzipSync ? 'gzip' : 'br' }
    const { charged, result } = await visit(FUNCTION_URL, bytes(bomb, headers))
    expect([charged, result?.isError]).toEqual([0n, true])
  },
)

test('a page with a bad status goes out as it came, and is not charged even with chargeOnError', async () => {
  const page = { ...text('<p>Down</p>', { 'content-type': 'text/html' }), statusCode: 503 }
  const local = await stack()
  const sent = { body: toolCall(TOOL), token: local.accessToken() }
  const sold = sell(local, () => page, { chargeOnError: true })
  expect(await sold(FUNCTION_URL.event(sent))).toEqual({ ...page, isBase64Encoded: false })
  expect(local.balance()).toBe(100n)
})

test.each([FUNCTION_URL, GATEWAY_HTTP, ...LOAD_BALANCERS])(
  'a stream goes out through $name as it came, with the receipt in its message',
  async (door) => {
    const before = `: hello\r\n\r\n${streamOf(NOTE)}id: 7\nevent: message\n`
    const after = `retry: 5\n\n${streamOf(OTHER)}: bye\n\n`
    const body = `${before}data: ${JSON.stringify(GOOD)}\n${after}`
    const headers = { ...STREAM, 'x-own': 'kept', 'content-length': String(body.length) }
    const { output, messages, local } = await visit(door, text(body, headers))
    const { http, ...plain } = output as { http?: { transformedGatewayResponse: HttpResponse } }
    const sent = (http?.transformedGatewayResponse ?? plain) as HttpResponse
    const decoded = http ? Buffer.from(sent.body ?? '', 'base64').toString() : (sent.body ?? '')
    expect(decoded.startsWith(`${before}data: `)).toBe(true)
    expect(decoded.endsWith(`\n${after}`)).toBe(true)
    expect(messages).toHaveLength(3)
    expect(JSON.stringify(output)).toContain('text/event-stream')
    expect(JSON.stringify(output)).toContain('kept')
    expect(JSON.stringify(output)).not.toContain('content-length')
    expect(local.balance()).toBe(99n)
  },
)

test.each<[string, Buffer, object, bigint]>([
  ['JSON', gzipSync(JSON.stringify(DEAR)), {}, 5n],
  ['a stream', gzipSync(streamOf(NOTE, DEAR)), STREAM, 5n],
  ['a failed stream', gzipSync(streamOf(FAILED)), STREAM, 0n],
  ['a page', gzipSync('<p>Log in</p>'), { 'content-type': 'text/html' }, 0n],
  ['half of it', gzipSync(JSON.stringify(GOOD)).subarray(0, 30), {}, 0n],
])(
  'what a target behind an HTTP target compressed is read: %s',
  async (_, body, headers, charged) => {
    const local = await stack()
    const options = { httpTargets: 'mcp', store: memoryStore(), maxCredits: 9 }
    const handle = intercept(local, options)
    const sent = {
      path: '/a/mcp',
      body: JSON.stringify(toolCall(TOOL)),
      token: local.accessToken(),
    }
    const target = () => ({ headers: { ...headers, 'content-encoding': 'gzip' }, body })
    await bothHttpPhases(handle, sent, target)
    expect(100n - local.balance()).toBe(charged)
  },
)

test.each(['gzip', 'GZIP', 'identity, gzip'])(
  'a plain HTTP answer with %s goes out byte for byte, and says its price all the same',
  async (coding) => {
    const local = await stack()
    const packed = gzipSync(JSON.stringify({ data: 1, _meta: { creditsToCharge: 4 } }))
    const returned = bytes(packed, { 'content-encoding': coding })
    const sold = sell(local, () => returned, { httpEvents: 'http' })
    const event = FUNCTION_URL.event({ token: local.accessToken(), method: 'GET' })
    const output: unknown = await sold(event)
    expect(output).toMatchObject({ body: returned.body, isBase64Encoded: true })
    expect(output).toMatchObject({ headers: { 'content-encoding': coding } })
    expect(local.balance()).toBe(96n)
  },
)
