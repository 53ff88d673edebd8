import { expect, test } from '@jest/globals'
import type { GatewayOptions, GatewayTarget, Invocation } from '../../../src/local/index.js'
import { GENERIC, events, passing, post, rpc, started, tool } from '../support/gateway.js'
import { createLibrary } from '../support/library.js'
import { startMcpServer, type RunningServer } from '../support/mcp-server.js'

/** Starts a gateway in front of libraries, in this order. */
async function fronting(
  names: readonly string[],
  more: Partial<GatewayOptions> = {},
  priorities: Readonly<Record<string, number>> = {},
): Promise<{ url: string; invocations: readonly Invocation[]; servers: RunningServer[] }> {
  const servers: RunningServer[] = []
  const targets: GatewayTarget[] = []
  for (const name of names) {
    const server = started.add(await startMcpServer({ create: () => createLibrary(name) }))
    servers.push(server)
    const resourcePriority = priorities[name]
    targets.push({
      name,
      mcp: server.url,
      ...(resourcePriority !== undefined && { resourcePriority }),
    })
  }
  const gateway = await started.gateway({ targets, ...more })
  return { ...gateway, servers }
}

const GATEWAYS: [string, Partial<GatewayOptions>][] = [
  ['a plain gateway', {}],
  ['a streaming gateway with sessions', { streaming: true, sessions: true }],
]

test.each(GATEWAYS)(
  'prompts are listed and got through %s, under their target',
  async (_, more) => {
    const { url, servers } = await fronting(['one', 'two'], more)
    const client = await started.client(url)
    const { prompts } = await client.listPrompts()
    expect(prompts.map(({ name }) => name)).toEqual(['one___greet', 'two___greet'])
    expect(prompts[0]).toMatchObject({
      description: 'Greets',
      arguments: [{ name: 'who', required: true }],
    })
    const params = { name: 'two___greet', arguments: { who: 'Ada' }, _meta: { mine: 1 } }
    expect(await client.getPrompt(params)).toEqual({
      messages: [{ role: 'user', content: { type: 'text', text: 'two greets Ada' } }],
      _meta: { got: { mine: 1 } },
    })
    const asked = servers[1]?.requests.map(({ body }) => body as { method?: string } | undefined)
    const got = asked?.find((body) => body?.method === 'prompts/get')
    expect(got).toMatchObject({ params: { ...params, name: 'greet' } })
  },
)

test.each(GATEWAYS)('resources are listed and read through %s, by their URIs', async (_, more) => {
  const { url } = await fronting(['one', 'two'], more)
  const client = await started.client(url)
  const { resources } = await client.listResources()
  const uris = ['doc://one', 'doc://shared', 'broken://', 'doc://two']
  expect(resources.map(({ uri }) => uri)).toEqual(uris)
  const { resourceTemplates } = await client.listResourceTemplates()
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
    'one://pages/{page}/text',
    'two://pages/{page}/text',
  ])
  expect(await client.readResource({ uri: 'doc://two' })).toEqual({
    contents: [
      { uri: 'doc://two', mimeType: 'text/plain', text: 'doc://two of two' },
      { uri: 'doc://two', mimeType: 'image/png', blob: 'AAEC' },
    ],
  })
  const page = await client.readResource({ uri: 'two://pages/7/text' })
  expect(page.contents).toEqual([{ uri: 'two://pages/7/text', text: 'page 7 of two' }])
})

test.each<[string, Record<string, number>, string]>([
  ['the first', {}, 'one'],
  ['the one with the lower number', { two: 999 }, 'two'],
  ['the first of two with the same number', { one: 5, two: 5 }, 'one'],
  ['the one with 0', { one: 1, two: 0 }, 'two'],
])('of two servers with one URI, %s answers for it', async (_, priorities, winner) => {
  const { url } = await fronting(['one', 'two'], {}, priorities)
  const client = await started.client(url)
  const { resources } = await client.listResources()
  const shared = resources.filter(({ uri }) => uri === 'doc://shared')
  expect(shared).toEqual([expect.objectContaining({ description: `At ${winner}` })])
  const { contents } = await client.readResource({ uri: 'doc://shared' })
  expect(contents[0]).toMatchObject({ text: `doc://shared of ${winner}` })
})

test('a gateway with one server lets it say what it does not have', async () => {
  const { url, servers } = await fronting(['one'])
  const { body } = await post(url, rpc('resources/read', { uri: 'doc://none' }))
  expect(body).toMatchObject({
    error: { code: -32602, message: expect.stringMatching(/doc:\/\/none/) },
  })
  const methods = servers[0]?.requests.map(
    ({ body: sent }) => (sent as { method?: string } | undefined)?.method,
  )
  expect(methods).not.toContain('resources/list')
  const prompt = await post(url, rpc('prompts/get', { name: 'one___none' }))
  expect(prompt.body).toMatchObject({ error: { code: -32602 } })
})

test.each([
  ['doc://none', 'Resource not found: doc://none'],
  ['one://pages/text', 'Resource not found: one://pages/text'],
  ['zone://pages/7/text', 'Resource not found: zone://pages/7/text'],
])('no server has %s', async (uri, message) => {
  const { url } = await fronting(['one', 'two'])
  const { status, body } = await post(url, rpc('resources/read', { uri }))
  expect([status, body]).toMatchObject([200, { error: { code: -32602, message, data: { uri } } }])
})

