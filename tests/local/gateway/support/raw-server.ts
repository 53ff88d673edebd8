import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answer = (response: ServerResponse, id: unknown) => void

export interface RawServerOptions {
  /** What the tool does when it is called. */
  answer: Answer
  tools?: object[]
  /** Whether the server speaks the stateless version only. */
  stateless?: boolean
  onMessage?: (message: Record<string, unknown>) => void
}

export interface RawServer {
  url: string
  /** Every message that it got. */
  got: Record<string, unknown>[]
  close: () => Promise<void>
}

export const SSE = { 'content-type': 'text/event-stream' }
export const JSON_TYPE = { 'content-type': 'application/json' }

/** Starts an MCP server without an SDK. Everything is right, except what `answer` does. */
export async function startRawServer(options: RawServerOptions): Promise<RawServer> {
  const { answer, tools = [{ name: 'it' }], stateless = false, onMessage } = options
  const hello = stateless
    ? { method: 'server/discover', result: { supportedVersions: ['2026-07-28'] } }
    : { method: 'initialize', result: { protocolVersion: '2025-06-18', capabilities: {} } }
  const got: RawServer['got'] = []

  const server = http.createServer((request, response) => {
    void readJson(request).then((message) => {
      const { id, method } = message
      if (request.method === 'POST') {
        got.push(message)
        onMessage?.(message)
      }
      const json = (result: object) => {
        response.writeHead(200, JSON_TYPE).end(JSON.stringify({ jsonrpc: '2.0', id, result }))
      }
      if (id === undefined || method === undefined) return void response.writeHead(202).end()
      if (method === hello.method) return json(hello.result)
      if (method === 'tools/list') return json({ tools })
      if (method !== 'tools/call') return void response.writeHead(400).end()
      answer(response, id)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    got,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}
