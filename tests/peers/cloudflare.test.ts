import http from 'node:http'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { beforeAll, expect, test } from '@jest/globals'
import { withX402, withX402Client, type X402AugmentedServer } from 'agents/x402'
import { z } from 'zod'
import { payingMcp, receiptOf } from '../../src/client/index.js'
import { started } from '../local/support/gateway.js'
import { allowing } from './buyers/buyers.js'
import { listen } from './chain/listen.js'
import { closing, onChain } from './chain/on-chain.js'
import { usdcOn } from './chain/usdc.js'
import { funded, walletPayer } from './chain/wallet-payer.js'
import type { Token } from './chain/chain.js'
import { facilitatorOverHttp } from './merchants/facilitator-over-http.js'
import { CENT, DOORS, openTill, textsIn } from './merchants/money-shop.js'
import { newAddress } from './merchants/merchant.js'

type CompatibleClient = Parameters<typeof withX402Client>[0]

// `agents/x402` of Cloudflare: it marks a challenge as `_meta["x402/error"]` and carries payments as base64.

await onChain('Cloudflare agents', (chain) => {
  const open = closing()
  let usdc: Token
  beforeAll(async () => {
    usdc = await usdcOn(chain)
  })

  test.each(DOORS.filter(([kind]) => kind !== 'a Lambda target'))(
    'its client buys from our seller through a Gateway, by %s',
    async (_, door) => {
      const till = await openTill(chain)
      const { gateway, ran } = await door(till, started)
      const { url } = await started.gateway(gateway)
      const account = await funded(chain, 1_000_000n, usdc)
      const plain = new Client({ name: 'agent', version: '1' })
      await plain.connect(new StreamableHTTPClientTransport(new URL(url)))
      started.add({ close: () => plain.close() })
      const client = withX402Client(plain as unknown as CompatibleClient, {
        account,
        network: 'base-sepolia',
      })

      const bought = await client.callTool(null, {
        name: 'srv___echo',
        arguments: { say: 'gold' },
      })
      expect(JSON.stringify(textsIn(bought))).toContain('gold')
      expect(bought.isError).not.toBe(true)
      expect(await till.income()).toMatchObject([{ from: account.address, value: CENT }])
      expect(ran()).toBe(1)
      expect(await chain.balanceOf(account.address, usdc.asset)).toBe(1_000_000n - CENT)
    },
  )

  test('our client buys from its server', async () => {
    const recipient = newAddress()
    const facilitator = await open(facilitatorOverHttp(chain))
    const ran: string[] = []
    const create = () => {
      const server = withX402(new McpServer({ name: 'shop', version: '1' }) as never, {
        network: 'base-sepolia',
        recipient,
        facilitator: { url: facilitator.url },
      }) as unknown as McpServer & X402AugmentedServer
      const work = (({ of }: { of: string }) => {
        ran.push(of)
        return { content: [{ type: 'text', text: `a quote of ${of}` }] }
      }) as never
      server.paidTool('quote', 'A quote', 0.01, { of: z.string() } as never, {}, work)
      return server
    }
    const { url } = await open(mcpOver(create))
    const account = await funded(chain, 1_000_000n, usdc)
    const plain = new Client({ name: 'agent', version: '1' })
    await plain.connect(new StreamableHTTPClientTransport(new URL(url)))
    started.add({ close: () => plain.close() })
    const client = payingMcp(plain, walletPayer(account, usdc), allowing({ token: usdc }, CENT))

    const bought = await client.callTool({ name: 'quote', arguments: { of: 'gold' } })
    expect(bought.content).toEqual([{ type: 'text', text: 'a quote of gold' }])
    const moved = (await chain.transfers()).filter(({ to }) => to === recipient)
    expect(moved).toMatchObject([{ from: account.address, value: CENT }])
    const [{ transaction } = { transaction: '' }] = moved
    expect(receiptOf(bought)).toMatchObject({ paid: 'yes', transaction })
    expect(ran).toEqual(['gold'])
  })
})

/** An MCP server that knows no sessions. */
function mcpOver(create: () => McpServer) {
  return listen((request: http.IncomingMessage, response: http.ServerResponse) => {
    const server = create()
    const transport = new StreamableHTTPServerTransport({})
    void server.connect(transport).then(() => transport.handleRequest(request, response))
  })
}
