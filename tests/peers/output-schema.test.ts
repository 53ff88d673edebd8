import { expect, test } from '@jest/globals'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import * as z from 'zod'
import { payingMcp, receiptOf } from '../../src/client/index.js'
import { createInterceptor, requiresPayment } from '../../src/index.js'
import type { GatewayOptions, GatewayTarget, Local } from '../../src/local/index.js'
import { buyer } from '../client/support/client.js'
import { functionUrl } from '../local/support/function-url.js'
import { started } from '../local/support/gateway.js'
import { startMcpServer } from '../local/support/mcp-server.js'
import { memoryStore } from '../seller/phases/support/memory-store.js'
import { interceptorOptions } from '../seller/phases/support/phases.js'
import { stack } from '../support/seller.js'

/** A tool whose results have a schema, and one that is free. */
function createServer(): McpServer {
  const server = new McpServer({ name: 'weather', version: '1.0.0' })
  const outputSchema = z.strictObject({ degrees: z.number() })
  const answer = (): CallToolResult => ({
    content: [{ type: 'text', text: 'It has 21 degrees' }],
    structuredContent: { degrees: 21 },
  })
  server.registerTool('weather', { outputSchema }, answer)
  server.registerTool('open', { outputSchema }, answer)
  return server
}

interface Shop {
  url: string
  weather: string
  open: string
}

const behindGateway = { weather: 'srv___weather', open: 'srv___open' }

const prices = (local: Local, { weather, open }: Pick<Shop, 'weather' | 'open'>) => ({
  tools: { [weather]: { planId: local.planId }, [open]: 'free' as const },
})

async function pair(local: Local, target: GatewayTarget, more: Partial<GatewayOptions> = {}) {
  const isHttp = 'http' in target
  const names = isHttp ? { weather: 'weather', open: 'open' } : behindGateway
  const http = isHttp ? { httpTargets: 'mcp', store: memoryStore() } : {}
  const options = interceptorOptions(local, { ...prices(local, names), ...http })
  const { handle: lambda } = createInterceptor(options)
  const { url } = await started.gateway({
    targets: [target],
    requestInterceptor: { lambda, passRequestHeaders: true },
    responseInterceptor: { lambda, passRequestHeaders: true },
    ...more,
  })
  return { ...names, url: isHttp ? `${url}/srv/mcp` : url }
}

async function server(json: boolean): Promise<string> {
  return started.add(await startMcpServer({ json, create: createServer })).url
}

/** `requiresPayment` at REQUEST alone: nobody changes the list of tools. */
async function decorator(local: Local, structuredChallenge?: boolean): Promise<Shop> {
  const schema = { type: 'object', properties: { degrees: { type: 'number' } } } as const
  const sold = requiresPayment(
    () => ({ content: [{ type: 'text', text: '21' }], structuredContent: { degrees: 21 } }),
    interceptorOptions(local, {
      tools: {
        [behindGateway.weather]: {
          planId: local.planId,
          ...(structuredChallenge !== undefined && { structuredChallenge }),
        },
        [behindGateway.open]: 'free',
      },
    }),
  )
  const tool = (name: string) => ({
    name,
    description: name,
    inputSchema: { type: 'object' as const },
    outputSchema: { ...schema, required: ['degrees'] },
  })
  const stub = () => ({ degrees: 1 })
  const { url } = await started.gateway({
    targets: [{ name: 'srv', lambda: stub, tools: [tool('weather'), tool('open')] }],
    requestInterceptor: { lambda: sold, passRequestHeaders: true },
  })
  return { ...behindGateway, url }
}

/** An MCP server of one's own behind a Function URL, which is the handler. */
async function ownServer(local: Local, json: boolean): Promise<Shop> {
  const names = { weather: 'weather', open: 'open' }
  const target = started.add(
    await startMcpServer({ json, stateless: true, create: createServer }),
  ).url
  const sold = requiresPayment(
    async ({ headers, body }: { headers: Record<string, string>; body: string }) => {
      const { accept = '', 'content-type': type = '' } = headers
      const init = { method: 'POST', headers: { accept, 'content-type': type }, body }
      const answer = await fetch(target, init)
      return {
        statusCode: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: await answer.text(),
      }
    },
    interceptorOptions(local, prices(local, names)),
  )
  return { ...names, url: started.add(await functionUrl(sold as never)).url }
}

const SHOPS: [string, (local: Local) => Promise<Shop>][] = [
  [
    'the pair before an MCP server that answers JSON',
    async (local) => pair(local, { name: 'srv', mcp: await server(true) }),
  ],
  [
    'the pair before an MCP server, buffered',
    async (local) => pair(local, { name: 'srv', mcp: await server(false) }),
  ],
  [
    'the pair before an MCP server, streaming',
    async (local) =>
      pair(local, { name: 'srv', mcp: await server(false) }, { streaming: true, sessions: true }),
  ],
  [
    'the pair before an HTTP target that answers JSON',
    async (local) => pair(local, { name: 'srv', http: new URL(await server(true)).origin }),
  ],
  [
    'the pair before an HTTP target that answers streams',
    async (local) => pair(local, { name: 'srv', http: new URL(await server(false)).origin }),
  ],
  [
    'requiresPayment at REQUEST alone, with structuredChallenge: false',
    (local) => decorator(local, false),
  ],
  ['an MCP server of one’s own behind a Function URL, JSON', (local) => ownServer(local, true)],
  ['an MCP server of one’s own behind a Function URL, streams', (local) => ownServer(local, false)],
]

