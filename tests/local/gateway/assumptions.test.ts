import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import type {
  Assumptions,
  GatewayOptions,
  LambdaHandler,
  LocalGateway,
} from '../../../src/local/index.js'
import {
  call,
  events,
  GENERIC,
  intercepted,
  mcpOutput,
  passing,
  post,
  rpc,
  started,
  textResult,
  tool,
} from '../support/gateway.js'

async function assuming(
  assume: Partial<Assumptions>,
  request: LambdaHandler | undefined,
  response: LambdaHandler | undefined,
  more: Partial<GatewayOptions> = {},
): Promise<LocalGateway> {
  return started.gateway(intercepted(request, response, { assume, ...more }))
}

/** `mcp` of the first event of a phase. */
function seen(gateway: LocalGateway, kind: 'REQUEST' | 'RESPONSE'): Record<string, unknown> {
  const [event] = events(gateway.invocations, kind)
  return (event as { mcp: Record<string, unknown> }).mcp
}

const change = mcpOutput({
  transformedGatewayRequest: {
    headers: { 'X-Mine': 'new', 'X-More': 'm' },
    body: call('shop___echo', { a: 2 }),
  },
})

test.each(['original', 'transformed'] as const)(
  'RESPONSE sees the %s request, and the text as it came',
  async (responseSees) => {
    const gateway = await assuming({ responseSees }, change, passing)
    const text = JSON.stringify(call('shop___echo', { a: 1 }))
    const { body } = await post(gateway.url, text, { 'x-mine': 'old' })
    expect(body).toMatchObject({ result: textResult('{"a":2}') })
    const { gatewayRequest, rawGatewayRequest } = seen(gateway, 'RESPONSE')
    const original = responseSees === 'original'
    expect(gatewayRequest).toMatchObject({
      body: call('shop___echo', { a: original ? 1 : 2 }),
      headers: original ? { 'x-mine': 'old' } : { 'x-mine': 'new', 'x-more': 'm' },
    })
    expect(rawGatewayRequest).toEqual({ body: text })
  },
)

test('without nulls the events are as documented', async () => {
  const gateway = await assuming({ nullFields: 'documented' }, passing, passing, {})
  await post(gateway.url, rpc('ping'))
  expect(Object.keys(seen(gateway, 'REQUEST'))).toEqual(['rawGatewayRequest', 'gatewayRequest'])
  expect(seen(gateway, 'REQUEST')['gatewayRequest']).not.toHaveProperty('context')
  expect(seen(gateway, 'RESPONSE')['gatewayRequest']).not.toHaveProperty('context')
})

test.each([
  ['lower', 'x-own-header', 'mcp-session-id'],
  ['title', 'X-Own-Header', 'Mcp-Session-Id'],
] as const)('functions see header names in %s case', async (headerCase, own, session) => {
  const gateway = await assuming({ headerCase }, passing, passing, { sessions: true })
  await post(gateway.url, rpc('initialize', {}), { 'X-OWN-header': 'x' })
  expect(seen(gateway, 'REQUEST')['gatewayRequest']).toMatchObject({ headers: { [own]: 'x' } })
  expect(seen(gateway, 'RESPONSE')['gatewayResponse']).toMatchObject({
    headers: { [session]: expect.any(String) },
  })
})

test.each([true, false])(
  'the session of the client is seen by interceptors: %p',
  async (visible) => {
    const gateway = await assuming({ sessionHeader: visible }, passing, passing, { sessions: true })
    const client = await started.client(gateway.url)
    await client.ping()
    const headers = events(gateway.invocations, 'REQUEST').map(
      (event) =>
        (event as { mcp: { gatewayRequest: { headers: object } } }).mcp.gatewayRequest.headers,
    )
    const ids = headers.map((one) => (one as Record<string, string>)['mcp-session-id'])
    expect(ids.at(-1)).toEqual(visible ? expect.any(String) : undefined)
  },
)

