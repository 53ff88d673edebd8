import { expect, jest, test } from '@jest/globals'
import type { HandlerResult } from '../../../src/index.js'
import {
  FUNCTION_URL,
  GATEWAY,
  GATEWAY_HTTP,
  HTTP_EVENTS,
  type Door,
} from '../../support/events.js'
import { amounts } from '../../support/recorded.js'
import { recordingLogger, sell, stack, toolCall } from '../../support/seller.js'
import { streamOf } from '../../support/streams.js'

/** Methods whose parameters say what to work on, or whose results are a tool's. */
const WORK: [string, object][] = [
  ['prompts/get', { name: 'T___secret', arguments: { city: 'Bern' } }],
  ['resources/read', { uri: 'file:///secret' }],
  ['resources/subscribe', { uri: 'file:///secret' }],
  ['completion/complete', { ref: {}, argument: { name: 'a', value: 'b' } }],
  ['tasks/result', { taskId: 't-1' }],
  ['tasks/get', { taskId: 't-1' }],
  ['notifications/secret', {}],
]
/** Methods that describe a server. */
const DESCRIBING: [string, object][] = [
  ['initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c' } }],
  ['server/discover', {}],
  ['ping', {}],
  ['logging/setLevel', { level: 'debug' }],
  ['tools/list', { cursor: 'c' }],
  ['prompts/list', {}],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['notifications/initialized', {}],
]

const result = { content: [{ type: 'text', text: 'SECRET' }] }
/** What a handler that does not look at the method may return. */
const WORKS: [string, HandlerResult][] = [
  ['text', 'SECRET'],
  ['a result', result],
  ['structured content', { structuredContent: { secret: 'SECRET' } }],
  ['a message', { jsonrpc: '2.0', id: 3, result }],
  [
    'an HTTP response',
    { statusCode: 200, body: JSON.stringify({ jsonrpc: '2.0', id: 3, result }) },
  ],
  [
    'an event stream',
    {
      statusCode: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: streamOf({ jsonrpc: '2.0', id: 3, result }),
    },
  ],
  [
    'a result beside a description',
    { ...result, tools: [], protocolVersion: '1', capabilities: {} },
  ],
]

async function shop(answer: HandlerResult, options: object = {}) {
  const local = await stack()
  const handler = jest.fn(() => answer)
  const logger = recordingLogger()
  const sold = sell(local, handler, { logger, ...options })
  const ask = async (door: Door, method: string, params?: object, id: unknown = 3) => {
    const body = { jsonrpc: '2.0', id, method, ...(params && { params }) }
    const output: unknown = await sold(door.event({ body }), door.context({ body }))
    expect(amounts(local)).toEqual({ verify: [], settle: [] })
    const said = door.said(output)
    return { said, text: JSON.stringify(said) }
  }
  return { ask, handler, logger }
}

const NOT_FOUND = { error: { code: -32601, message: 'Method not found' } }

test.each(WORK)('a handler does not run for %s', async (method, params) => {
  const { ask, handler } = await shop('SECRET')
  for (const door of HTTP_EVENTS) {
    const { said } = await ask(door, method, params)
    expect(said).toMatchObject({ status: 404, message: { id: 3, ...NOT_FOUND } })
  }
  expect(handler).not.toHaveBeenCalled()
})

test.each(DESCRIBING)(
  'a tool that answers %s gives nothing away, and is asked once',
  async (method, params) => {
    for (const [, answer] of WORKS) {
      const { ask, handler, logger } = await shop(answer)
      for (const door of HTTP_EVENTS) {
        const { said, text } = await ask(door, method, params)
        expect(text).not.toContain('SECRET')
        expect(said).toMatchObject({ status: 404, message: NOT_FOUND })
      }
      expect(handler).toHaveBeenCalledTimes(1)
      expect(logger.lines).toMatchObject([{ level: 'warn', details: { method } }])
    }
  },
)

