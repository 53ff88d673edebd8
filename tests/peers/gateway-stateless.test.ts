import { expect, test } from '@jest/globals'
import {
  Client,
  StreamableHTTPClientTransport,
  type ClientOptions,
} from '@modelcontextprotocol/client'
import type { GatewayOptions, LambdaHandler } from '../../src/local/index.js'
import {
  call,
  events,
  passing,
  post,
  rpc,
  started,
  textResult,
  tool,
} from '../local/support/gateway.js'
import { startMcpServer } from '../local/support/mcp-server.js'
import { startModernServer } from './servers/modern-server.js'

const VERSION = '2026-07-28'

/** A client of the SDK's second generation. */
async function modern(url: string, options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = new Client(
    { name: 'buyer', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: VERSION } }, ...options },
  )
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  return started.add(client)
}

async function fronting(mcp: string, more: Partial<GatewayOptions> = {}) {
  return started.gateway({ targets: [{ name: 'srv', mcp }], ...more })
}

const LAMBDA: GatewayOptions = {
  targets: [{ name: 'shop', lambda: (event) => event, tools: [tool('echo')] }],
}

test('a stateless client discovers, lists and calls a Lambda target', async () => {
  const { url, invocations } = await started.gateway(LAMBDA)
  const client = await modern(url)
  expect(client.getNegotiatedProtocolVersion()).toBe(VERSION)
  expect(client.getServerVersion()).toEqual({ name: 'agentcore-gateway', version: '1.0.0' })
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(['x_amz_bedrock_agentcore_search', 'shop___echo'])
  const result = await client.callTool({ name: 'shop___echo', arguments: { a: 1 } })
  expect(result).toMatchObject(textResult('{"a":1}'))
  expect(invocations.map(({ event }) => event)).toEqual([{ a: 1 }])
})

test('clients of both generations use one endpoint, with or without sessions', async () => {
  for (const sessions of [false, true]) {
    const { url } = await started.gateway({ ...LAMBDA, sessions })
    const params = { name: 'shop___echo', arguments: { a: 1 } }
    const old = await started.client(url)
    expect(await old.callTool(params)).toEqual(textResult('{"a":1}'))
    const automatic = await modern(url, { versionNegotiation: { mode: 'auto' } })
    expect(automatic.getNegotiatedProtocolVersion()).toBe(VERSION)
    expect(await automatic.callTool(params)).toMatchObject(textResult('{"a":1}'))
    const legacy = await modern(url, { versionNegotiation: { mode: 'legacy' } })
    expect(legacy.getNegotiatedProtocolVersion()).toBe('2025-11-25')
    expect(await legacy.callTool(params)).toEqual(textResult('{"a":1}'))
  }
})

test('a gateway that does not serve the stateless version is used with an older one', async () => {
  const { url } = await started.gateway({ ...LAMBDA, protocolVersions: ['2025-06-18'] })
  const client = await modern(url, { versionNegotiation: { mode: 'auto' } })
  expect(client.getNegotiatedProtocolVersion()).toBe('2025-06-18')
})

test('interceptors see the whole stateless request, and its headers', async () => {
  const { url, invocations } = await started.gateway({
    ...LAMBDA,
    requestInterceptor: { lambda: passing, passRequestHeaders: true },
    responseInterceptor: { lambda: passing },
  })
  const client = await modern(url)
  await client.callTool({ name: 'shop___echo' })
  const headers = {
    'mcp-protocol-version': VERSION,
    'mcp-method': 'tools/call',
    'mcp-name': 'shop___echo',
  }
  expect(events(invocations, 'REQUEST').at(-1)).toMatchObject({
    mcp: {
      gatewayRequest: {
        headers,
        body: {
          params: {
            _meta: {
              'io.modelcontextprotocol/protocolVersion': VERSION,
              'io.modelcontextprotocol/clientInfo': { name: 'buyer' },
              'io.modelcontextprotocol/clientCapabilities': {},
            },
          },
        },
      },
    },
  })
  expect(events(invocations, 'RESPONSE').at(-1)).toMatchObject({
    mcp: { gatewayResponse: { body: { result: { resultType: 'complete' } } } },
  })
})

