import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { LambdaError, type GatewayOptions, type LambdaHandler } from '../../../src/local/index.js'
import { call, GENERIC, post, rpc, started, textResult, tool } from '../support/gateway.js'

function selling(lambda: LambdaHandler, more: Partial<GatewayOptions> = {}): GatewayOptions {
  return { targets: [{ name: 'shop', lambda, tools: [tool('echo')] }], ...more }
}

test.each(['2025-03-26', '2025-06-18', '2025-11-25'])(
  'a client of version %s initializes, lists and calls',
  async (version) => {
    const { url } = await started.gateway(selling((event) => event))
    const client = await started.client(url, { version })
    expect(client.getServerVersion()).toEqual({ name: 'agentcore-gateway', version: '1.0.0' })
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['x_amz_bedrock_agentcore_search', 'shop___echo'])
    const result = await client.callTool({ name: 'shop___echo', arguments: { a: 1 } })
    expect(result).toEqual(textResult('{"a":1}'))
    await client.ping()
  },
)

test('a Lambda target gets the arguments as its event, and the call in its client context', async () => {
  const seen: { event: unknown; context: Context }[] = []
  const lambda: LambdaHandler = (event, context) => void seen.push({ event, context })
  const { url } = await started.gateway(selling(lambda))
  await post(url, call('shop___echo', { q: 'x', deep: { list: [1] } }, 'call-7'))
  expect(seen).toHaveLength(1)
  expect(seen[0]?.event).toEqual({ q: 'x', deep: { list: [1] } })
  expect(seen[0]?.context.clientContext).toEqual({
    custom: {
      bedrockAgentCoreMessageVersion: '1.0',
      bedrockAgentCoreAwsRequestId: expect.any(String),
      bedrockAgentCoreMcpMessageId: 'call-7',
      bedrockAgentCoreGatewayId: expect.stringMatching(/^local-/),
      bedrockAgentCoreTargetId: 'shop',
      bedrockAgentCoreToolName: 'shop___echo',
      bedrockAgentCorePropagatedHeaders: {},
    },
  })
})

test('the id of a call is text in the client context', async () => {
  const gateway = await started.gateway(selling(() => 1))
  await post(gateway.url, call('shop___echo', {}, 7))
  expect(gateway.invocations[0]?.clientContext).toMatchObject({
    custom: { bedrockAgentCoreMcpMessageId: '7' },
  })
})

test.each([
  ['an object', { a: [1] }, '{"a":[1]}'],
  ['a string', 'hi', '"hi"'],
  ['nothing', undefined, 'null'],
  ['what looks like a result', { isError: true, content: [] }, '{"isError":true,"content":[]}'],
  ['what looks like an HTTP answer', { statusCode: 402, body: '' }, '{"statusCode":402,"body":""}'],
])('%s that a Lambda target returns becomes JSON text', async (_title, returned, text) => {
  const { url } = await started.gateway(selling(() => returned))
  const { body } = await post(url, call('shop___echo'))
  expect(body).toEqual({ jsonrpc: '2.0', id: 1, result: textResult(text) })
})

test('a Lambda target that throws gives a result with isError and no detail', async () => {
  const lambda: LambdaHandler = () => {
    throw new TypeError('the password is 123')
  }
  const plain = await started.gateway(selling(lambda))
  const failed = { isError: true, content: [{ type: 'text', text: GENERIC }] }
  expect((await post(plain.url, call('shop___echo'))).body).toMatchObject({ result: failed })
  const debug = await started.gateway(selling(lambda, { exceptionLevel: 'DEBUG' }))
  const told = [{ type: 'text', text: 'LambdaError: the password is 123' }]
  expect((await post(debug.url, call('shop___echo'))).body).toMatchObject({
    result: { isError: true, content: told },
  })
})

test('a Lambda target that takes too long is given up', async () => {
  const gateway = await started.gateway(
    selling(() => new Promise(() => undefined), { targetTimeoutMs: 20 }),
  )
  const { body } = await post(gateway.url, call('shop___echo'))
  expect(body).toMatchObject({ result: { isError: true } })
  expect(gateway.invocations[0]?.error).toMatchObject({ errorType: 'Sandbox.Timedout' })
})

test('the clock of a Lambda context runs down', async () => {
  const left: number[] = []
  const lambda: LambdaHandler = async (_event, context) => {
    left.push(context.getRemainingTimeInMillis())
    await new Promise((resolve) => setTimeout(resolve, 5))
    left.push(context.getRemainingTimeInMillis())
  }
  const { url } = await started.gateway(selling(lambda, { targetTimeoutMs: 1000 }))
  await post(url, call('shop___echo'))
  expect(left[0]).toBeGreaterThan(900)
  expect(left[1]).toBeLessThan(left[0] ?? 0)
})

