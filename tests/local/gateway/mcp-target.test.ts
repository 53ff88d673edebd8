import { expect, test } from '@jest/globals'
import {
  ElicitRequestSchema,
  CreateMessageRequestSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import type { GatewayOptions } from '../../../src/local/index.js'
import { call, GENERIC, post, rpc, started, until } from '../support/gateway.js'
import { startMcpServer, type McpServerOptions, type RunningServer } from '../support/mcp-server.js'

async function fronting(
  server: McpServerOptions,
  more: Partial<GatewayOptions> = {},
): Promise<{ url: string; server: RunningServer }> {
  const running = started.add(await startMcpServer(server))
  const { url } = await started.gateway({ targets: [{ name: 'srv', mcp: running.url }], ...more })
  return { url, server: running }
}

const KINDS: [string, McpServerOptions][] = [
  ['JSON and sessions', { json: true }],
  ['streams and sessions', {}],
  ['JSON without sessions', { json: true, stateless: true }],
  ['streams without sessions', { stateless: true }],
]

const GATEWAYS: [string, Partial<GatewayOptions>][] = [
  ['a plain gateway', {}],
  ['a gateway with sessions', { sessions: true }],
  ['a streaming gateway', { streaming: true }],
  ['a streaming gateway with sessions', { streaming: true, sessions: true }],
]

test.each(
  KINDS.flatMap(([kind, server]) =>
    GATEWAYS.map(([gateway, options]) => [kind, gateway, server, options] as const),
  ),
)('a server with %s is listed and called through %s', async (_kind, _gateway, server, options) => {
  const { url } = await fronting(server, options)
  const client = await started.client(url)
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toContain('srv___echo')
  const params = { name: 'srv___echo', arguments: { say: 'hi' }, _meta: { mine: { a: 1 } } }
  expect(await client.callTool(params)).toEqual({
    content: [{ type: 'text', text: 'hi' }],
    structuredContent: { say: 'hi' },
    _meta: { got: { mine: { a: 1 } } },
  })
})

test("a server's result and error reach the client as they are", async () => {
  const { url } = await fronting({})
  const failed = await post(url, call('srv___fail'))
  expect(failed.body).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: { isError: true, content: [{ type: 'text', text: 'the tool says no' }] },
  })
  const invalid = await post(url, call('srv___echo', { say: 7 }, 'x'))
  expect(invalid.body).toMatchObject({ id: 'x', result: { isError: true } })
})

test('a tool the server does not have is unknown', async () => {
  const { url } = await fronting({})
  const { body } = await post(url, call('srv___nothing'))
  expect(body).toMatchObject({ error: { code: -32602, message: 'Unknown tool: srv___nothing' } })
})

test('without sessions every call is a session of its own with the server, which is ended', async () => {
  const { url, server } = await fronting({})
  for (let i = 0; i < 2; i += 1) {
    expect((await post(url, call('srv___count'))).body).toMatchObject({
      result: { content: [{ text: '1' }] },
    })
  }
  const ended = () => server.requests.filter(({ method }) => method === 'DELETE').length
  await until(() => ended() === 3) // two calls and a listing
  expect(server.sessions()).toEqual([])
})

test('with sessions a client keeps its session with the server', async () => {
  const { url } = await fronting({}, { sessions: true })
  const [one, two] = [await started.client(url), await started.client(url)]
  const count = async (client: typeof one) =>
    (await client.callTool({ name: 'srv___count' })).content
  expect(await count(one)).toEqual([{ type: 'text', text: '1' }])
  expect(await count(one)).toEqual([{ type: 'text', text: '2' }])
  expect(await count(two)).toEqual([{ type: 'text', text: '1' }])
})

test("the end of the server's session is no end of the client's", async () => {
  const { url, server } = await fronting({}, { sessions: true })
  const client = await started.client(url)
  await client.callTool({ name: 'srv___count' })
  server.forget()
  const { content } = await client.callTool({ name: 'srv___count' })
  expect(content).toEqual([{ type: 'text', text: '1' }])
})

test('the gateway speaks the version of its client to the server, and says who it is', async () => {
  const { url, server } = await fronting({})
  await post(url, call('srv___echo'), { 'mcp-protocol-version': '2025-06-18' })
  const [hello] = server.requests.filter(
    ({ body }) => (body as { method?: string } | undefined)?.method === 'initialize',
  )
  expect(hello?.body).toMatchObject({
    params: {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'agentcore-gateway' },
    },
  })
  const [called] = server.requests.filter(
    ({ body }) => (body as { method?: string } | undefined)?.method === 'tools/call',
  )
  expect(called?.headers['mcp-protocol-version']).toBe('2025-06-18')
  expect(called?.body).toEqual(call('echo'))
})

test('progress and log messages reach a client that streams', async () => {
  const { url } = await fronting({}, { streaming: true })
  const client = await started.client(url)
  const logged: unknown[] = []
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    logged.push(params)
  })
  const progress: unknown[] = []
  const onprogress = (one: unknown) => progress.push(one)
  const { content } = await client.callTool({ name: 'srv___slow' }, undefined, { onprogress })
  expect(content).toEqual([{ type: 'text', text: 'done' }])
  expect(progress).toEqual([
    { progress: 1, total: 2 },
    { progress: 2, total: 2 },
  ])
  expect(logged).toEqual([{ level: 'info', data: 'halfway' }])
})

test('a client that does not accept streams gets one JSON, without progress', async () => {
  const { url } = await fronting({}, { streaming: true })
  const body = { ...rpc('tools/call', { name: 'srv___slow', _meta: { progressToken: 1 } }) }
  const answer = await post(url, body, { accept: 'application/json' })
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.body).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: { content: [{ type: 'text', text: 'done' }] },
  })
})

