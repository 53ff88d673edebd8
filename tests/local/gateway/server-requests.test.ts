import { expect, test } from '@jest/globals'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { call, GENERIC, post, rpc, started, until } from '../support/gateway.js'
import { startMcpServer } from '../support/mcp-server.js'
import { SSE, startRawServer, type RawServer } from './support/raw-server.js'

/** A server that sends a request within each call, and answers the call when it was answered. */
async function startAsking(method: string): Promise<RawServer> {
  let settle: (() => void) | undefined
  const server = await startRawServer({
    answer: (response, id) => {
      const ask = JSON.stringify(rpc(method, { requestedSchema: {} }, 'asked'))
      const answer = JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })
      response.writeHead(200, SSE).write(`data: ${ask}\n\n`)
      settle = () => void response.end(`data: ${answer}\n\n`)
    },
    onMessage: ({ id }) => id === 'asked' && settle?.(),
  })
  return started.add(server)
}

function answered(server: RawServer): unknown {
  return server.got.find(({ id }) => id === 'asked')
}

test.each([
  [
    'elicitation/create',
    {},
    { error: { code: -32601, message: 'Method not found: elicitation/create' } },
  ],
  ['sampling/createMessage', {}, { error: { code: -32601 } }],
  ['roots/list', { roots: {} }, { error: { code: -32601 } }],
] as const)(
  'a server that sends %s to a client without it is told so',
  async (method, capabilities, answer) => {
    const server = await startAsking(method)
    const targets = [{ name: 'srv', mcp: server.url }]
    const { url } = await started.gateway({ targets, streaming: true, sessions: true })
    const client = await started.client(url, { capabilities })
    await client.callTool({ name: 'srv___it' })
    expect(answered(server)).toMatchObject(answer)
  },
)

test.each([
  ['that is buffered', {}],
  ['without sessions', { streaming: true }],
])('a ping of a server is answered by a gateway %s', async (_title, options) => {
  const server = await startAsking('ping')
  const { url } = await started.gateway({ targets: [{ name: 'srv', mcp: server.url }], ...options })
  await (await started.client(url)).callTool({ name: 'srv___it' })
  expect(answered(server)).toEqual({ jsonrpc: '2.0', id: 'asked', result: {} })
})

test('a ping of a server reaches a client that streams, past the interceptor', async () => {
  const server = await startAsking('ping')
  const gateway = await started.gateway({
    targets: [{ name: 'srv', mcp: server.url }],
    streaming: true,
    sessions: true,
    responseInterceptor: { lambda: () => ({ interceptorOutputVersion: '1.0', mcp: {} }) },
  })
  const client = await started.client(gateway.url)
  const before = gateway.invocations.length
  await client.callTool({ name: 'srv___it' })
  expect(answered(server)).toEqual({ jsonrpc: '2.0', id: 'asked', result: {} })
  expect(gateway.invocations.slice(before).map(({ kind }) => kind)).toEqual(['TARGET', 'RESPONSE'])
})

test.each([
  ['2025-11-25', { elicitation: { form: {}, url: {} }, sampling: {} }],
  ['2025-06-18', { elicitation: { form: {} }, sampling: {} }],
] as const)('in version %s a server is told what its client can do', async (version, expected) => {
  const server = await startAsking('ping')
  const targets = [{ name: 'srv', mcp: server.url }]
  const { url } = await started.gateway({ targets, streaming: true, sessions: true })
  const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }
  const client = await started.client(url, { version, capabilities })
  await client.callTool({ name: 'srv___it' })
  const hellos = server.got.filter(({ method }) => method === 'initialize')
  expect(hellos.at(-1)).toMatchObject({ params: { protocolVersion: version } })
  expect((hellos.at(-1)?.['params'] as { capabilities: object }).capabilities).toEqual(expected)
})