test('a function elsewhere gets text, and answers with text', async () => {
  const got: unknown[] = []
  const invoke = async (invocation: object) => {
    got.push(invocation)
    return '[1]'
  }
  const { url } = await started.gateway({
    targets: [{ name: 'shop', lambda: { invoke }, tools: [tool('echo')] }],
    targetTimeoutMs: 7000,
  })
  const { body } = await post(url, call('shop___echo', { a: 'é' }))
  expect(body).toMatchObject({ result: textResult('[1]') })
  expect(got).toEqual([
    { payload: '{"a":"é"}', timeoutMs: 7000, clientContext: { custom: expect.any(Object) } },
  ])
})

test('a function elsewhere fails with the error of its own', async () => {
  const invoke = async () => Promise.reject(new LambdaError('Runtime.ExitError', 'exit 1'))
  const gateway = await started.gateway({
    targets: [{ name: 'shop', lambda: { invoke }, tools: [tool('echo')] }],
  })
  const { body } = await post(gateway.url, call('shop___echo'))
  expect(body).toMatchObject({ result: { isError: true } })
  expect(gateway.invocations[0]?.error).toMatchObject({ errorType: 'Runtime.ExitError' })
})

test('an answer of more than 6 MB fails the call, one of just 6 MB does not', async () => {
  const sizes = new Map([
    [6 * 1024 * 1024 - 2, false],
    [6 * 1024 * 1024 - 1, true],
  ])
  for (const [size, isError] of sizes) {
    const gateway = await started.gateway(selling(() => 'x'.repeat(size)))
    const { body } = await post(gateway.url, call('shop___echo'))
    expect(body).toMatchObject({ result: { isError } })
  }
})

test('what cannot become JSON fails the call', async () => {
  const gateway = await started.gateway(selling(() => ({ big: 1n })))
  expect((await post(gateway.url, call('shop___echo'))).body).toMatchObject({
    result: { isError: true },
  })
  expect(gateway.invocations[0]?.error).toMatchObject({ errorType: 'Runtime.MarshalError' })
})

test('what a handler changes in its event changes nothing of the gateway', async () => {
  const lambda: LambdaHandler = (event) => {
    ;(event as { a: number }).a = 2
  }
  const gateway = await started.gateway(selling(lambda))
  await post(gateway.url, call('shop___echo', { a: 1 }))
  expect(gateway.invocations[0]?.event).toEqual({ a: 1 })
})

test.each(['echo', 'shop__echo', 'shop___other', 'other___echo', '___echo', ''])(
  'the tool %p is unknown',
  async (name) => {
    const { url } = await started.gateway(selling(() => 1))
    const { status, body } = await post(url, call(name))
    expect(status).toBe(200)
    expect(body).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32602, message: `Unknown tool: ${name}` },
    })
  },
)

test("a tool's name may hold three underscores, a target's ends at the first", async () => {
  const targets = [{ name: 'shop', lambda: () => 1, tools: [tool('a___b')] }]
  const { url } = await started.gateway({ targets })
  const { body } = await post(url, call('shop___a___b'))
  expect(body).toMatchObject({ result: textResult('1') })
})

test('the search tool finds tools by the words of a query, best first', async () => {
  const targets = [
    { name: 'a', lambda: () => 1, tools: [{ ...tool('weather'), description: 'Rain in a city' }] },
    {
      name: 'b',
      lambda: () => 1,
      tools: [tool('clock'), { ...tool('rain'), description: 'Rain' }],
    },
  ]
  const { url } = await started.gateway({ targets })
  const client = await started.client(url)
  const result = await client.callTool({
    name: 'x_amz_bedrock_agentcore_search',
    arguments: { query: 'rain, city' },
  })
  const found = result.structuredContent as { tools: { name: string }[] }
  expect(found.tools.map(({ name }) => name)).toEqual(['a___weather', 'b___rain'])
  expect(result.content).toEqual([{ type: 'text', text: JSON.stringify(found) }])
})

test('a call without a tool, or a search without a query, has invalid parameters', async () => {
  const { url } = await started.gateway(selling(() => 1))
  for (const body of [rpc('tools/call', {}), call('x_amz_bedrock_agentcore_search', {})]) {
    expect((await post(url, body)).body).toMatchObject({ error: { code: -32602 } })
  }
})

test('without search there is no such tool', async () => {
  const { url } = await started.gateway(selling(() => 1, { search: false }))
  const { body } = await post(url, rpc('tools/list'))
  expect(body).toMatchObject({ result: { tools: [{ name: 'shop___echo' }] } })
  const searched = await post(url, call('x_amz_bedrock_agentcore_search', { query: 'x' }))
  expect(searched.body).toMatchObject({ error: { code: -32602 } })
})