test.each([
  ['none', undefined],
  ['as-http', { GATEWAY_ACCOUNT_ID: '000000000000', SOURCE_IP: '127.0.0.1' }],
] as const)('interceptors of an MCP gateway have the client context %s', async (kind, custom) => {
  const contexts: unknown[] = []
  const lambda: LambdaHandler = (_event, context: Context) => {
    contexts.push(context.clientContext)
    return passing()
  }
  const { url } = await assuming({ mcpClientContext: kind }, lambda, lambda)
  await post(url, rpc('ping'))
  const expected = custom && { custom: expect.objectContaining(custom) }
  expect(contexts).toEqual([expected, expected])
})

test.each([
  ['merge', { 'x-mine': 'client', 'x-client': 'c' }],
  ['replace', { 'x-mine': 'client' }],
] as const)(
  'with %s, the headers an interceptor returns reach a target so',
  async (mode, reach) => {
    const headers = { 'X-Mine': 'client' }
    const gateway = await assuming(
      { interceptorHeaders: mode },
      mcpOutput({ transformedGatewayRequest: { headers } }),
      undefined,
      {
        targets: [
          {
            name: 'shop',
            lambda: () => 1,
            tools: [tool('echo')],
            allowedRequestHeaders: ['x-mine', 'x-client'],
          },
        ],
      },
    )
    await post(gateway.url, call('shop___echo'), { 'x-client': 'c' })
    expect(gateway.invocations.at(-1)?.clientContext).toMatchObject({
      custom: { bedrockAgentCorePropagatedHeaders: reach },
    })
  },
)

test.each([
  ['merge', 'r'],
  ['replace', null],
] as const)('with %s, RESPONSE leaves what REQUEST set so', async (interceptorHeaders, left) => {
  const set = (headers: object) => mcpOutput({ transformedGatewayResponse: { headers } })
  const body = { jsonrpc: '2.0', id: 1, result: {} }
  const gateway = await assuming(
    { interceptorHeaders },
    mcpOutput({ transformedGatewayResponse: { headers: { 'x-request': 'r' }, body } }),
    set({ 'x-response': 's' }),
  )
  const { headers } = await post(gateway.url, rpc('ping'))
  expect([headers.get('x-request'), headers.get('x-response')]).toEqual([left, 's'])
})

test.each([
  ['all', 'a', 'b'],
  [['Payment-Response'], 'a', null],
  [[], null, null],
] as const)('of the headers an interceptor sets, %j reach the client', async (list, a, b) => {
  const headers = { 'payment-response': 'a', 'x-other': 'b' }
  const gateway = await assuming(
    { responseHeaders: list },
    undefined,
    mcpOutput({ transformedGatewayResponse: { headers } }),
    { sessions: true },
  )
  const answer = await post(gateway.url, rpc('initialize', {}))
  expect([answer.headers.get('payment-response'), answer.headers.get('x-other')]).toEqual([a, b])
  expect(answer.headers.get('mcp-session-id')).toEqual(expect.any(String))
  expect(answer.headers.get('content-type')).toBe('application/json')
})

test.each([
  ['passed', 402, { result: { paid: false } }],
  ['failure', 500, { error: { code: -32603, message: GENERIC } }],
] as const)('a status that is not 2xx is %s', async (shortCircuitStatus, status, members) => {
  const body = { jsonrpc: '2.0', id: 1, result: { paid: false } }
  const gateway = await assuming(
    { shortCircuitStatus },
    mcpOutput({ transformedGatewayResponse: { statusCode: 402, body } }),
    undefined,
  )
  expect(await post(gateway.url, rpc('ping'))).toMatchObject({ status, body: members })
})

test.each([
  ['whole', { 'x-own': 'a' }, { jsonrpc: '2.0', id: 1, result: { paid: false } }],
  ['no body', { 'x-own': 'a' }, null],
  ['status', {}, null],
] as const)(
  'of an answer of REQUEST, RESPONSE is shown: %s',
  async (shortCircuitShown, headers, body) => {
    const refusal = { jsonrpc: '2.0', id: 1, result: { paid: false } }
    const refuses = mcpOutput({
      transformedGatewayResponse: { statusCode: 200, headers: { 'X-Own': 'a' }, body: refusal },
    })
    const gateway = await assuming({ shortCircuitShown }, refuses, passing)
    const answer = await post(gateway.url, rpc('ping'))
    expect(seen(gateway, 'RESPONSE')['gatewayResponse']).toMatchObject({
      statusCode: 200,
      headers,
      body,
    })
    expect(answer.body || null).toEqual(body)
    const alone = await assuming({ shortCircuitShown }, refuses, undefined)
    expect((await post(alone.url, rpc('ping'))).body).toEqual(refusal)
  },
)

