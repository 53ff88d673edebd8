import { expect, test } from '@jest/globals'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import type { GatewayOptions, LambdaHandler } from '../../../src/local/index.js'
import {
  call,
  events,
  GENERIC,
  gatewayWith,
  mcpOutput,
  passing,
  post,
  rpc,
  started,
} from '../support/gateway.js'
import { startMcpServer } from '../support/mcp-server.js'

/** A streaming gateway before an MCP server. */
async function streamingGateway(response: LambdaHandler, more: Partial<GatewayOptions> = {}) {
  const server = started.add(await startMcpServer())
  return gatewayWith(passing, response, {
    targets: [{ name: 'srv', mcp: server.url }],
    streaming: true,
    sessions: true,
    ...more,
  })
}

test('of a stream, RESPONSE sees each message that has an id, and the head once', async () => {
  const gateway = await streamingGateway(passing)
  const client = await started.client(gateway.url, { capabilities: { elicitation: {} } })
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' }))
  const before = gateway.invocations.length
  await client.callTool({ name: 'srv___ask' })
  const later = gateway.invocations.slice(before)
  expect(later.map(({ kind }) => kind)).toEqual([
    'REQUEST', // tools/call
    'TARGET',
    'RESPONSE', // elicitation/create
    'REQUEST', // the client's answer to it
    'RESPONSE', // the result
  ])
  const called = { body: expect.objectContaining({ method: 'tools/call' }) }
  expect(later[2]?.event).toMatchObject({
    mcp: {
      gatewayRequest: called,
      gatewayResponse: {
        statusCode: 200,
        headers: {},
        isStreamingResponse: true,
        body: { method: 'elicitation/create', id: expect.stringMatching(/^gateway-/) },
      },
    },
  })
  expect(later[3]?.event).toMatchObject({
    mcp: { gatewayRequest: { body: { result: { action: 'decline' } } }, gatewayResponse: null },
  })
  const { gatewayRequest, gatewayResponse } = (later[4]?.event as { mcp: Record<string, object> })
    .mcp
  expect(gatewayRequest).toMatchObject(called)
  expect(gatewayResponse).toEqual({
    isStreamingResponse: true,
    body: { jsonrpc: '2.0', id: expect.any(Number), result: expect.any(Object) },
  })
})

const STREAM = { accept: 'text/event-stream' }

function messages(body: unknown): unknown[] {
  const data = String(body).match(/(?<=^data: ).*$/gm) ?? []
  return data.map((one) => JSON.parse(one) as unknown)
}

test('the first event of a stream may change the head, and notifications go by', async () => {
  const change: LambdaHandler = (event) => {
    const { body } = (event as { mcp: { gatewayResponse: { body: object } } }).mcp.gatewayResponse
    const changed = { statusCode: 201, headers: { 'x-set': 'a' }, body: { ...body, seen: true } }
    return { interceptorOutputVersion: '1.0', mcp: { transformedGatewayResponse: changed } }
  }
  const gateway = await streamingGateway(change, { sessions: false })
  const answer = await post(gateway.url, call('srv___echo', { say: 'x' }), STREAM)
  expect(answer.status).toBe(201)
  expect(answer.headers.get('x-set')).toBe('a')
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  expect(messages(answer.body)).toEqual([expect.objectContaining({ id: 1, seen: true })])

  const noisy = rpc('tools/call', { name: 'srv___slow', _meta: { progressToken: 'p' } })
  const slow = await post(gateway.url, noisy, STREAM)
  expect([slow.status, slow.headers.get('x-set')]).toEqual([200, null])
  expect(messages(slow.body).map((one) => (one as { method?: string }).method)).toEqual([
    'notifications/progress',
    'notifications/progress',
    'notifications/message',
    undefined,
  ])
  expect(messages(slow.body).at(-1)).toMatchObject({ id: 1, seen: true })
})

test('a RESPONSE interceptor that fails a stream withholds the result', async () => {
  const gateway = await streamingGateway(() => undefined, { sessions: false })
  const first = await post(gateway.url, call('srv___echo', { say: 'secret' }), STREAM)
  expect([first.status, JSON.stringify(first.body)]).toEqual([
    500,
    expect.not.stringContaining('secret'),
  ])
  const noisy = rpc('tools/call', { name: 'srv___slow', _meta: { progressToken: 'p' } })
  const later = await post(gateway.url, noisy, STREAM)
  expect(later.status).toBe(200)
  expect(messages(later.body).at(-1)).toEqual({
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32603, message: GENERIC },
  })
})

test('a short circuit is no stream', async () => {
  const body = { jsonrpc: '2.0', id: 1, result: {} }
  const server = started.add(await startMcpServer())
  const gateway = await gatewayWith(mcpOutput({ transformedGatewayResponse: { body } }), passing, {
    targets: [{ name: 'srv', mcp: server.url }],
    streaming: true,
  })
  const answer = await post(gateway.url, call('srv___echo'), STREAM)
  expect(answer).toMatchObject({ status: 200, body })
  const [event] = events(gateway.invocations, 'RESPONSE')
  expect(event).toMatchObject({ mcp: { gatewayResponse: { statusCode: 200 } } })
  expect(JSON.stringify(event)).not.toContain('isStreamingResponse')
})

test('a buffered answer of an MCP server is no stream for RESPONSE', async () => {
  const gateway = await streamingGateway(passing, { sessions: false, streaming: false })
  await post(gateway.url, call('srv___slow'), STREAM)
  const [event] = events(gateway.invocations, 'RESPONSE')
  const { gatewayResponse } = (event as { mcp: { gatewayResponse: object } }).mcp
  expect(Object.keys(gatewayResponse)).toEqual(['statusCode', 'headers', 'body'])
})
