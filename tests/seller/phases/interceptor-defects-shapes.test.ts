import { expect, jest, test } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { PRIVATE } from '../../support/caching.js'
import { TOOL, content, delivered, mcpOf, rawEvent, responseTo } from '../../support/doors.js'
import { outcomeOf } from '../../support/outcome.js'
import { answering, paid } from './support/paid-phases.js'
import { SHOWN, bothPhases, hello, intercept } from './support/phases.js'
import { asked } from '../../support/recorded.js'
import {
  allTextOf,
  challengeOf,
  contextWith,
  receiptOf,
  responseOf,
  stack,
  toolCall,
} from '../../support/seller.js'

type Fields = Record<string, unknown>

test('the headers of a request go on to the target with it', async () => {
  const headers = { 'Mcp-Session-Id': 's-1', 'x-tenant': 'acme', Accept: 'text/event-stream' }
  const event = (local: Local) =>
    rawEvent(toolCall(TOOL), { ...headers, 'payment-signature': local.accessToken() })
  const { forwarded } = await paid('transformed', {}, hello, { event })
  expect(forwarded?.['headers']).toEqual({ ...headers, 'x-agentcore-x402': expect.any(String) })
})

test.each(
  SHOWN.flatMap((shown) => [7, 0, '', 'req-1', '7', null].map((id) => [id, shown] as const)),
)('the id %p keeps its type, paid and unpaid (%s request)', async (id, shown) => {
  const event = (local: Local) =>
    rawEvent(toolCall(TOOL, {}, { id }), { 'payment-signature': local.accessToken() })
  const sold = await paid(shown, {}, hello, { event })
  const refused = await paid(shown, {}, hello, {
    event: () => rawEvent(toolCall(TOOL, {}, { id })),
  })
  expect(outcomeOf(sold.output)).toBe('settled')
  expect([responseOf(sold.output).body.id, responseOf(refused.output).body.id]).toEqual([id, id])
})

test.each(SHOWN)('a call without id gets no answer with one (%s request)', async (shown) => {
  const notification = { ...toolCall(TOOL), id: undefined }
  const target = jest.fn(hello)
  const { output } = await paid(shown, {}, target, { event: () => rawEvent(notification) })
  expect(output.mcp).toEqual({ transformedGatewayResponse: { statusCode: 202 } })
  expect(target).not.toHaveBeenCalled()
})

test.each(SHOWN)('a receipt is added to an answer without headers (%s request)', async (shown) => {
  for (const headers of [undefined, null]) {
    const { output } = await paid(shown, {}, answering({ headers }))
    expect(receiptOf(output)).toMatchObject({ success: true })
    expect(responseOf(output).body.result?._meta?.['x402']).toEqual(receiptOf(output))
  }
})

test.each(SHOWN)('an unknown tool is not passed on (%s request)', async (shown) => {
  const target = jest.fn(hello)
  const { output } = await paid(shown, { tools: { other: { credits: 1, planId: '1' } } }, target)
  expect(responseOf(output).body.error?.code).toBe(-32602)
  expect(target).not.toHaveBeenCalled()
})

test.each(SHOWN)('a tool call without params is not passed on (%s request)', async (shown) => {
  const target = jest.fn(hello)
  const event = () => rawEvent({ jsonrpc: '2.0', id: 1, method: 'tools/call' })
  const { output } = await paid(shown, {}, target, { event })
  expect(responseOf(output).body.error?.code).toBe(-32602)
  expect(target).not.toHaveBeenCalled()
})

test.each(SHOWN)('resources can be sold (%s request)', async (shown) => {
  const body = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'file:///a' } }
  const event = (local: Local) => rawEvent(body, { 'payment-signature': local.accessToken() })
  const { local, output } = await paid(shown, { billableMethods: ['resources/read'] }, hello, {
    event,
  })
  expect(outcomeOf(output)).toBe('settled')
  expect(asked(local, 'settle')[0]?.paymentRequired.resource.url).toBe('mcp://resources/read')
})

test('an empty response is a response: nothing is verified or forwarded', async () => {
  const local = await stack()
  const output = await intercept(local)(responseTo(local.paidEvent(TOOL), {}))
  expect(output).toEqual({
    interceptorOutputVersion: '1.0',
    mcp: { transformedGatewayResponse: {} },
  })
  expect(local.calls).toEqual([])
})

test.each<[string, Fields, number | undefined]>([
  ['headers that are null', rawEvent(toolCall(TOOL), null), undefined],
  ['no headers', rawEvent(toolCall(TOOL), 'none'), undefined],
  ['a batch', rawEvent([toolCall(TOOL)]), -32600],
  ['text', rawEvent('tools/call'), -32600],
])('%s make no failure of the Lambda', async (_, event, code) => {
  const local = await stack()
  const { output } = await bothPhases(intercept(local), event)
  expect(responseOf(output).statusCode).toBe(200)
  expect(responseOf(output).body.error?.code).toBe(code)
  if (code === undefined) expect(challengeOf(output)?.error).toBe('payment required')
})