test('a gateway that does not stream gives one JSON to every client', async () => {
  const { url } = await fronting({})
  const headers = { accept: 'application/json, text/event-stream' }
  const answer = await post(url, call('srv___slow'), headers)
  expect(answer.headers.get('content-type')).toBe('application/json')
})

const STREAMING = { streaming: true, sessions: true }

test('a server asks the user of a client, through a gateway that streams and keeps sessions', async () => {
  const { url } = await fronting({}, STREAMING)
  const client = await started.client(url, { capabilities: { elicitation: {} } })
  const ids: unknown[] = []
  client.setRequestHandler(ElicitRequestSchema, ({ params }, { requestId }) => {
    ids.push(requestId)
    expect(params.message).toBe('Sure?')
    return { action: 'accept', content: { ok: true } }
  })
  const { content } = await client.callTool({ name: 'srv___ask' })
  expect(content).toEqual([{ type: 'text', text: '{"action":"accept","content":{"ok":true}}' }])
  expect(ids).toEqual([expect.stringMatching(/^gateway-/)])
})

test('two questions at once each get their own answer', async () => {
  const { url } = await fronting({}, STREAMING)
  const client = await started.client(url, { capabilities: { elicitation: {} } })
  let asked = 0
  let bothAsked: (() => void) | undefined
  const both = new Promise<void>((resolve) => (bothAsked = resolve))
  client.setRequestHandler(ElicitRequestSchema, async () => {
    asked += 1
    const mine = asked
    if (asked === 2) bothAsked?.()
    await both
    return { action: 'accept', content: { ok: mine === 1 } }
  })
  const results = await Promise.all([1, 2].map(() => client.callTool({ name: 'srv___ask' })))
  const texts = results.map(({ content }) => (content as [{ text: string }])[0].text)
  expect(texts.map((text) => (JSON.parse(text) as { content: unknown }).content)).toEqual(
    expect.arrayContaining([{ ok: true }, { ok: false }]),
  )
})

test('a server samples from the model of a client', async () => {
  const { url } = await fronting({}, STREAMING)
  const client = await started.client(url, { capabilities: { sampling: {} } })
  const answer = { role: 'assistant', model: 'm', content: { type: 'text', text: 'ho' } } as const
  client.setRequestHandler(CreateMessageRequestSchema, () => answer)
  const { content } = await client.callTool({ name: 'srv___sample' })
  const [{ text }] = content as [{ text: string }]
  expect(JSON.parse(text)).toEqual(answer)
})

test.each([
  ['did not declare it', STREAMING, {}],
  ['has no session', { streaming: true }, { elicitation: {} }],
  ['gets no stream', { sessions: true }, { elicitation: {} }],
])(
  'a server is told that a client that %s cannot be asked',
  async (_title, options, capabilities) => {
    const { url } = await fronting({}, options)
    const client = await started.client(url, { capabilities })
    const { content } = await client.callTool({ name: 'srv___ask' })
    expect(content).toEqual([
      { type: 'text', text: '{"refused":"Client does not support form elicitation."}' },
    ])
  },
)

test.each(GATEWAYS)(
  'through %s a server may break its stream and go on',
  async (_title, options) => {
    const { url, server } = await fronting({ resumable: true }, options)
    const client = await started.client(url)
    const { content } = await client.callTool({ name: 'srv___drop' })
    expect(content).toEqual([{ type: 'text', text: 'after all' }])
    const resumed = server.requests.filter(({ headers }) => headers['last-event-id'] !== undefined)
    expect(resumed.length).toBeGreaterThan(0)
  },
)

test('an answer nobody asked for is an invalid request', async () => {
  const { url } = await fronting({}, { sessions: true })
  const hello = await post(url, rpc('initialize', { protocolVersion: '2025-06-18' }))
  const session = { 'mcp-session-id': hello.headers.get('mcp-session-id') ?? '' }
  const answer = { jsonrpc: '2.0', id: 'gateway-x', result: { action: 'accept' } }
  const { status, body } = await post(url, answer, session)
  expect(status).toBe(400)
  expect(body).toMatchObject({ id: 'gateway-x', error: { code: -32600 } })
})

test.each(['2025-11-25', '2025-06-18'])(
  'a client that cancels its call in version %s stops the server',
  async (version) => {
    const { url, server } = await fronting({}, STREAMING)
    const client = await started.client(url, { version })
    const cancel = new AbortController()
    const waiting = client.callTool({ name: 'srv___wait' }, undefined, { signal: cancel.signal })
    const sent = (method: string) =>
      server.requests.some(
        ({ body }) => (body as { method?: string } | undefined)?.method === method,
      )
    await until(() => sent('tools/call'))
    cancel.abort('enough')
    await expect(waiting).rejects.toThrow('enough')
    await until(() => sent('notifications/cancelled'))
  },
)

test('a server that is not there is a failed call, and a failed listing', async () => {
  const { url } = await started.gateway({
    targets: [{ name: 'srv', mcp: 'http://127.0.0.1:9/mcp' }],
  })
  expect((await post(url, call('srv___echo'))).body).toMatchObject({
    result: { isError: true, content: [{ type: 'text', text: GENERIC }] },
  })
  const listed = await post(url, rpc('tools/list'))
  expect(listed.status).toBe(500)
  expect(listed.body).toMatchObject({ id: 1, error: { code: -32603, message: GENERIC } })
})
