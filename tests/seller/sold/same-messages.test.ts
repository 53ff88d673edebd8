// What the official MCP SDK's server answers to a client is the same, sold or bare, but for the receipt.
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import type { PaidHandler } from '../../../src/index.js'
import {
  GATEWAY,
  GATEWAY_HTTP,
  HTTP_EVENTS,
  LAMBDA_TARGETS,
  LOAD_BALANCERS,
  MCP_ACCEPT,
  type Door,
} from '../../support/events.js'
import { sell, stack, toolCall } from '../../support/seller.js'
import { messagesIn } from '../../support/streams.js'
import { viewOf, withoutReceipts, type View } from './support/client-view.js'

type Fields = Record<string, unknown>
type Coding = '' | 'gzip' | 'br'

/** What the tool answers, and how the server sends it. */
interface Given {
  result: CallToolResult
  notes: number
  json: boolean
  coding: Coding
  tool: 'answers' | 'throws' | 'unknown'
}

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const result: fc.Arbitrary<CallToolResult> = fc.record(
  {
    content: fc.array(
      fc.oneof(
        text.map((it) => ({ type: 'text' as const, text: it })),
        fc.uint8Array({ maxLength: 9 }).map((it) => ({
          type: 'image' as const,
          mimeType: 'image/png',
          data: Buffer.from(it).toString('base64'),
        })),
      ),
      { maxLength: 3 },
    ),
    isError: fc.boolean(),
    structuredContent: fc.dictionary(
      fc.constantFrom('a', 'b', 'é'),
      fc.oneof(
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constant(9_007_199_254_740_991),
      ),
    ),
    _meta: fc.dictionary(fc.constantFrom('example.com/a', 'example.com/b'), text),
  },
  { requiredKeys: ['content'] },
)

const given: fc.Arbitrary<Given> = fc.record({
  result,
  notes: fc.nat({ max: 2 }),
  json: fc.boolean(),
  coding: fc.constantFrom<Coding>('', '', 'gzip', 'br'),
  tool: fc.constantFrom('answers', 'answers', 'answers', 'throws', 'unknown'),
})

const PACK = { '': undefined, gzip: gzipSync, br: brotliCompressSync }
const UNPACK: Record<string, typeof gunzipSync> = { gzip: gunzipSync, br: brotliDecompressSync }

async function serve(it: Given, message: unknown): Promise<Response> {
  const server = new McpServer(
    { name: 'shop', version: '1.0.0' },
    { capabilities: { logging: {} } },
  )
  server.registerTool('answers', {}, async ({ sendNotification }) => {
    for (let i = 0; i < it.notes; i++) {
      const params = { level: 'info' as const, data: `note ${i}` }
      await sendNotification({ method: 'notifications/message', params })
    }
    return it.result
  })
  server.registerTool('throws', {}, () => Promise.reject(new Error('no')))
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: it.json })
  await server.connect(transport)
  const headers = { accept: MCP_ACCEPT, 'content-type': 'application/json' }
  const body = JSON.stringify(message)
  return transport.handleRequest(
    new Request('http://localhost/', { method: 'POST', headers, body }),
  )
}

