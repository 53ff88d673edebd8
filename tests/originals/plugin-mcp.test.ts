/**
 * "End-to-End Examples" of the README of AWS's payments plugin for Strands at commit ddfab76, in TypeScript.
 * "Connect to the Coinbase x402 Bazaar", Amazon Bedrock AgentCore Developer Guide, version `latest`.
 *
 * One line is ours: the client is wrapped in `payingMcpClient`, since Strands in TypeScript shows plugins
 * only the texts of a tool's result.
 *
 * @see
 * https://github.com/aws/bedrock-agentcore-sdk-python/blob/ddfab76/src/bedrock_agentcore/payments/integrations/strands/README.md
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments-connect-bazaar.html
 */
import { afterEach, expect, test } from '@jest/globals'
import { Agent, McpClient } from '@strands-agents/sdk'
import { AgentCorePaymentsPlugin, payingMcpClient } from 'agentcore-x402/strands'
import { isRecord } from '../../src/wire/json.js'
import { answering } from '../agentcore/support/answering.js'
import { shop, type Tool } from '../client/support/mcp-shop.js'
import { answerTo } from '../strands/support/agent.js'
import { GOODS, selling, structured } from '../strands/support/mcp.js'
import { ScriptedModel } from '../strands/support/model.js'
import { LOCAL, fundedWorld } from './support/plugin-world.js'

const clients: McpClient[] = []
afterEach(() => Promise.all(clients.splice(0).map((client) => client.disconnect())))

function paymentPlugin(): AgentCorePaymentsPlugin {
  return new AgentCorePaymentsPlugin({
    paymentManagerArn: process.env.PAYMENT_MANAGER_ARN ?? '',
    userId: process.env.USER_ID,
    paymentInstrumentId: process.env.PAYMENT_INSTRUMENT_ID,
    paymentSessionId: process.env.PAYMENT_SESSION_ID,
    region: process.env.AWS_REGION,
    ...LOCAL,
  })
}

test('"Calling Coinbase Bazaar Tools via MCP Client": a paid tool is paid for', async () => {
  const { spent } = await fundedWorld()
  const bazaar = await shop({ latest_crypto_news: selling(() => structured) })

  // 1. Connect to the MCP server
  const mcpClient = new McpClient({ url: bazaar.url })
  clients.push(mcpClient)
  // 2. Create agent: the plugin handles 402 payments automatically
  const agent = new Agent({
    model: new ScriptedModel({ tools: [{ id: 'call-1', name: 'latest_crypto_news', input: {} }] }),
    tools: [payingMcpClient(mcpClient)],
    plugins: [paymentPlugin()],
    printer: false,
  })
  const result = await agent.invoke('Get me the latest crypto news')

  expect(result.toString()).toBe('done')
  expect(answerTo(agent)).toEqual({ status: 'success', text: 'goods' })
  expect(spent()).toBe('0.01')
})

/** As the Gateway has it: one tool that calls another. It is paid in `parameters.headers`. */
const proxy: Tool = ({ arguments: args = {} }) => {
  const { parameters } = args
  const headers = isRecord(parameters) ? parameters['headers'] : undefined
  return isRecord(headers) && 'PAYMENT-SIGNATURE' in headers ? GOODS : structured
}

test('"Calling Coinbase Bazaar Tools via AgentCore Gateway": with a token, and paid for', async () => {
  const { spent } = await fundedWorld()
  const gateway = await shop({ proxy_tool_call: proxy })
  const identityProvider = await answering((_, response) =>
    response.end(JSON.stringify({ access_token: 'a-token' })),
  )
  const getOauthToken = async () => {
    const response = await fetch(identityProvider.url, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    return ((await response.json()) as { access_token: string }).access_token
  }

  const mcpClient = new McpClient({
    url: gateway.url,
    headers: { Authorization: `Bearer ${await getOauthToken()}` },
  })
  clients.push(mcpClient)
  const input = { toolName: 'crypto_news', parameters: {} }
  const agent = new Agent({
    model: new ScriptedModel({ tools: [{ id: 'call-1', name: 'proxy_tool_call', input }] }),
    tools: [payingMcpClient(mcpClient)],
    plugins: [paymentPlugin()],
    printer: false,
  })
  await agent.invoke('Get me the latest crypto news')

  expect(answerTo(agent)).toEqual({ status: 'success', text: 'goods' })
  expect(spent()).toBe('0.01')
})