test.each(SHOWN)(
  'what is sold has one name, whatever Lambda or host (%s request)',
  async (shown) => {
    const event = (local: Local) =>
      rawEvent(toolCall(TOOL), { Host: 'a.example', 'payment-signature': local.accessToken() })
    const context = { ...contextWith(60_000), invokedFunctionArn: 'arn:aws:lambda:a' }
    const { local } = await paid(shown, {}, hello, { event, context })
    const { verify, settle } = { verify: asked(local, 'verify'), settle: asked(local, 'settle') }
    const offers = [...verify, ...settle].map((it) => JSON.stringify(it.paymentRequired))
    expect(new Set(offers).size).toBe(1)
    expect(settle[0]?.paymentRequired.resource.url).toBe(`mcp://tool/${TOOL}`)
    expect(settle[0]?.paymentRequired.accepts[0]?.extra.httpVerb).toBe('POST')
  },
)

const SSE = (body: unknown) => `event: message\ndata: ${JSON.stringify(body)}\n\n`
test.each(SHOWN)(
  'an answer that is JSON text or an event stream is sold (%s request)',
  async (shown) => {
    const rpc = { jsonrpc: '2.0', id: 1, result: { content } }
    for (const body of [JSON.stringify(rpc), SSE(rpc), SSE({ method: 'n' }) + SSE(rpc)]) {
      const { local, output } = await paid(shown, {}, answering({ body }))
      expect([outcomeOf(output), local.balance()]).toEqual(['settled', 99n])
      expect(responseOf(output).body.result?.content).toEqual(content)
    }
  },
)

test.each(SHOWN)(
  'an answer that is none is neither charged nor passed on (%s request)',
  async (shown) => {
    for (const body of [
      [],
      7,
      { jsonrpc: '2.0', id: 1 },
      { jsonrpc: '2.0', id: 2, result: { content } },
      'Hello!',
      '<!doctype html><p>Hello!</p>',
      SSE({ jsonrpc: '2.0', id: 2, result: { content } }),
      JSON.stringify([{ jsonrpc: '2.0', id: 1, result: { content } }]),
    ]) {
      const { local, output } = await paid(shown, {}, answering({ body }))
      expect(allTextOf(output)).toBe('The tool failed. You were not charged.')
      expect(local.balance()).toBe(100n)
    }
  },
)

test.each(SHOWN)(
  'a payment in Authorization is taken without its Bearer (%s request)',
  async (shown) => {
    const event = (local: Local) =>
      rawEvent(toolCall(TOOL), { authorization: `Bearer ${local.accessToken()}` })
    const tokenHeader = ['authorization', 'payment-signature']
    const { local, output } = await paid(shown, { tokenHeader }, hello, { event })
    expect(outcomeOf(output)).toBe('settled')
    expect(asked(local, 'settle')[0]?.x402AccessToken).not.toMatch(/bearer/i)
  },
)

test.each(SHOWN)('an event stream goes out as JSON, and says so (%s request)', async (shown) => {
  const headers = {
    'content-type': 'text/event-stream',
    'Content-Length': '7',
    'content-encoding': 'identity',
    'Transfer-Encoding': 'chunked',
    ETag: '"1"',
    'x-own': 'kept',
  }
  const body = SSE({ jsonrpc: '2.0', id: 1, result: { content } })
  const { output } = await paid(shown, {}, answering({ headers, body }))
  expect(responseOf(output).headers).toEqual({
    'Content-Type': 'application/json',
    'x-own': 'kept',
    'payment-response': expect.any(String),
    ...PRIVATE,
  })
})

test.each(SHOWN)('a bad call without id gets no answer either (%s request)', async (shown) => {
  const target = jest.fn(hello)
  for (const params of [undefined, { name: '' }, { name: TOOL, arguments: [1] }]) {
    const event = () => rawEvent({ jsonrpc: '2.0', method: 'tools/call', params })
    const { output } = await paid(shown, {}, target, { event })
    expect(output.mcp).toEqual({ transformedGatewayResponse: { statusCode: 202 } })
  }
  expect(target).not.toHaveBeenCalled()
})

test('the answer to a call that nobody sold does not go out', async () => {
  const local = await stack()
  const handle = intercept(local, { tools: { other: { planId: local.planId } } })
  for (const call of [toolCall(TOOL), { jsonrpc: '2.0', id: 1, method: 'tools/call' }]) {
    const event = rawEvent(call, { 'payment-signature': local.accessToken() })
    const output = mcpOf(await handle(responseTo(event, delivered())))
    expect(responseOf(output).body.error?.code).toBe(-32602)
    expect(JSON.stringify(output)).not.toContain('Hello!')
  }
  expect(local.calls).toEqual([])
})
