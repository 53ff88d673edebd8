/** The second part of the demo: an MCP server is sold as it is, to an MCP client with a budget. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { Payments, createInterceptor } from 'agentcore-x402'
import { createBudget, payingMcp, receiptOf } from 'agentcore-x402/client'
import { startGateway, startLocal } from 'agentcore-x402/local'
import { cut, line, say, short } from './demo-print.js'

export async function tellOfGateway(): Promise<void> {
  say(
    'bold',
    '\nAn MCP server behind the local AgentCore Gateway, with the interceptor pair before it',
  )
  const local = await startLocal({ credits: 20n })
  const server = await startForecasts()
  const { url: backendUrl, planId } = local
  const seller = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl })
  const lambda = createInterceptor({ payments: seller, planId, credits: 2 }).handle
  const gateway = await startGateway({
    targets: [{ name: 'Weather', mcp: server.url }],
    requestInterceptor: { lambda, passRequestHeaders: true },
    responseInterceptor: { lambda, passRequestHeaders: true },
    search: false,
  })

  const client = new Client({ name: 'buyer', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url)))
  const { tools } = await client.listTools()
  say('cyan', '\nA client lists the tools, free of charge')
  line('tools', tools.map(({ name }) => name).join(', '))

  const call = { name: 'Weather___forecast', arguments: { city: 'Oslo' } }
  say('cyan', '\nIt calls one without paying')
  const { content } = (await client.callTool(call)) as { content: { text: string }[] }
  line('402', cut(content[2]?.text.replace(planId, short(planId)) ?? ''), 'red')

  const buyer = Payments.getInstance({ nvmApiKey: local.subscriberApiKey, backendUrl })
  const budget = createBudget({ plans: [planId], credits: { maxAmountPerPayment: 2n, total: 4n } })
  const paying = payingMcp(client, buyer, budget)
  for (const nth of ['once', 'twice', 'a third time']) {
    say('cyan', `\nWith payingMcp and a budget of 4 credits it calls ${nth}`)
    try {
      const result = await paying.callTool(call)
      const [{ text } = { text: '' }] = result.content as { text: string }[]
      const { paid, amount, remainingBalance } = receiptOf(result)
      line('answer', text, 'green')
      line('receipt', `paid: ${paid}, ${amount} credits, ${remainingBalance} left`)
    } catch (error) {
      line('budget', (error as Error).message.replace(planId, short(planId)), 'red')
    }
  }
  const { length } = local.ledger.settlements
  say('bold', `\nIn the ledger: ${length} settlements, ${local.balance()} of 20 credits left.`)
  for (const one of [client, gateway, server, local]) await one.close()
}

/** Starts an MCP server that has nothing to do with payments. */
async function startForecasts() {
  const server = http.createServer((request, response) => {
    const mcp = new McpServer({ name: 'weather', version: '1.0.0' })
    mcp.registerTool('forecast', { description: 'Tomorrow' }, () => ({
      content: [{ type: 'text', text: 'Rain, then sun.' }],
    }))
    const transport = new StreamableHTTPServerTransport({})
    void mcp.connect(transport).then(() => transport.handleRequest(request, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${port}/mcp`, close }
}
