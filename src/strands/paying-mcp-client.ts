import { AsyncLocalStorage } from 'node:async_hooks'
import type { McpClient, Tool } from '@strands-agents/sdk'
import { OptionsError } from '../errors/payment-error.js'
import { PAYMENT_META_KEY } from '../wire/x402.js'
import { isRecord } from '../wire/json.js'
import { asPayable, errorAsPayable, type PayableResult } from './handlers/mcp-challenge.js'
import { isMcpRequest } from './handlers/mcp-request-payment-handler.js'
import { takePayment } from './handlers/mcp-payment.js'
import { isPaidInMeta, rememberPlace } from './handlers/payment-place.js'

/**
 * Makes the tools of a Strands `McpClient` payable by the plugin: those behind AgentCore Gateway, and those of any
 * server that sells by x402 over MCP. Strands shows hooks the texts of a result and nothing else of it; here a
 * challenge in its other parts, or in an error, becomes a text with the marker, and the payment that the plugin
 * puts into `headers` of the arguments goes to where the seller looks for it: `_meta["x402/payment"]`.
 *
 * The client itself is changed, for whoever uses it, since Strands keeps it in the tools it lists. Once more does
 * nothing.
 *
 * @example
 * const shop = payingMcpClient(new McpClient({ url: 'https://shop.example/mcp' }))
 * const agent = new Agent({ model, tools: [shop], plugins: [new AgentCorePaymentsPlugin(config)] })
 * @throws OptionsError if it is no `McpClient`
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/mcp.md
 */
export function payingMcpClient<T extends McpClient>(client: T): T {
  const sdk = (client as Partial<McpClient> | undefined)?.client as Requesting | undefined
  if (typeof sdk?.request !== 'function' || typeof client.callTool !== 'function') {
    throw new OptionsError('client', 'expected an McpClient of @strands-agents/sdk')
  }
  if (payable.has(client)) return client
  payable.add(client)
  // Which tool a request is made for, the client below does not know.
  const calls = new AsyncLocalStorage<ToolCall>()
  const callTool = client.callTool.bind(client)
  const request = sdk.request.bind(sdk)
  client.callTool = (tool, args, options) => {
    const { args: left, payment } = isPaidInMeta(tool) ? takePayment(args) : { args }
    const call = { tool, payment, isProxied: isMcpRequest(args) }
    return calls.run(call, () => callTool(tool, left, options))
  }
  sdk.request = (asked, ...rest) => {
    const call = RESULTS.includes(asked.method) ? calls.getStore() : undefined
    if (call === undefined) return request(asked, ...rest)
    return payableRequest(call, () => request(withPayment(asked, call), ...rest))
  }
  return client
}

/** Clients that are so already. */
const payable = new WeakSet<McpClient>()

interface ToolCall {
  tool: Tool
  payment?: Record<string, unknown> | undefined
  /** Whether the tool called is there to call others. */
  isProxied: boolean
}

/** The official SDK's client, as far as it is used here. */
interface Requesting {
  request: (asked: Asked, ...rest: unknown[]) => Promise<unknown>
}

interface Asked {
  method: string
  params?: unknown
}

/** That of a call which goes on as a task comes with another request. */
const RESULTS = ['tools/call', 'tasks/result']

/** For one request: what a server asks back meanwhile may lead to others. */
function withPayment(asked: Asked, call: ToolCall): Asked {
  const { payment } = call
  const { method, params } = asked
  if (payment === undefined || method !== 'tools/call' || !isRecord(params)) return asked
  delete call.payment
  const { _meta } = params
  const meta = { ...(isRecord(_meta) && _meta), [PAYMENT_META_KEY]: payment }
  return { ...asked, params: { ...params, _meta: meta } }
}

async function payableRequest(
  { tool, isProxied }: ToolCall,
  send: () => Promise<unknown>,
): Promise<unknown> {
  const found = await send().then(
    (result): PayableResult => asPayable(result, isProxied),
    (error: unknown) => errorAsPayable(error),
  )
  if (found.isInMeta !== undefined) rememberPlace(tool, found.isInMeta)
  return found.result
}