test.each(WORKS)('a tool that answers %s still sells after it', async (_, answer) => {
  const local = await stack()
  const sold = sell(local, () => answer)
  const ping = { jsonrpc: '2.0', id: 3, method: 'ping' }
  await sold(FUNCTION_URL.event({ body: ping }))
  const body = toolCall('T___a', {}, { id: 3 })
  const output = await sold(FUNCTION_URL.event({ body, token: local.accessToken() }))
  expect(JSON.stringify(output)).toContain('SECRET')
  expect(local.balance()).toBe(99n)
})

test('a handler that is deaf to one method is still asked for the others', async () => {
  const { ask, handler } = await shop({ tools: [] })
  await ask(FUNCTION_URL, 'ping')
  const { said } = await ask(FUNCTION_URL, 'tools/list')
  expect(said.message).toMatchObject({ result: { tools: [] } })
  expect(handler).toHaveBeenCalledTimes(2)
})

test.each(DESCRIBING)('no input of a buyer reaches a handler by %s', async (method, params) => {
  const { ask, handler } = await shop({ tools: [] })
  for (const input of [{ name: 'T___a' }, { arguments: { city: 'Bern' } }, { uri: 'file:///a' }]) {
    const { said } = await ask(FUNCTION_URL, method, { ...params, ...input })
    expect(said).toMatchObject({ status: 400, message: { error: { code: -32602 } } })
  }
  expect(handler).not.toHaveBeenCalled()
})

test.each<[string, HandlerResult]>([
  ['initialize', { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 's' } }],
  ['server/discover', { supportedVersions: ['2026-07-28'], capabilities: {} }],
  ['ping', {}],
  ['logging/setLevel', { _meta: {} }],
  ['tools/list', { tools: [], nextCursor: 'c' }],
  ['prompts/list', { prompts: [] }],
  ['resources/list', { resources: [] }],
  ['resources/templates/list', { resourceTemplates: [] }],
])('an answer to %s goes out', async (method, answer) => {
  const { ask } = await shop(answer)
  const { said } = await ask(FUNCTION_URL, method)
  expect(said).toMatchObject({ status: 200, message: { id: 3, result: answer } })
})

test.each<[string, HandlerResult, object]>([
  [
    'an error',
    { jsonrpc: '2.0', error: { code: -32601, message: 'No' } },
    { error: { code: -32601 } },
  ],
  ['a failed result', { isError: true, content: [] }, NOT_FOUND],
])('%s as the answer to a method that is not sold', async (_, answer, outcome) => {
  const { ask } = await shop(answer)
  const { said } = await ask(FUNCTION_URL, 'initialize')
  expect(said.message).toMatchObject(outcome)
})

test('a page as the answer to a method that is not sold goes out as it came', async () => {
  const page = { statusCode: 503, body: '<p>Down</p>' }
  const handler = sell(await stack(), () => page)
  const body = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }
  expect(await handler(FUNCTION_URL.event({ body }))).toMatchObject(page)
})

test('a seller opens methods one by one, and the others stay closed', async () => {
  const { ask, handler } = await shop('SECRET', { otherMethods: ['prompts/get', 'own/method'] })
  for (const method of ['prompts/get', 'own/method']) {
    const { text } = await ask(FUNCTION_URL, method, { name: 'a', arguments: {} })
    expect(text).toContain('SECRET')
  }
  expect((await ask(FUNCTION_URL, 'resources/read')).said.message).toMatchObject(NOT_FOUND)
  expect(handler).toHaveBeenCalledTimes(2)
})

test.each([GATEWAY, GATEWAY_HTTP])(
  'behind $name the handler answers the methods of the list, and the target the others',
  async (door) => {
    const options = { ...door.options, otherMethods: ['prompts/get'] }
    const { ask, handler } = await shop('SECRET', options)
    expect((await ask(door, 'prompts/get')).text).toContain('SECRET')
    expect((await ask(door, 'resources/read')).said.forwarded).toBeDefined()
    expect((await ask(door, 'tools/list')).said.forwarded).toBeDefined()
    expect(handler).toHaveBeenCalledTimes(1)
  },
)

test("with 'handler' every method of MCP runs the handler", async () => {
  const { ask } = await shop('SECRET', { otherMethods: 'handler' })
  for (const [method, params] of [...WORK, ...DESCRIBING]) {
    expect((await ask(FUNCTION_URL, method, params)).text).toContain('SECRET')
  }
})
