import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import type { LambdaHandler } from '../../../src/local/index.js'
import {
  call,
  events,
  gatewayWith,
  mcpOutput,
  passing,
  post,
  rpc,
  started,
  textResult,
} from '../support/gateway.js'

const HEADERS = { 'X-Own': 'yes', 'mcp-protocol-version': '2025-06-18' }
const SEEN = expect.objectContaining({
  'x-own': 'yes',
  'content-type': 'application/json',
  host: expect.stringMatching(/^127\.0\.0\.1:/),
  'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
})

test('the events of both phases have the documented form', async () => {
  const gateway = await gatewayWith(passing, passing)
  const raw =
    '{ "jsonrpc":"2.0", "id":"a", "method":"tools/call",\n "params":{"name":"shop___echo"} }'
  const { body } = await post(gateway.url, raw, HEADERS)
  expect(body).toEqual({ jsonrpc: '2.0', id: 'a', result: textResult('{}') })
  const gatewayRequest = {
    path: '/mcp',
    httpMethod: 'POST',
    headers: SEEN,
    body: JSON.parse(raw) as unknown,
    context: null,
  }
  expect(events(gateway.invocations, 'REQUEST')).toEqual([
    {
      interceptorInputVersion: '1.0',
      mcp: { rawGatewayRequest: { body: raw }, gatewayRequest, gatewayResponse: null },
    },
  ])
  const gatewayResponse = { statusCode: 200, headers: {}, body }
  expect(events(gateway.invocations, 'RESPONSE')).toEqual([
    {
      interceptorInputVersion: '1.0',
      mcp: { rawGatewayRequest: { body: raw }, gatewayRequest, gatewayResponse },
    },
  ])
  expect(gateway.invocations.map(({ clientContext }) => clientContext !== undefined)).toEqual([
    false,
    true,
    false,
  ])
})

test('both phases of a call see the same trace', async () => {
  const gateway = await gatewayWith(passing, passing)
  await post(gateway.url, rpc('ping'), { 'x-amzn-trace-id': 'Root=mine' })
  await post(gateway.url, rpc('ping'))
  const traces = gateway.invocations.map(({ event }) => {
    const { gatewayRequest } = (event as { mcp: { gatewayRequest: { headers: object } } }).mcp
    return (gatewayRequest.headers as Record<string, string>)['x-amzn-trace-id']
  })
  expect(traces.slice(0, 2)).toEqual(['Root=mine', 'Root=mine'])
  expect(traces[2]).toBe(traces[3])
  expect(traces[2]).not.toBe('Root=mine')
})

test('without passRequestHeaders there is no headers member at all', async () => {
  const gateway = await gatewayWith(passing, passing, {}, false)
  await post(gateway.url, rpc('ping'))
  for (const { event } of gateway.invocations) {
    const { gatewayRequest } = (event as { mcp: { gatewayRequest: object } }).mcp
    expect(Object.keys(gatewayRequest)).toEqual(['path', 'httpMethod', 'body', 'context'])
  }
  expect(gateway.invocations).toHaveLength(2)
})

test('every method goes through both interceptors, a notification through the first', async () => {
  const gateway = await gatewayWith(passing, passing)
  const client = await started.client(gateway.url)
  await client.ping()
  await client.listTools()
  await client.callTool({ name: 'shop___echo' })
  await client.listPrompts()
  const methods = (kind: 'REQUEST' | 'RESPONSE') =>
    events(gateway.invocations, kind).map(
      (event) =>
        (event as { mcp: { gatewayRequest: { body: { method: string } } } }).mcp.gatewayRequest.body
          .method,
    )
  const answered = ['initialize', 'ping', 'tools/list', 'tools/call', 'prompts/list']
  expect(methods('RESPONSE')).toEqual(answered)
  expect(methods('REQUEST')).toEqual([
    'initialize',
    'notifications/initialized',
    ...answered.slice(1),
  ])
})

test('methods a gateway does not serve are not found, after the interceptor saw them', async () => {
  const gateway = await gatewayWith(passing, undefined)
  for (const method of [
    'logging/setLevel',
    'completion/complete',
    'server/discover',
    'constructor',
  ]) {
    const { status, body } = await post(gateway.url, rpc(method))
    expect(status).toBe(200)
    expect(body).toMatchObject({ error: { code: -32601, message: `Method not found: ${method}` } })
  }
  expect(events(gateway.invocations, 'REQUEST')).toHaveLength(4)
})

