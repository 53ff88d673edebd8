import { randomUUID } from 'node:crypto'
import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InMemoryEventStore } from '@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import * as z from 'zod'

export interface McpServerOptions {
  /** Whether it answers with one JSON text instead of a stream. */
  json?: boolean
  /** Whether it has no sessions. */
  stateless?: boolean
  /** Whether it keeps what it streamed, so that a broken stream can go on. */
  resumable?: boolean
  /** Makes the server of one session. The default has tools for every case here. */
  create?: () => Pick<McpServer, 'connect'>
}

/** An MCP server of the SDK's first generation, and what it was sent. */
export interface RunningServer {
  url: string
  requests: { method: string; headers: http.IncomingHttpHeaders; body: unknown }[]
  /** Ids of the sessions that are open. */
  sessions: () => string[]
  /** Forgets every session, as after a restart. */
  forget: () => void
  close: () => Promise<void>
}

export async function startMcpServer(options: McpServerOptions = {}): Promise<RunningServer> {
  const transports = new Map<string, StreamableHTTPServerTransport>()
  const requests: RunningServer['requests'] = []

  const server = http.createServer((request, response) => {
    void readJson(request).then(async (body) => {
      requests.push({ method: request.method ?? '', headers: request.headers, body })
      const id = request.headers['mcp-session-id']
      const known = transports.get(String(id))
      if (known === undefined && id !== undefined && options.stateless !== true) {
        return void response.writeHead(404).end()
      }
      const transport = known ?? (await open(options, transports))
      await transport.handleRequest(request, response, body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    requests,
    sessions: () => [...transports.keys()],
    forget: () => transports.clear(),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function open(
  { json = false, stateless = false, resumable = false, create = createServer }: McpServerOptions,
  transports: Map<string, StreamableHTTPServerTransport>,
): Promise<StreamableHTTPServerTransport> {
  const common = {
    enableJsonResponse: json,
    ...(resumable && { eventStore: new InMemoryEventStore(), retryInterval: 5 }),
  }
  const transport = stateless
    ? new StreamableHTTPServerTransport(common)
    : new StreamableHTTPServerTransport({
        ...common,
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (id) => void transports.set(id, transport),
        onsessionclosed: (id) => void transports.delete(id),
      })
  await create().connect(transport)
  return transport
}

function createServer(): McpServer {
  const server = new McpServer(
    { name: 'tools', version: '1.0.0' },
    { capabilities: { logging: {} } },
  )
  let count = 0
  const text = (value: unknown) => ({
    content: [
      { type: 'text' as const, text: typeof value === 'string' ? value : JSON.stringify(value) },
    ],
  })
  server.registerTool(
    'echo',
    { inputSchema: { say: z.string().optional() } },
    ({ say }, extra) => ({
      ...text(say ?? ''),
      structuredContent: { say: say ?? '' },
      _meta: { got: extra._meta ?? null },
    }),
  )
  server.registerTool('count', {}, () => text((count += 1)))
  server.registerTool('fail', {}, () => {
    throw new Error('the tool says no')
  })
  server.registerTool('slow', {}, async (extra) => {
    const progressToken = extra._meta?.progressToken
    for (const progress of [1, 2]) {
      if (progressToken !== undefined) {
        await extra.sendNotification({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 2 },
        })
      }
    }
    await extra.sendNotification({
      method: 'notifications/message',
      params: { level: 'info', data: 'halfway' },
    })
    return text('done')
  })
  server.registerTool('drop', {}, async (extra) => {
    extra.closeSSEStream?.()
    await new Promise((resolve) => setTimeout(resolve, 2))
    return text('after all')
  })
  server.registerTool('ask', {}, async (extra) => {
    const answer = await server.server
      .elicitInput(
        {
          message: 'Sure?',
          requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } } },
        },
        { relatedRequestId: extra.requestId },
      )
      .catch((error: unknown) => ({ refused: (error as Error).message }))
    return text(answer)
  })
  server.registerTool('sample', {}, async (extra) => {
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'hi' } }]
    const answer = await server.server
      .createMessage({ messages, maxTokens: 9 }, { relatedRequestId: extra.requestId })
      .catch((error: unknown) => ({ refused: (error as Error).message }))
    return text(answer)
  })
  server.registerTool('wait', {}, async (extra) => {
    await new Promise((resolve) => extra.signal.addEventListener('abort', resolve))
    return text('cancelled')
  })
  return server
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}
