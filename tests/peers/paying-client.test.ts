import {
  Client,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client'
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server'
import { afterAll, expect, test } from '@jest/globals'
import { payingMcp, receiptOf, type PaymentLimits } from '../../src/client/index.js'
import type { Local } from '../../src/local/index.js'
import { buyer } from '../client/support/client.js'
import { said, shop, soldFor, type Tool } from '../client/support/mcp-shop.js'
import { hello, sell, stack } from '../support/seller.js'

const TOOL = 'T___hello'
const CALL = { name: TOOL, arguments: {} }
const SCHEMA = { type: 'object' as const }

const clients: Client[] = []
afterAll(() => Promise.all(clients.splice(0).map((client) => client.close())))

async function connect(
  transport: StreamableHTTPClientTransport,
  mode: VersionNegotiationMode = 'legacy',
): Promise<Client> {
  const client = new Client({ name: 'buyer', version: '1' }, { versionNegotiation: { mode } })
  clients.push(client)
  await client.connect(transport)
  return client
}

const limitsOf = ({ planId }: Local): PaymentLimits => ({
  plans: [planId],
  credits: { maxAmountPerPayment: 1n, total: 2n },
})

test('version 2 of the client buys from a server of version 1', async () => {
  const local = await stack()
  const { url, calls } = await shop({ [TOOL]: soldFor('1', sell(local)) })
  const client = await connect(new StreamableHTTPClientTransport(new URL(url)))
  const paying = payingMcp(client, buyer(local), limitsOf(local))
  expect(paying).toBeInstanceOf(Client)
  const result = await paying.callTool(CALL)
  expect(said(result)).toBe('Hello!')
  expect(receiptOf(result)).toMatchObject({ paid: 'yes', amount: '1' })
  expect(calls).toHaveLength(2)
  expect(local.balance()).toBe(99n)
})

/** Version 2 of the server, at the stateless revision of the protocol. */
async function modernShop(tool: Tool, outputSchema?: typeof SCHEMA) {
  const metas: (Record<string, unknown> | undefined)[] = []
  const handler = createMcpHandler(() => {
    const { server } = new McpServer(
      { name: 'shop', version: '1' },
      { capabilities: { tools: {} } },
    )
    const declared = { name: TOOL, inputSchema: SCHEMA, ...(outputSchema && { outputSchema }) }
    server.setRequestHandler('tools/list', () => ({ tools: [declared] }))
    server.setRequestHandler('tools/call', ({ params }) => {
      metas.push(params._meta)
      return tool(params)
    })
    return server
  })
  const fetch = (url: string | URL, init?: RequestInit) => handler.fetch(new Request(url, init))
  const transport = new StreamableHTTPClientTransport(new URL('http://127.0.0.1/mcp'), { fetch })
  return { client: await connect(transport, { pin: '2026-07-28' }), metas }
}

test('both of version 2 trade at protocol revision 2026-07-28', async () => {
  const local = await stack()
  const { client, metas } = await modernShop(soldFor('1', sell(local)))
  expect(client.getProtocolEra()).toBe('modern')
  const paying = payingMcp(client, buyer(local), limitsOf(local))
  const { tools } = await paying.listTools()
  expect(tools).toMatchObject([{ name: TOOL }])
  expect(receiptOf(await paying.callTool(CALL))).toMatchObject({ paid: 'yes', amount: '1' })
  expect(metas[1]).toEqual({ ...metas[0], 'x402/payment': expect.any(Object) })
  expect(local.balance()).toBe(99n)
})

test('a tool with an output schema is bought by version 2 as well', async () => {
  const local = await stack()
  const structured = () => ({ content: [], structuredContent: { sum: 3 } })
  const schema = { ...SCHEMA, properties: { sum: { type: 'number' } }, required: ['sum'] }
  const { client } = await modernShop(soldFor('1', sell(local, structured)), schema)
  const paying = payingMcp(client, buyer(local), limitsOf(local))
  await paying.listTools()
  expect((await paying.callTool(CALL)).structuredContent).toEqual({ sum: 3 })
})

test('the budget holds for version 2 under parallel calls, and signals reach the payer', async () => {
  const local = await stack()
  const { url, paid } = await shop({ [TOOL]: soldFor('1', sell(local, hello)) })
  const client = await connect(new StreamableHTTPClientTransport(new URL(url)))
  const { signal } = new AbortController()
  const payments = buyer(local)
  const signals = new Set<unknown>()
  const paying = payingMcp(
    client,
    (paymentRequired, call) => {
      signals.add(call.signal)
      return payments.pay(paymentRequired, call)
    },
    limitsOf(local),
  )
  const calls = Array.from({ length: 6 }, () => paying.callTool(CALL, { signal }))
  const endings = await Promise.allSettled(calls)
  expect(endings.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  expect(paid()).toHaveLength(2)
  expect([...signals]).toEqual([signal])
})