test('a status of 2xx is passed in any case', async () => {
  const accepted = mcpOutput({ transformedGatewayResponse: { statusCode: 202 } })
  const gateway = await assuming({ shortCircuitStatus: 'failure' }, accepted, undefined)
  expect(await post(gateway.url, rpc('ping'))).toMatchObject({ status: 202, body: '' })
})

const RESULT = {
  isError: true,
  content: [{ type: 'text', text: 'no' }],
  structuredContent: { a: 1 },
}

test.each([
  ['a whole result', RESULT, RESULT],
  ['a result without isError', { content: [] }, { isError: false, content: [] }],
  ['something else', { answer: 42 }, textResult('{"answer":42}')],
  ['a list', [1], textResult('[1]')],
])('unwrapped, %s of a Lambda target becomes what it is', async (_title, returned, result) => {
  const gateway = await assuming({ lambdaResult: 'unwrapped' }, undefined, undefined, {
    targets: [{ name: 'shop', lambda: () => returned, tools: [tool('echo')] }],
  })
  expect((await post(gateway.url, call('shop___echo'))).body).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result,
  })
})

test.each([
  ['allow-listed', undefined, { 'x-client': 'c' }],
  ['allow-listed', { 'x-client': 'i' }, { 'x-client': 'i' }],
  ['echoed', undefined, {}],
  ['echoed', { 'x-client': 'i' }, { 'x-client': 'i' }],
] as const)(
  '%s headers reach a Lambda target (returned: %j)',
  async (lambdaHeaders, headers, got) => {
    const lambda = mcpOutput({ transformedGatewayRequest: { headers } })
    const gateway = await assuming({ lambdaHeaders }, lambda, undefined, {
      targets: [
        {
          name: 'shop',
          lambda: () => 1,
          tools: [tool('echo')],
          allowedRequestHeaders: ['X-Client'],
        },
      ],
    })
    await post(gateway.url, call('shop___echo'), { 'x-client': 'c' })
    expect(gateway.invocations.at(-1)?.clientContext).toMatchObject({
      custom: { bedrockAgentCorePropagatedHeaders: got },
    })
  },
)

test('a batch is served, where that is assumed', async () => {
  const gateway = await assuming({ batch: 'served' }, passing, passing)
  const batch = [
    rpc('ping', undefined, 'p'),
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    call('shop___echo', { a: 1 }, 2),
  ]
  const answer = await post(gateway.url, batch)
  expect(answer.body).toEqual([
    { jsonrpc: '2.0', id: 'p', result: {} },
    { jsonrpc: '2.0', id: 2, result: textResult('{"a":1}') },
  ])
  expect(seen(gateway, 'REQUEST')['gatewayRequest']).toMatchObject({ body: batch })
  expect(seen(gateway, 'RESPONSE')['gatewayResponse']).toMatchObject({ body: answer.body })
  expect(await post(gateway.url, [batch[1]])).toMatchObject({ status: 202, body: '' })
  expect((await post(gateway.url, [])).body).toMatchObject({ error: { code: -32600 } })
  expect((await post(gateway.url, [rpc('ping'), 7])).body).toMatchObject({
    error: { code: -32600 },
  })
})

test('an interceptor may answer a batch', async () => {
  const body = [{ jsonrpc: '2.0', id: 1, result: {} }]
  const lambda = mcpOutput({ transformedGatewayResponse: { body } })
  const gateway = await assuming({ batch: 'served' }, lambda, undefined)
  expect((await post(gateway.url, [rpc('ping')])).body).toEqual(body)
})