test('a question takes one answer', async () => {
  let finish: (() => void) | undefined
  const server = await startRawServer({
    answer: (response, id) => {
      const requestedSchema = { type: 'object', properties: {} }
      const ask = rpc('elicitation/create', { message: 'Sure?', requestedSchema }, 'asked')
      response.writeHead(200, SSE).write(`data: ${JSON.stringify(ask)}\n\n`)
      const result = { jsonrpc: '2.0', id, result: {} }
      finish = () => void response.end(`data: ${JSON.stringify(result)}\n\n`)
    },
  })
  const targets = [{ name: 'srv', mcp: started.add(server).url }]
  const { url } = await started.gateway({ targets, streaming: true, sessions: true })
  const client = await started.client(url, { capabilities: { elicitation: {} } })
  const { sessionId = '' } = client.transport as { sessionId?: string }
  const statuses: number[] = []
  client.setRequestHandler(ElicitRequestSchema, async (_request, { requestId: id }) => {
    const body = { jsonrpc: '2.0', id, result: { action: 'accept' } }
    for (let i = 0; i < 2; i += 1) {
      statuses.push((await post(url, body, { 'mcp-session-id': sessionId })).status)
    }
    finish?.()
    return { action: 'decline' }
  })
  await client.callTool({ name: 'srv___it' })
  expect(statuses).toEqual([202, 400])
  expect(server.got.filter(({ id }) => id === 'asked')).toEqual([
    { jsonrpc: '2.0', id: 'asked', result: { action: 'accept' } },
  ])
})

test('a question that a server did not wait for cannot be answered', async () => {
  const server = await startRawServer({
    answer: (response, id) => {
      const all = [rpc('elicitation/create', {}, 'asked'), { jsonrpc: '2.0', id, result: {} }]
      response.writeHead(200, SSE)
      response.end(all.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''))
    },
  })
  const targets = [{ name: 'srv', mcp: started.add(server).url }]
  const { url } = await started.gateway({ targets, streaming: true, sessions: true })
  const hello = rpc('initialize', { capabilities: { elicitation: {} } })
  const id = (await post(url, hello)).headers.get('mcp-session-id') ?? ''
  const headers = { 'mcp-session-id': id, accept: 'text/event-stream' }
  const { body } = await post(url, call('srv___it'), headers)
  const [asked] = /gateway-[0-9a-f-]+/.exec(String(body)) ?? []
  expect(asked).toBeDefined()
  const answer = { jsonrpc: '2.0', id: asked, result: {} }
  expect((await post(url, answer, headers)).status).toBe(400)
  expect(answered(server)).toBeUndefined()
})

test('the end of a session is the end of its sessions with servers', async () => {
  const server = started.add(await startMcpServer())
  const targets = [{ name: 'srv', mcp: server.url }]
  const { url } = await started.gateway({ targets, sessions: true })
  const client = await started.client(url)
  await client.callTool({ name: 'srv___count' })
  const transport = client.transport as { terminateSession?: () => Promise<void> }
  await transport.terminateSession?.()
  await until(() => server.sessions().length === 0)
  expect(server.sessions()).toEqual([])
})

test('input that is required of a client that cannot give it fails the call', async () => {
  const server = await startRawServer({
    stateless: true,
    answer: (response, id) => {
      const result = { resultType: 'input_required', inputRequests: {} }
      response
        .writeHead(200, SSE)
        .end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`)
    },
  })
  const targets = [{ name: 'srv', mcp: started.add(server).url }]
  const { url } = await started.gateway({ targets })
  expect((await post(url, call('srv___it'))).body).toMatchObject({
    result: { isError: true, content: [{ type: 'text', text: GENERIC }] },
  })
})

test('a gateway that speaks only with sessions cannot use a server that is stateless', async () => {
  const server = await startRawServer({ stateless: true, answer: () => undefined })
  const targets = [{ name: 'srv', mcp: started.add(server).url }]
  const { url } = await started.gateway({ targets, protocolVersions: ['2025-06-18'] })
  expect((await post(url, call('srv___it'))).body).toMatchObject({ result: { isError: true } })
  expect(server.got.map(({ method }) => method)).toEqual(['initialize'])
})