function requestIn(door: Door, event: Fields): unknown {
  if (door === GATEWAY_HTTP) {
    const { http } = event as { http: { gatewayRequest: { body: string } } }
    return JSON.parse(Buffer.from(http.gatewayRequest.body, 'base64').toString())
  }
  const { body, isBase64Encoded } = event as { body: string; isBase64Encoded?: boolean }
  return JSON.parse(Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8').toString())
}

/** The server as a Lambda's handler behind an event of HTTP. */
const overHttp =
  (door: Door, it: Given) =>
  async (event: Fields): Promise<unknown> => {
    const response = await serve(it, requestIn(door, event))
    const bytes = Buffer.from(await response.arrayBuffer())
    const pack = PACK[it.coding]
    const coding = pack && { 'content-encoding': it.coding }
    const headers = { ...Object.fromEntries(response.headers), ...coding }
    const sent = pack?.(bytes) ?? bytes
    const statusCode = response.status
    if (door === GATEWAY_HTTP) {
      const body = sent.toString('base64')
      return { http: { transformedGatewayResponse: { statusCode, headers, body } } }
    }
    const lists = Object.entries(headers).map(([name, value]) => [name, [value]] as const)
    return {
      statusCode,
      ...(door === LOAD_BALANCERS[1]
        ? { multiValueHeaders: Object.fromEntries(lists) }
        : { headers }),
      ...(pack
        ? { body: sent.toString('base64'), isBase64Encoded: true }
        : { body: sent.toString() }),
    }
  }

/** The messages of a response, as its client reads them, and its head. */
function readBy(view: View): { messages: Fields[]; status: unknown; headers: Fields } {
  const { 'content-encoding': coding = [], ...headers } = view.headers
  const unpack = UNPACK[coding[0] ?? '']
  const bytes = Buffer.from(view.bytes, 'base64')
  const messages = messagesIn((unpack?.(bytes) ?? bytes).toString()) as Fields[]
  return { messages, status: view.status, headers }
}

/** A message without receipt. An empty `_meta` says nothing. */
function withoutReceipt(message: Fields): Fields {
  const { result: given } = message as { result?: Fields }
  if (given?.['_meta'] === undefined) return message
  const meta = Object.entries(given['_meta'] as Fields)
  const others = meta.filter(([name]) => name !== 'x402' && name !== 'x402/payment-response')
  const kept = Object.entries(given).filter(([name]) => name !== '_meta')
  const all = [...kept, ...(others.length > 0 ? [['_meta', Object.fromEntries(others)]] : [])]
  return { ...message, result: Object.fromEntries(all) as Fields }
}

const HTTP_DOORS = [...HTTP_EVENTS, GATEWAY_HTTP]

test.each(HTTP_DOORS.map((door) => [door.name, door] as const))(
  'the official server behind %s answers the same messages, sold or bare',
  async (_, door) => {
    const local = await stack()
    await fc.assert(
      fc.asyncProperty(given, async (it) => {
        const handler = overHttp(door, it)
        const sent = { accept: MCP_ACCEPT, body: toolCall(it.tool) }
        const bareView = viewOf(door, await handler(structuredClone(door.event(sent))))
        const bare = readBy(withoutReceipts(bareView))
        const options = { ...door.options, planId: local.planId } as never
        const free = { ...(options as object), tools: { [it.tool]: 'free' } } as never
        const run = (how: never, token: string | null) =>
          sell(
            local,
            handler as unknown as PaidHandler,
            how,
          )(door.event({ ...sent, token }), door.context(sent))
        expect(viewOf(door, await run(free, null))).toEqual(bareView)
        const before = local.balance()
        const paidView = viewOf(door, await run(options, local.accessToken()))
        const paid = readBy(withoutReceipts(paidView))
        expect({ ...paid, messages: paid.messages.map(withoutReceipt) }).toEqual({
          ...bare,
          messages: bare.messages.map(withoutReceipt),
        })
        const isGood = it.tool === 'answers' && it.result.isError !== true
        expect(before - local.balance()).toBe(isGood ? 1n : 0n)
        // What is not sold goes out byte for byte.
        if (!isGood) expect(paidView).toEqual(bareView)
      }),
      { numRuns: 40 },
    )
  },
)

const MESSAGE_DOORS = [GATEWAY, ...LAMBDA_TARGETS]

test.each(MESSAGE_DOORS.map((door) => [door.name, door] as const))(
  'a handler behind %s answers the same result, sold or bare',
  async (_, door) => {
    const local = await stack()
    await fc.assert(
      fc.asyncProperty(result, async (returned) => {
        const handler = () => structuredClone(returned) as never
        const sold = sell(local, handler)
        const sent = { body: toolCall('T___hello'), token: local.accessToken() }
        const before = local.balance()
        const said = door.said(await sold(door.event(sent), door.context(sent)))
        const message = withoutReceipt(said.message as Fields)
        expect(message).toMatchObject(withoutReceipt({ result: returned }))
        expect(before - local.balance()).toBe(returned.isError === true ? 0n : 1n)
      }),
      { numRuns: 40 },
    )
  },
)
