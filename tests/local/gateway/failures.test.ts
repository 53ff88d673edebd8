import { expect, test } from '@jest/globals'
import type { GatewayOptions, LambdaHandler } from '../../../src/local/index.js'
import {
  call,
  GENERIC,
  gatewayWith,
  mcpOutput,
  passing,
  post,
  rpc,
  textResult,
} from '../support/gateway.js'

const FAILING: [string, LambdaHandler][] = [
  ['throws', () => Promise.reject(new Error('secret reason'))],
  ['answers nothing', () => undefined],
  ['answers a string', () => '{}'],
  ['leaves the version out', () => ({ mcp: {} })],
  ['has a number as its version', () => ({ interceptorOutputVersion: 1.0, mcp: {} })],
  ['has another version', () => ({ interceptorOutputVersion: '1.1', mcp: {} })],
  ['leaves mcp out', () => ({ interceptorOutputVersion: '1.0' })],
  ['answers in the form of HTTP targets', () => ({ interceptorOutputVersion: '1.0', http: {} })],
  ['has a list as its response', mcpOutput({ transformedGatewayResponse: [] })],
  ['has a string as its body', mcpOutput({ transformedGatewayResponse: { body: '{}' } })],
  ['has a number in a header', mcpOutput({ transformedGatewayResponse: { headers: { a: 1 } } })],
  [
    'has a line break in a header',
    mcpOutput({ transformedGatewayResponse: { headers: { a: '\n' } } }),
  ],
  ['has a status that is none', mcpOutput({ transformedGatewayResponse: { statusCode: 99 } })],
  ['has a status as text', mcpOutput({ transformedGatewayResponse: { statusCode: '200' } })],
]

test.each(FAILING)(
  'an interceptor that %s fails the call with HTTP 500',
  async (_title, lambda) => {
    for (const [request, response] of [
      [lambda, undefined] as const,
      [undefined, lambda] as const,
    ]) {
      const gateway = await gatewayWith(request, response)
      const answer = await post(gateway.url, call('shop___echo', {}, 'my-id'))
      expect(answer.status).toBe(500)
      expect(answer.body).toEqual({
        jsonrpc: '2.0',
        id: 'my-id',
        error: { code: -32603, message: GENERIC },
      })
      const called = gateway.invocations.map(({ kind }) => kind)
      expect(called).toEqual(request === undefined ? ['TARGET', 'RESPONSE'] : ['REQUEST'])
      expect(gateway.invocations.at(-1)?.error).toBeInstanceOf(Error)
    }
  },
)

test.each(FAILING)(
  'with failures left open, an interceptor that %s is ignored',
  async (_t, lambda) => {
    const open: Partial<GatewayOptions> = { assume: { interceptorFailure: 'open' } }
    for (const [request, response] of [
      [lambda, undefined] as const,
      [undefined, lambda] as const,
    ]) {
      const gateway = await gatewayWith(request, response, open)
      const { status, body } = await post(gateway.url, call('shop___echo', { a: 1 }))
      expect(status).toBe(200)
      expect(body).toMatchObject({ result: textResult('{"a":1}') })
    }
  },
)

test('a function elsewhere whose answer is no JSON fails the call', async () => {
  const gateway = await gatewayWith(undefined, undefined, {
    requestInterceptor: { lambda: { invoke: async () => 'oops' } },
  })
  expect((await post(gateway.url, rpc('ping'))).status).toBe(500)
})

test('a body that is no JSON-RPC message fails the call', async () => {
  const lambda = mcpOutput({ transformedGatewayRequest: { body: { hello: 'world' } } })
  const gateway = await gatewayWith(lambda, undefined, { exceptionLevel: 'DEBUG' })
  const { status, body } = await post(gateway.url, rpc('ping'))
  expect(status).toBe(500)
  expect(body).toMatchObject({ error: { message: expect.stringContaining('no JSON-RPC message') } })
})

test('DEBUG tells why an interceptor failed', async () => {
  const lambda = () => Promise.reject(new Error('no table'))
  const gateway = await gatewayWith(lambda, undefined, { exceptionLevel: 'DEBUG' })
  const { body } = await post(gateway.url, rpc('ping'))
  expect(body).toMatchObject({
    error: { message: 'InterceptorFailure: REQUEST interceptor: no table' },
  })
})

test('an interceptor that takes too long fails the call', async () => {
  const gateway = await gatewayWith(() => new Promise(() => undefined), undefined, {
    interceptorTimeoutMs: 20,
  })
  expect((await post(gateway.url, rpc('ping'))).status).toBe(500)
})

test('a failed interceptor is retried as often as assumed, a garbled output is not', async () => {
  let calls = 0
  const flaky: LambdaHandler = () => {
    calls += 1
    if (calls < 3) throw new Error('not yet')
    return passing()
  }
  const retries = (interceptorRetries: number): Partial<GatewayOptions> => ({
    assume: { interceptorRetries },
  })
  const twice = await gatewayWith(flaky, undefined, retries(2))
  expect((await post(twice.url, rpc('ping'))).status).toBe(200)
  expect(twice.invocations.map(({ error }) => error?.message)).toEqual([
    'not yet',
    'not yet',
    undefined,
  ])
  calls = 0
  const once = await gatewayWith(flaky, undefined, retries(1))
  expect((await post(once.url, rpc('ping'))).status).toBe(500)
  const garbled = await gatewayWith(() => ({}), undefined, retries(5))
  expect((await post(garbled.url, rpc('ping'))).status).toBe(500)
  expect(garbled.invocations).toHaveLength(1)
})

test('an event and its answer may be 6 MB together', async () => {
  const grow = (bytes: number) =>
    mcpOutput({
      transformedGatewayResponse: {
        body: { jsonrpc: '2.0', id: 1, result: { x: 'x'.repeat(bytes) } },
      },
    })
  const half = 'x'.repeat(2 * 1024 * 1024)
  const gateway = await gatewayWith(grow(2 * 1024 * 1024), undefined)
  // The event holds the body twice: 4 MB and 2 MB are too much by the envelopes.
  expect((await post(gateway.url, call('shop___echo', { half }))).status).toBe(500)
  expect((await post(gateway.url, call('shop___echo', { half: half.slice(1000) }))).status).toBe(
    200,
  )
})

test('an event of more than 6 MB cannot be sent to an interceptor', async () => {
  const gateway = await gatewayWith(passing, undefined)
  const args = { x: 'x'.repeat(3.2 * 1024 * 1024) }
  expect((await post(gateway.url, call('shop___echo', args))).status).toBe(500)
  expect(gateway.invocations[0]?.error).toMatchObject({ errorType: 'RequestTooLargeException' })
})
