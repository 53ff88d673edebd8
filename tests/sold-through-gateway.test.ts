import { afterEach, expect, test } from '@jest/globals'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { createInterceptor, requiresPayment } from '../src/index.js'
import type { GatewayOptions, GatewayTarget, Local } from '../src/local/index.js'
import { decodeToken, isRecord } from '../src/x402.js'
import { Started, tool } from './support/gateway.js'
import { startMcpServer, type McpServerOptions } from './support/mcp-server.js'
import { memoryStore } from './support/memory-store.js'
import { interceptorOptions, SHOWN } from './support/phases.js'
import { stack } from './support/seller.js'

const started = new Started()
afterEach(() => started.closeAll())

/** A gateway that sells, where its client connects, and the tool it sells. */
interface Shop {
  url: string
  tool: string
}

type Open = (local: Local, assume: GatewayOptions['assume']) => Promise<Shop>

const decorator: Open = async (local, assume) => {
  const sold = requiresPayment((event) => {
    const { say } = event.mcp.gatewayRequest.body.params.arguments
    return { content: [{ type: 'text', text: String(say) }] }
  }, interceptorOptions(local))
  const stub = () => {
    throw new Error('the stub was called')
  }
  const { url } = await started.gateway({
    targets: [{ name: 'srv', lambda: stub, tools: [tool('echo')] }],
    requestInterceptor: { lambda: sold, passRequestHeaders: true },
    ...(assume && { assume }),
  })
  return { url, tool: 'srv___echo' }
}

function pair(target: () => Promise<GatewayTarget>, more: Partial<GatewayOptions> = {}): Open {
  return async (local, assume) => {
    const one = await target()
    const isHttp = 'http' in one
    const extra = isHttp ? { httpTargets: 'mcp', store: memoryStore() } : {}
    const lambda = createInterceptor(interceptorOptions(local, extra)).handle
    const { url } = await started.gateway({
      targets: [one],
      requestInterceptor: { lambda, passRequestHeaders: true },
      responseInterceptor: { lambda, passRequestHeaders: true },
      ...more,
      ...(assume && { assume }),
    })
    return isHttp ? { url: `${url}/srv/mcp`, tool: 'echo' } : { url, tool: 'srv___echo' }
  }
}

const lambdaTarget = async (): Promise<GatewayTarget> => ({
  name: 'srv',
  lambda: (event) => ({ said: isRecord(event) ? event['say'] : undefined }),
  tools: [tool('echo')],
})
const mcpTarget = (options: McpServerOptions) => async (): Promise<GatewayTarget> => ({
  name: 'srv',
  mcp: started.add(await startMcpServer(options)).url,
})
const httpTarget = (options: McpServerOptions) => async (): Promise<GatewayTarget> => ({
  name: 'srv',
  http: new URL(started.add(await startMcpServer(options)).url).origin,
})

const SHOPS: [string, Open][] = [
  ['the decorator as REQUEST interceptor', decorator],
  ['the pair before a Lambda target', pair(lambdaTarget)],
  ['the pair before an MCP server that answers JSON', pair(mcpTarget({ json: true }))],
  ['the pair before an MCP server, buffered', pair(mcpTarget({}))],
  [
    'the pair before an MCP server, streaming',
    pair(mcpTarget({}), { streaming: true, sessions: true }),
  ],
  ['the pair before an HTTP target that answers JSON', pair(httpTarget({ json: true }))],
  ['the pair before an HTTP target that answers streams', pair(httpTarget({}))],
]

interface Result {
  isError?: boolean
  content: { type: string; text: string }[]
  structuredContent?: { accepts?: unknown[] }
  _meta?: Record<string, Record<string, unknown>>
}

async function callTool(client: Client, name: string, token?: string): Promise<Result> {
  const _meta = token === undefined ? {} : { _meta: { 'x402/payment': decodeToken(token) } }
  return (await client.callTool({ name, arguments: { say: 'gold' }, ..._meta })) as Result
}

const CASES = SHOPS.flatMap(([name, open]) => SHOWN.map((shown) => [name, shown, open] as const))

test.each(CASES)(
  'a client lists, is refused, pays in _meta and gets result and receipt: %s, %s request',
  async (_name, responseSees, open) => {
    const local = await stack()
    const shop = await open(local, { responseSees })
    const client = await started.client(shop.url)
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain(shop.tool)

    const refused = await callTool(client, shop.tool)
    expect(refused.isError).toBe(true)
    expect(refused.structuredContent?.accepts).toHaveLength(1)
    expect(JSON.stringify(refused)).not.toContain('gold')
    expect(local.balance()).toBe(100n)

    const paid = await callTool(client, shop.tool, local.accessToken())
    expect(paid.isError ?? false).toBe(false)
    expect(paid.content[0]?.text).toContain('gold')
    expect(paid._meta?.['x402/payment-response']).toMatchObject({
      success: true,
      creditsRedeemed: '1',
      remainingBalance: '99',
    })
    expect(local.balance()).toBe(99n)
    expect(local.ledger.settlements).toHaveLength(1)
  },
)

test.each(CASES)(
  'a connection that pays in an HTTP header pays once a call: %s, %s request',
  async (_name, responseSees, open) => {
    const local = await stack()
    const shop = await open(local, { responseSees })
    const headers = { 'Payment-Signature': local.accessToken() }
    const client = await started.client(shop.url, { headers })
    for (const left of ['99', '98']) {
      const paid = await callTool(client, shop.tool)
      expect(paid._meta?.['x402/payment-response']).toMatchObject({ remainingBalance: left })
    }
    expect(local.ledger.settlements).toHaveLength(2)
  },
)
