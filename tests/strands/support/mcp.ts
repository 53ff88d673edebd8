import { McpClient, type McpClientConfig } from '@strands-agents/sdk'
import { payingMcpClient } from '../../../src/strands/paying-mcp-client.js'
import { decodeHeader } from '../../../src/wire/x402.js'
import { isRecord } from '../../../src/wire/json.js'
import { started } from '../../local/support/gateway.js'
import { shop, type Params, type Tool } from '../../client/support/mcp-shop.js'
import { challengeV2 } from '../../agentcore/support/payment-header.js'
import { shopper } from './agent.js'
import type { Turn } from './model.js'

/** Makes Strands' client. It is disconnected when the test ends. */
export function clientOf(config: McpClientConfig): McpClient {
  const client = new McpClient(config)
  started.add({ close: () => client.disconnect() })
  return client
}

export const calling = (name: string, input: object = {}, id = 'call-1'): Turn => ({
  tools: [{ id, name, input }],
})

export const CHALLENGE = challengeV2()
/** A challenge that names its tool, as in the MCP transport of x402. */
export const challengeFor = (tool: string): Record<string, unknown> =>
  challengeV2(undefined, { resource: { url: `mcp://tool/${tool}` } })
export const GOODS = { content: [{ type: 'text' as const, text: 'goods' }] }

/** The payment of a call, from either place. */
export function paymentOf({ _meta, arguments: args = {} }: Params) {
  const { headers } = args
  const written = isRecord(headers) ? headers['PAYMENT-SIGNATURE'] : undefined
  return {
    inMeta: _meta?.['x402/payment'],
    inArguments: typeof written === 'string' ? decodeHeader(written) : undefined,
  }
}

/** A tool that takes any payment. */
export const selling =
  (challenge: () => Awaited<ReturnType<Tool>>): Tool =>
  (params) => {
    const { inMeta, inArguments } = paymentOf(params)
    return inMeta === undefined && inArguments === undefined ? challenge() : GOODS
  }

/** A challenge that is in `structuredContent` only. */
export const structured = { isError: true, structuredContent: CHALLENGE, content: [] }
export const marked = (body: object = CHALLENGE) => ({
  isError: true,
  content: [
    {
      type: 'text' as const,
      text: `PAYMENT_REQUIRED: ${JSON.stringify({ statusCode: 402, headers: {}, body })}`,
    },
  ],
})

interface Purchase {
  input?: object
  config?: Partial<McpClientConfig>
  lambdaTargets?: readonly string[]
}

/**
 * Has an agent call a tool of a shop, with a client that pays.
 *
 * @returns the result
 */
export async function buying(
  tools: Record<string, Tool>,
  { input = {}, config = {}, lambdaTargets }: Purchase = {},
) {
  const [one, sold] = [await shopper(), await shop(tools)]
  const [name = ''] = Object.keys(tools)
  const client = payingMcpClient(clientOf({ url: sold.url, ...config }), { lambdaTargets })
  const { agent, model } = one.agentThat([calling(name, input)], { tools: [client] })
  await agent.invoke('buy')
  return { ...one, ...sold, agent, model }
}