test.each([
  ['prompts/get', { name: 'greet' }, 'Unknown prompt: greet'],
  ['prompts/get', { name: 'three___greet' }, 'Unknown prompt: three___greet'],
  ['prompts/get', {}, 'Unknown prompt: '],
  ['resources/read', {}, 'params.uri must name a resource'],
])('%s of %j is refused', async (method, params, message) => {
  const { url, invocations } = await fronting(['one', 'two'])
  const { body } = await post(url, rpc(method, params))
  expect(body).toMatchObject({ id: 1, error: { code: -32602, message } })
  expect(invocations).toEqual([])
})

test('a gateway declares prompts and resources if a target can have them', async () => {
  const { url } = await fronting(['one'])
  const client = await started.client(url)
  expect(client.getServerCapabilities()).toEqual({
    tools: { listChanged: false },
    prompts: { listChanged: false },
    resources: { subscribe: false, listChanged: false },
  })
  const lambdas = await started.gateway({
    targets: [{ name: 'shop', lambda: (event) => event, tools: [tool('echo')] }],
  })
  const bare = await started.client(lambdas.url)
  expect(bare.getServerCapabilities()).toEqual({ tools: { listChanged: false } })
  expect((await post(lambdas.url, rpc('prompts/list'))).body).toMatchObject({
    result: { prompts: [] },
  })
})

test('a server without prompts, resources or tools has empty lists', async () => {
  const plain = started.add(await startMcpServer())
  const library = started.add(await startMcpServer({ create: () => createLibrary('lib') }))
  const { url } = await started.gateway({
    targets: [
      { name: 'plain', mcp: plain.url },
      { name: 'lib', mcp: library.url },
    ],
    search: false,
  })
  const client = await started.client(url)
  expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['lib___greet'])
  expect((await client.listResources()).resources).toHaveLength(3)
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name.split('___')[0])).not.toContain('lib')
  expect(tools).not.toEqual([])
})

test('interceptors and invocations see what is got and read', async () => {
  const { url, invocations } = await fronting(['one'], {
    requestInterceptor: { lambda: passing },
    responseInterceptor: { lambda: passing },
  })
  await post(url, rpc('resources/read', { uri: 'doc://one' }))
  await post(url, rpc('prompts/get', { name: 'one___greet', arguments: { who: 'Ada' } }))
  const bodies = events(invocations, 'REQUEST').map(
    (event) => (event as { mcp: { gatewayRequest: { body: unknown } } }).mcp.gatewayRequest.body,
  )
  expect(bodies).toMatchObject([
    { method: 'resources/read', params: { uri: 'doc://one' } },
    { method: 'prompts/get', params: { name: 'one___greet' } },
  ])
  expect(events(invocations, 'TARGET')).toMatchObject([
    { method: 'resources/read', params: { uri: 'doc://one' } },
    { method: 'prompts/get', params: { name: 'greet' } },
  ])
  expect(events(invocations, 'RESPONSE')).toMatchObject([
    { mcp: { gatewayResponse: { body: { result: { contents: [{}, {}] } } } } },
    { mcp: { gatewayResponse: { body: { result: { messages: [{}] } } } } },
  ])
})

test("a server's own error reaches the client, and RESPONSE sees it", async () => {
  const { url, invocations } = await fronting(['one'], { responseInterceptor: { lambda: passing } })
  const { status, body } = await post(url, rpc('resources/read', { uri: 'broken://' }))
  expect([status, body]).toMatchObject([200, { error: { message: 'the disk is gone' } }])
  expect(events(invocations, 'RESPONSE')).toMatchObject([
    { mcp: { gatewayResponse: { body: { error: { message: 'the disk is gone' } } } } },
  ])
})

test('a server that is not there is an error, and RESPONSE sees it', async () => {
  const targets = [{ name: 'srv', mcp: 'http://127.0.0.1:9/mcp' }]
  const response = { responseInterceptor: { lambda: passing } }
  const { url, invocations } = await started.gateway({ targets, ...response })
  for (const [method, params] of [
    ['resources/read', { uri: 'doc://one' }],
    ['prompts/get', { name: 'srv___greet' }],
  ] as const) {
    const { status, body } = await post(url, rpc(method, params))
    expect([status, body]).toMatchObject([
      200,
      { id: 1, error: { code: -32603, message: GENERIC } },
    ])
  }
  expect(events(invocations, 'RESPONSE')).toHaveLength(2)
})

test('what an older server gives a stateless client is not to be cached', async () => {
  const { url } = await fronting(['one'])
  const version = '2026-07-28'
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const ask = async (method: string, params: object, name?: string) => {
    const headers = { 'mcp-protocol-version': version, 'mcp-method': method }
    const named = { ...headers, ...(name !== undefined && { 'mcp-name': name }) }
    return (await post(url, rpc(method, { ...params, _meta }), named)).body
  }
  const result = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
  const uri = 'doc://one'
  expect(await ask('resources/read', { uri }, uri)).toMatchObject({ result })
  expect(await ask('resources/list', {})).toMatchObject({ result })
  expect(await ask('prompts/list', {})).toMatchObject({ result })
})