test('a stateless server gets what the client sent, under its own tool name', async () => {
  const server = started.add(await startModernServer('reject'))
  const { url } = await fronting(server.url)
  const client = await modern(url)
  const result = await client.callTool({ name: 'srv___echo', arguments: { say: 'hi' } })
  expect(result).toMatchObject({
    content: [{ type: 'text', text: 'hi' }],
    structuredContent: { say: 'hi' },
  })
  const { headers, body } = server.requests.at(-1) ?? {}
  expect(headers).toMatchObject({
    'mcp-protocol-version': VERSION,
    'mcp-method': 'tools/call',
    'mcp-name': 'echo',
  })
  expect(body).toMatchObject({
    params: { name: 'echo', _meta: { 'io.modelcontextprotocol/clientInfo': { name: 'buyer' } } },
  })
})

test.each([false, true])(
  'progress reaches a stateless client (streaming: %p)',
  async (streaming) => {
    const server = started.add(await startModernServer('reject'))
    const { url } = await fronting(server.url, { streaming })
    const client = await modern(url)
    const progress: unknown[] = []
    const onprogress = (one: unknown) => progress.push(one)
    const { content } = await client.callTool({ name: 'srv___slow' }, { onprogress })
    expect(content).toEqual([{ type: 'text', text: 'done' }])
    expect(progress).toEqual(streaming ? [{ progress: 1 }] : [])
  },
)

test('a stateless server asks for input through any gateway, in another round', async () => {
  const server = started.add(await startModernServer('reject'))
  const { url, invocations } = await fronting(server.url, {
    responseInterceptor: { lambda: passing },
  })
  const client = await modern(url, { capabilities: { elicitation: { form: {} } } })
  client.setRequestHandler('elicitation/create', () => ({
    action: 'accept',
    content: { ok: true },
  }))
  const { content } = await client.callTool({ name: 'srv___ask' })
  expect(content).toEqual([{ type: 'text', text: '{"action":"accept","content":{"ok":true}}' }])
  const types = events(invocations, 'RESPONSE').map(
    (event) =>
      (event as { mcp: { gatewayResponse: { body: { result: { resultType: string } } } } }).mcp
        .gatewayResponse.body.result.resultType,
  )
  expect(types.slice(-2)).toEqual(['input_required', 'complete'])
})

test('an older client calls a server that is only stateless', async () => {
  const server = started.add(await startModernServer('reject'))
  for (const sessions of [false, true]) {
    const { url } = await fronting(server.url, { sessions })
    const client = await started.client(url)
    const result = await client.callTool({ name: 'srv___echo', arguments: { say: 'hi' } })
    expect(result.content).toEqual([{ type: 'text', text: 'hi' }])
    expect(result).not.toHaveProperty('resultType')
    const asked = client.callTool({ name: 'srv___ask' })
    await expect(asked).rejects.toMatchObject({ code: -32021 })
  }
  expect(server.requests.at(-1)?.body).toMatchObject({
    params: {
      _meta: {
        'io.modelcontextprotocol/protocolVersion': VERSION,
        'io.modelcontextprotocol/clientInfo': { name: 'agentcore-gateway' },
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    },
  })
})

test('a stateless client calls a server that has only sessions', async () => {
  const server = started.add(await startMcpServer())
  const { url } = await fronting(server.url, { streaming: true })
  const client = await modern(url, { capabilities: { elicitation: { form: {} } } })
  const params = { name: 'srv___echo', arguments: { say: 'hi' }, _meta: { mine: 1 } }
  const result = await client.callTool(params)
  expect(result.content).toEqual([{ type: 'text', text: 'hi' }])
  // Left in, the envelope would tell a server that knows both families the wrong one.
  expect(result._meta).toMatchObject({ got: { mine: 1 } })
  expect(JSON.stringify(result._meta)).not.toContain('clientCapabilities')
  const asked = await client.callTool({ name: 'srv___ask' })
  expect(asked.content).toEqual([
    { type: 'text', text: '{"refused":"Client does not support form elicitation."}' },
  ])
})

test('what a server speaks is found out once', async () => {
  const server = started.add(await startMcpServer())
  const { url } = await fronting(server.url)
  const client = await modern(url)
  for (const say of ['a', 'b']) {
    await client.callTool({ name: 'srv___echo', arguments: { say } })
  }
  const probes = server.requests.filter(
    ({ body }) => (body as { method?: string } | undefined)?.method === 'server/discover',
  )
  expect(probes).toHaveLength(1)
})

test('a server of both families is spoken to in that of the client', async () => {
  const server = started.add(await startModernServer('stateless'))
  const { url } = await fronting(server.url)
  const params = { name: 'srv___echo', arguments: { say: 'hi' } }
  await (await modern(url)).callTool(params)
  expect(server.requests.at(-1)?.headers['mcp-protocol-version']).toBe(VERSION)
  await (await started.client(url)).callTool(params)
  expect(server.requests.at(-1)?.headers['mcp-protocol-version']).toBe('2025-11-25')
})

const META = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientCapabilities': {},
}
const VERSIONED = { 'mcp-protocol-version': VERSION }
const LIST = { ...VERSIONED, 'mcp-method': 'tools/list' }

