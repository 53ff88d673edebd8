import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll } from '@jest/globals'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  McpError,
  type CallToolRequest,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js'
import type { WrappedHandler } from '../../../src/index.js'
import { CREDITS_EXTENSION } from '../../../src/wire/x402.js'
import { isRecord } from '../../../src/wire/json.js'
import { eventOf, responseOf } from '../../support/seller.js'

export type Params = CallToolRequest['params']
/** A tool of the test server: it answers to the parameters of a call. */
export type Tool = (params: Params) => CallToolResult | Promise<CallToolResult>

export interface Shop {
  url: string
  client: Client
  /** The parameters of every call, as they came. */
  calls: Params[]
  /** The calls that had a payment in either place. */
  paid: () => Params[]
  /** Breaks every connection, also those with a call under way. */
  hangUp: () => void
}

const open: (() => Promise<unknown>)[] = []
afterAll(() => Promise.all(open.splice(0).map((close) => close())))

/**
 * Starts the SDK's server with these tools, over streamable HTTP on loopback. The SDK's client is connected
 * to it.
 */
export async function shop(
  tools: Record<string, Tool>,
  outputSchemas: Record<string, { type: 'object' }> = {},
): Promise<Shop> {
  const calls: Params[] = []
  const http = createServer((request, response) => {
    void answer(request, response, () => mcpServer(tools, outputSchemas, calls))
  })
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`
  open.push(async () => {
    http.closeAllConnections()
    return new Promise((closed) => http.close(closed))
  })
  return {
    url,
    client: await connect(url),
    calls,
    paid: () => calls.filter(isPaid),
    hangUp: () => http.closeAllConnections(),
  }
}

/** Connects a client of the SDK. It is closed when the test file ends. */
export async function connect(url: string): Promise<Client> {
  const client = new Client({ name: 'buyer', version: '1.0.0' })
  open.unshift(() => client.close())
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  return client
}

/** Answers a request with a server of its own, since the server is stateless. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  newServer: () => McpServer,
): Promise<void> {
  if (request.method !== 'POST') {
    response.writeHead(405).end()
    return
  }
  const body = JSON.parse(await text(request)) as unknown
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
  await newServer().connect(transport)
  await transport.handleRequest(request, response, body)
}

function mcpServer(
  tools: Record<string, Tool>,
  outputSchemas: Record<string, { type: 'object' }>,
  calls: Params[],
): McpServer {
  const server = new McpServer({ name: 'shop', version: '1.0.0' }, { capabilities: { tools: {} } })
  server.server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.keys(tools).map((name) => ({
      name,
      inputSchema: { type: 'object' as const },
      ...(outputSchemas[name] && { outputSchema: outputSchemas[name] }),
    })),
  }))
  server.server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    calls.push(params)
    const tool = tools[params.name]
    if (tool === undefined) throw new McpError(-32602, 'no such tool')
    return tool(params)
  })
  return server
}

function isPaid({ _meta, arguments: args }: Params): boolean {
  const headers = args?.['headers']
  return (
    _meta?.['x402/payment'] !== undefined ||
    (isRecord(headers) && headers['PAYMENT-SIGNATURE'] !== undefined)
  )
}

/** A tool that is sold by a wrapped handler, as behind an interceptor. */
export function sold(handler: WrappedHandler): Tool {
  return async (params) => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
    const { result, error } = responseOf(await handler(eventOf(body))).body
    if (error !== undefined) throw new McpError(error.code, error.message)
    return result as CallToolResult
  }
}

/** A sold tool that writes the price into its challenges, if it is not there yet. */
export function soldFor(credits: string, handler: WrappedHandler, maxCredits?: string): Tool {
  const info = { credits, ...(maxCredits !== undefined && { maxCredits }) }
  return async (params) => {
    const result = await sold(handler)(params)
    const challenge = result.structuredContent
    if (!isRecord(challenge) || !('accepts' in challenge)) return result
    const extensions = { [CREDITS_EXTENSION]: { info }, ...(challenge['extensions'] as object) }
    return { ...result, ...refusing({ ...challenge, extensions }) }
  }
}

/** A challenge in the form of the x402 transport for MCP. */
export function refusing(challenge: Record<string, unknown>): CallToolResult {
  return {
    isError: true,
    structuredContent: challenge,
    content: [{ type: 'text', text: JSON.stringify(challenge) }],
  }
}

/**
 * What AgentCore Gateway makes of the answer of a Lambda target: one text block with the JSON of the result.
 */
export function flattened(tool: Tool): Tool {
  return async (params) => ({
    isError: false,
    content: [{ type: 'text', text: JSON.stringify(await tool(params)) }],
  })
}

/** The text of the first content block. */
export function said(result: unknown): string | undefined {
  return (result as { content: { text?: string }[] }).content[0]?.text
}

/** The error that a call rejects with. */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error('expected the call to fail')
    },
    (error: unknown) => error,
  )
}