test.each(SHOPS)(
  'a client of the SDK 1.x that listed a priced tool with an outputSchema reads the challenge and buys: %s',
  async (_, open) => {
    const local = await stack()
    const { url, weather, open: free } = await open(local)
    const client = await started.client(url)
    const { tools } = await client.listTools()
    expect(tools.find(({ name }) => name === weather)?.outputSchema).toBeDefined()

    const refused = (await client.callTool({ name: weather })) as CallToolResult
    expect(refused.isError).toBe(true)
    const [text] = refused.content
    expect(JSON.parse(text?.type === 'text' ? text.text : '')).toMatchObject({
      x402Version: 2,
      accepts: [{ planId: local.planId }],
    })
    expect(local.balance()).toBe(100n)

    const limits = { plans: [local.planId], credits: { maxAmountPerPayment: 1n, total: 3n } }
    const paying = payingMcp(client, buyer(local), limits)
    const bought = await paying.callTool({ name: weather })
    expect(bought['structuredContent']).toEqual({ degrees: 21 })
    expect(receiptOf(bought)).toMatchObject({ paid: 'yes' })
    expect([local.balance(), local.ledger.settlements.length]).toEqual([99n, 1])

    expect((await client.callTool({ name: free }))['isError'] ?? false).toBe(false)
    expect(local.balance()).toBe(99n)
  },
)

test('without either, such a client cannot read the challenge: why the option is there', async () => {
  const local = await stack()
  const { url, weather } = await decorator(local)
  const client = await started.client(url)
  await client.listTools()
  await expect(client.callTool({ name: weather })).rejects.toThrow(/-32602/)
})

test('the schema of a priced tool takes a challenge beside its results, and that of a free one stays', async () => {
  const local = await stack()
  const shop = await pair(local, { name: 'srv', mcp: await server(true) })
  const client = await started.client(shop.url)
  const { tools } = await client.listTools()
  const schemaOf = (name: string) => tools.find((tool) => tool.name === name)?.outputSchema
  expect(schemaOf(shop.weather)).toMatchObject({
    type: 'object',
    anyOf: [
      { type: 'object', properties: { degrees: { type: 'number' } }, required: ['degrees'] },
      { required: ['x402Version', 'accepts'] },
    ],
  })
  // A free tool keeps its schema.
  expect(schemaOf(shop.open)).toMatchObject({ properties: { degrees: { type: 'number' } } })
  expect(schemaOf(shop.open)).not.toHaveProperty('anyOf')
})

/** A tree, whose schema refers to itself in both ways. */
const TREE = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    root: { $ref: '#/$defs/node' },
    whole: { $ref: '#' },
    note: { enum: ['#/$defs/node'], default: { $ref: '#/$defs/node' } },
  },
  required: ['root'],
  $defs: {
    node: {
      type: 'object',
      properties: { children: { type: 'array', items: { $ref: '#/$defs/node' } } },
      required: ['children'],
    },
  },
}

test('a schema that refers to itself still holds for results, and lets challenges through', async () => {
  const local = await stack()
  let root: object = { children: [{ children: [] }] }
  const sold = requiresPayment(({ body }: { body: string }) => {
    const { id, method } = JSON.parse(body) as { id: unknown; method: string }
    const capabilities = { tools: {} }
    const results: Record<string, object> = {
      initialize: {
        protocolVersion: '2025-06-18',
        capabilities,
        serverInfo: { name: 'tree', version: '1' },
      },
      'tools/list': {
        tools: [{ name: 'tree', inputSchema: { type: 'object' }, outputSchema: TREE }],
      },
      'tools/call': { content: [], structuredContent: { root } },
    }
    return {
      statusCode: 200,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id, result: results[method] ?? {} }),
    }
  }, interceptorOptions(local))
  const client = await started.client(started.add(await functionUrl(sold as never)).url)
  await client.listTools()
  expect((await client.callTool({ name: 'tree' }))['isError']).toBe(true)
  const limits = { plans: [local.planId], credits: { maxAmountPerPayment: 1n, total: 3n } }
  const paying = payingMcp(client, buyer(local), limits)
  expect((await paying.callTool({ name: 'tree' }))['structuredContent']).toEqual({ root })
  root = { children: [{ children: 'none' }] }
  await expect(paying.callTool({ name: 'tree' })).rejects.toThrow()
  expect(local.ledger.settlements.length).toBeGreaterThan(0)
})