test('a REQUEST interceptor changes the call', async () => {
  const body = call('shop___echo', { changed: true }, 9)
  const gateway = await gatewayWith(mcpOutput({ transformedGatewayRequest: { body } }), undefined)
  const answer = await post(gateway.url, call('shop___echo', { changed: false }, 1))
  expect(answer.body).toEqual({ jsonrpc: '2.0', id: 9, result: textResult('{"changed":true}') })
})

test('a transformedGatewayResponse wins, no target is called, and RESPONSE still runs', async () => {
  const denied = { jsonrpc: '2.0', id: 1, result: { isError: true, content: [] } }
  const gateway = await gatewayWith(
    mcpOutput({
      transformedGatewayRequest: { body: call('shop___echo') },
      transformedGatewayResponse: { statusCode: 200, headers: { 'X-Set': 'a' }, body: denied },
    }),
    passing,
  )
  const answer = await post(gateway.url, call('shop___echo'))
  expect(answer.body).toEqual(denied)
  expect(answer.headers.get('x-set')).toBe('a')
  expect(gateway.invocations.map(({ kind }) => kind)).toEqual(['REQUEST', 'RESPONSE'])
  expect(gateway.invocations[1]?.event).toMatchObject({
    mcp: { gatewayResponse: { statusCode: 200, headers: { 'x-set': 'a' }, body: denied } },
  })
})

test('a notification can be refused, and RESPONSE runs then', async () => {
  const refused = mcpOutput({ transformedGatewayResponse: { statusCode: 202 } })
  const gateway = await gatewayWith(refused, passing)
  const body = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'shop___echo' } }
  const answer = await post(gateway.url, body)
  expect(answer).toMatchObject({ status: 202, body: '' })
  expect(events(gateway.invocations, 'RESPONSE')).toEqual([
    expect.objectContaining({
      mcp: expect.objectContaining({
        gatewayResponse: { statusCode: 202, headers: {}, body: null },
      }),
    }),
  ])
})

test('a call without an id is run by nobody', async () => {
  const gateway = await gatewayWith(passing, passing)
  const body = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'shop___echo' } }
  expect(await post(gateway.url, body)).toMatchObject({ status: 202, body: '' })
  expect(gateway.invocations.map(({ kind }) => kind)).toEqual(['REQUEST'])
})

test('a RESPONSE interceptor changes status, headers and body', async () => {
  const body = { jsonrpc: '2.0', id: 1, result: { mine: true } }
  const changed = { statusCode: 203, headers: { 'Payment-Response': 'abc' }, body }
  const gateway = await gatewayWith(undefined, mcpOutput({ transformedGatewayResponse: changed }))
  const answer = await post(gateway.url, rpc('ping'))
  expect(answer).toMatchObject({ status: 203, body })
  expect(answer.headers.get('payment-response')).toBe('abc')
  expect(answer.headers.get('content-type')).toBe('application/json')
})

test.each([
  ['nothing', {}],
  ['nulls', { transformedGatewayRequest: null, transformedGatewayResponse: null }],
  ['empty objects', { transformedGatewayRequest: {} }],
  ['null members', { transformedGatewayRequest: { headers: null, body: null } }],
  ["the input's names", { gatewayRequest: { body: rpc('nothing') }, gatewayResponse: { body: 1 } }],
])('an output with %s changes nothing', async (_title, members) => {
  const gateway = await gatewayWith(mcpOutput(members), mcpOutput(members))
  const { body } = await post(gateway.url, call('shop___echo', { a: 1 }))
  expect(body).toMatchObject({ result: textResult('{"a":1}') })
})

test('a function may serve both phases', async () => {
  const both: LambdaHandler = (event) => {
    const { gatewayResponse } = (event as { mcp: { gatewayResponse: { body: object } | null } }).mcp
    if (gatewayResponse === null) return passing()
    const body = { ...gatewayResponse.body, seen: true }
    return { interceptorOutputVersion: '1.0', mcp: { transformedGatewayResponse: { body } } }
  }
  const gateway = await gatewayWith(both, both)
  const { body } = await post(gateway.url, rpc('ping'))
  expect(body).toEqual({ jsonrpc: '2.0', id: 1, result: {}, seen: true })
})

test('an interceptor has a clock that runs down from its own limit', async () => {
  let left = 0
  const lambda = (_event: unknown, context: Context) => {
    left = context.getRemainingTimeInMillis()
    return passing()
  }
  const { url } = await gatewayWith(lambda, undefined, { interceptorTimeoutMs: 5000 })
  await post(url, rpc('ping'))
  expect(left).toBeGreaterThan(4000)
  expect(left).toBeLessThanOrEqual(5000)
})