const REFUSED: [string, object, Record<string, string>, number][] = [
  [
    'without the version header',
    rpc('tools/list', { _meta: META }),
    { 'mcp-method': 'tools/list' },
    -32020,
  ],
  ['without the method header', rpc('tools/list', { _meta: META }), VERSIONED, -32020],
  ['with another method in its header', rpc('tools/call', { _meta: META }), LIST, -32020],
  [
    'with another version in its header',
    rpc('tools/list', { _meta: META }),
    { ...LIST, 'mcp-protocol-version': '2025-11-25' },
    -32020,
  ],
  [
    'without the name header',
    rpc('tools/call', { name: 'x', _meta: META }),
    { ...VERSIONED, 'mcp-method': 'tools/call' },
    -32020,
  ],
  [
    'with another name in its header',
    rpc('tools/call', { name: 'x', _meta: META }),
    { ...VERSIONED, 'mcp-method': 'tools/call', 'mcp-name': 'y' },
    -32020,
  ],
  ['without _meta', rpc('tools/list', {}), LIST, -32602],
  [
    'without capabilities',
    rpc('tools/list', { _meta: { 'io.modelcontextprotocol/protocolVersion': VERSION } }),
    LIST,
    -32602,
  ],
  [
    'of a version nobody knows',
    rpc('tools/list', {
      _meta: { ...META, 'io.modelcontextprotocol/protocolVersion': '2027-01-01' },
    }),
    {},
    -32022,
  ],
  ['that initializes', rpc('initialize', { protocolVersion: VERSION }), VERSIONED, -32020],
  ['that is an answer', { jsonrpc: '2.0', id: 1, result: {} }, VERSIONED, -32600],
]

test.each(REFUSED)(
  'a stateless request %s is refused before any interceptor',
  async (_t, body, headers, code) => {
    const lambda: LambdaHandler = passing
    const { url, invocations } = await started.gateway({
      ...LAMBDA,
      requestInterceptor: { lambda },
    })
    const answer = await post(url, body, headers)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ id: 1, error: { code } })
    expect(invocations).toEqual([])
  },
)

test('methods the stateless version does not have are HTTP 404', async () => {
  const { url } = await started.gateway(LAMBDA)
  for (const method of ['initialize', 'ping', 'logging/setLevel', 'subscriptions/listen']) {
    const headers = { ...VERSIONED, 'mcp-method': method }
    const { status, body } = await post(url, rpc(method, { _meta: META }), headers)
    expect(status).toBe(404)
    expect(body).toMatchObject({ error: { code: -32601 } })
  }
})

test('a tool whose name is no plain header value is called by its encoded name', async () => {
  const { url } = await started.gateway(LAMBDA)
  const name = '=?base64?weird'
  const encoded = `=?base64?${Buffer.from(name).toString('base64')}?=`
  const headers = { ...VERSIONED, 'mcp-method': 'tools/call', 'mcp-name': encoded }
  const { body } = await post(url, rpc('tools/call', { name, _meta: META }), headers)
  expect(body).toMatchObject({ error: { code: -32602, message: `Unknown tool: ${name}` } })
})

test('a stateless notification is accepted', async () => {
  const { url } = await started.gateway(LAMBDA)
  const body = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }
  expect((await post(url, body, VERSIONED)).status).toBe(202)
  expect((await post(url, call('shop___echo'))).status).toBe(200)
})
