import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { createMcpHandler, inputRequired, McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'

export interface ModernServer {
  url: string
  requests: { headers: http.IncomingHttpHeaders; body: unknown }[]
  close: () => Promise<void>
}

/** A server of the SDK's second generation, that serves older clients only if told so. */
export async function startModernServer(legacy: 'stateless' | 'reject'): Promise<ModernServer> {
  const handler = createMcpHandler(createServer, { legacy })
  const requests: ModernServer['requests'] = []
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', headers } = request
      const text = Buffer.concat(chunks).toString()
      requests.push({ headers, body: text === '' ? undefined : JSON.parse(text) })
      const init = { method, headers: headers as Record<string, string> }
      const body = method === 'POST' ? { body: text } : {}
      void handler
        .fetch(new Request('http://localhost/mcp', { ...init, ...body }))
        .then((answer) => {
          response.writeHead(answer.status, Object.fromEntries(answer.headers))
          if (answer.body === null) response.end()
          else Readable.fromWeb(answer.body).pipe(response)
        })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    await handler.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/mcp`, requests, close }
}

function createServer(): McpServer {
  const server = new McpServer({ name: 'tools', version: '2.0.0' })
  server.registerTool('echo', { inputSchema: z.object({ say: z.string() }) }, ({ say }, ctx) => ({
    content: [{ type: 'text', text: say }],
    structuredContent: { say },
    _meta: { keys: Object.keys(ctx.mcpReq._meta ?? {}) },
  }))
  server.registerTool('slow', {}, async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken
    if (progressToken !== undefined) {
      await ctx.mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress: 1 },
      })
    }
    return { content: [{ type: 'text', text: 'done' }] }
  })
  server.registerTool('ask', {}, (ctx) => {
    const [answer] = Object.values(ctx.mcpReq.inputResponses ?? {})
    if (answer !== undefined) {
      return { content: [{ type: 'text', text: JSON.stringify(answer) }] }
    }
    return inputRequired({
      inputRequests: {
        sure: inputRequired.elicit({
          message: 'Sure?',
          requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } } },
        }),
      },
    })
  })
  addReads(server)
  return server
}

function addReads(server: McpServer): void {
  server.registerPrompt('greet', { argsSchema: z.object({ who: z.string() }) }, ({ who }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `hello ${who}` } }],
  }))
  server.registerResource('note', 'note://one', {}, ({ href }) => ({
    contents: [{ uri: href, text: 'a note' }],
  }))
}
