import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { expect, test } from '@jest/globals'
import { Agent, McpClient } from '@strands-agents/sdk'
import type { Address } from 'viem'
import { requiresPayment, type HandlerResult } from '../../src/index.js'
import { startLocal, type LambdaHandler } from '../../src/local/index.js'
import { AgentCorePaymentsPlugin, payingMcpClient } from '../../src/strands/index.js'
import { started } from '../local/support/gateway.js'
import { startMcpServer } from '../local/support/mcp-server.js'
import { paymentUser } from '../support/payment-user.js'
import { answerTo } from '../strands/support/agent.js'
import { ScriptedModel, type Turn } from '../strands/support/model.js'
import { startMerchant } from './merchants/merchant.js'
import { CENT, openTill } from './merchants/money-shop.js'
import { startMppMerchant } from './merchants/mpp-merchant.js'
import { onChain } from './chain/on-chain.js'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const FUNDS = 1_000_000n
const X402_PRICE = 123_457n
const MPP_PRICE = 250_001n
const SPENT = X402_PRICE + CENT + MPP_PRICE

type ToolUse = NonNullable<Turn['tools']>[number]

await onChain('one agent, three shops', (chain) => {
  /** An agent whose wallet and session have a dollar. */
  async function shopper(url: string, turns: Turn[]) {
    const local = started.add(await startLocal({ paymentsService: { tokens: [chain.token] } }))
    const { manager, settings, ids, address: wallet } = await paymentUser(local)
    await chain.mint(wallet, FUNDS)
    const how = { postPaymentRetryDelaySeconds: 0, allowPrivateHosts: true }
    const plugin = new AgentCorePaymentsPlugin({ ...settings, ...ids, ...how })
    const client = payingMcpClient(new McpClient({ url }))
    started.add({ close: () => client.disconnect() })
    const model = new ScriptedModel(...turns)
    const agent = new Agent({ model, tools: [client], plugins: [plugin], printer: false })
    const left = async () => {
      const { paymentSessionId } = ids
      const session = await manager.getPaymentSession({ paymentSessionId })
      return session.availableLimits?.availableSpendAmount?.value
    }
    return { agent, model, wallet, left, service: local.paymentsService }
  }

  /** An MCP server behind a Gateway, whose calls are made by a handler of ours when they are paid. */
  async function mcpShop() {
    const till = await openTill(chain, chain.token)
    const server = started.add(await startMcpServer())
    const upstream = await connected(server.url)
    started.add(upstream)
    const sold = requiresPayment(async (event) => {
      const { params } = event.mcp.gatewayRequest.body as { params: Call }
      const name = params.name.replace('library___', '')
      return (await upstream.callTool({ ...params, name })) as HandlerResult
    }, till.options)
    const signatures: string[] = []
    const lambda: LambdaHandler = (event, context) => {
      const found = JSON.stringify(event).matchAll(/"signature":"(0x[0-9a-f]+)"/g)
      for (const [, signature = ''] of found) signatures.push(signature)
      return sold(event, context)
    }
    const { url } = await started.gateway({
      targets: [{ name: 'library', mcp: server.url }],
      requestInterceptor: { lambda, passRequestHeaders: true },
    })
    return { url, till, signatures }
  }

  test.each(['one after the other', 'at once'])(
    'it buys from them %s; the budget and the chain agree to the last unit',
    async (when) => {
      const x402 = started.add(await startMerchant(chain, { price: `${X402_PRICE}` }))
      const mpp = started.add(await startMppMerchant(chain, { price: `${MPP_PRICE}` }))
      const { url, till, signatures } = await mcpShop()
      const uses: ToolUse[] = [
        { id: 'x402', name: 'http_request', input: { url: `${x402.url}/quote` } },
        { id: 'mcp', name: 'library___echo', input: { say: 'a page of the book' } },
        { id: 'mpp', name: 'http_request', input: { url: `${mpp.url}/quote` } },
      ]
      const turns = when === 'at once' ? [{ tools: uses }] : uses.map((use) => ({ tools: [use] }))
      const { agent, model, wallet, left, service } = await shopper(url, turns)
      const before = (await chain.transfers()).length
      const { headers, stop } = paymentHeaders()
      const result = await agent.invoke('Get the quotes, and the page.')
      stop()

      expect([result.stopReason, result.toString()]).toEqual(['endTurn', 'done'])
      expect(answerTo(agent, 'mcp')).toEqual({ status: 'success', text: 'a page of the book' })
      for (const id of ['x402', 'mpp']) {
        const { status, text } = answerTo(agent, id)
        expect([status, JSON.parse(text)]).toMatchObject([
          'success',
          { statusCode: 200, body: { quote: 'gold' } },
        ])
      }

      const moved = (await chain.transfers()).slice(before)
      const paid: [to: Address, value: bigint][] = [
        [x402.payTo, X402_PRICE],
        [till.payTo, CENT],
        [mpp.payTo, MPP_PRICE],
      ]
      const byValue = (a: { value: bigint }, b: { value: bigint }) => Number(a.value - b.value)
      expect(moved.map(({ from, to, value }) => ({ from, to, value })).sort(byValue)).toEqual(
        paid.map(([to, value]) => ({ from: wallet, to, value })).sort(byValue),
      )
      for (const [to, value] of paid) expect(await chain.balanceOf(to)).toBe(value)
      expect(await chain.balanceOf(wallet)).toBe(FUNDS - SPENT)
      expect(service.sessions().map(({ spent }) => spent)).toEqual([dollars(SPENT)])
      expect(await left()).toBe(dollars(FUNDS - SPENT))

      const payments = [...headers, ...signatures]
      expect([new Set(headers).size, new Set(signatures).size]).toEqual([2, 1])
      const seen = JSON.stringify(agent.messages) + model.shown.join()
      for (const payment of payments) expect(seen).not.toContain(payment)
      expect(seen).not.toMatch(/payment-signature|x-payment|authorization/i)
    },
  )
})

interface Call {
  name: string
  arguments: Record<string, unknown>
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ name: 'reseller', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  return client
}

/** The headers that servers of this process are paid with, as they come over the wire. */
function paymentHeaders() {
  const headers: string[] = []
  const listen = (message: unknown) => {
    const { request } = message as { request: IncomingMessage }
    const { authorization = '', 'payment-signature': signature } = request.headers
    if (typeof signature === 'string') headers.push(signature)
    if (authorization.startsWith('Payment ')) headers.push(authorization.slice('Payment '.length))
  }
  subscribe(ARRIVAL, listen)
  return { headers, stop: () => unsubscribe(ARRIVAL, listen) }
}

/** @see https://nodejs.org/api/diagnostics_channel.html#http */
const ARRIVAL = 'http.server.request.start'

function dollars(units: bigint): string {
  return (Number(units) / 1e6).toFixed(6)
}
