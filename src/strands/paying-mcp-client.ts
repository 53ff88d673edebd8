import { inCall } from '../errors/in-call.js'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { McpClient, Tool } from '@strands-agents/sdk'
import { onlyKnown, texts } from '../checks.js'
import { OptionsError } from '../errors/payment-error.js'
import { PAYMENT_META_KEY } from '../wire/x402.js'
import { isRecord } from '../wire/json.js'
import {
  asPayable,
  errorAsPayable,
  type CalledTool,
  type PayableResult,
} from './handlers/mcp-challenge.js'
import { isMcpRequest } from './handlers/mcp-request-payment-handler.js'
import { takePayment } from './handlers/mcp-payment.js'
import { isPaidInMeta, rememberPlace } from './handlers/payment-place.js'

/** Options of {@link payingMcpClient}. */
export interface PayingMcpClientOptions {
  /**
   * Tools that sell by themselves as Lambda targets of an AgentCore Gateway, by the names that the Gateway has for
   * them. Such a tool cannot answer with an error result, so its challenge is the text of an ordinary result. Never
   * name a tool here that hands on what others wrote: their words could then ask for money. Tools behind an interceptor
   * need not be named.
   *
   * @default none
   */
  lambdaTargets?: readonly string[] | undefined
}

/**
 * Makes the tools of a Strands `McpClient` payable by the plugin. They may be behind AgentCore Gateway, or on
 * any server that sells by x402 over MCP.
 *
 * Strands shows hooks only the texts of a result. So a challenge in an error, or in another part of a result,
 * is turned into a text with the marker. The plugin puts the payment into `headers` of the arguments. From
 * there it is moved to where the seller looks for it: `_meta["x402/payment"]`. A challenge in a good answer,
 * or for another tool, is not paid.
 *
 * The client itself is changed, for everybody who uses it, since Strands keeps it in the tools it lists. A
 * second call with the same client changes nothing.
 *
 * @example
 * const shop = payingMcpClient(new McpClient({ url: 'https://shop.example/mcp' }))
 * const agent = new Agent({ model, tools: [shop], plugins: [new AgentCorePaymentsPlugin(config)] })
 * @throws OptionsError if it is no `McpClient`
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/mcp.md
 */
export function payingMcpClient<T extends McpClient>(
  client: T,
  options: PayingMcpClientOptions = {},
): T {
  const { lambdaTargets, sdk } = inCall('payingMcpClient', { ...options, client, options }, () => ({
    lambdaTargets: lambdaTargetsIn(options),
    sdk: requestingOf(client),
  }))
  if (payable.has(client)) return client
  payable.add(client)
  // The client below does not know which tool a request is made for.
  const calls = new AsyncLocalStorage<ToolCall>()
  const callTool = client.callTool.bind(client)
  const request = sdk.request.bind(sdk)
  client.callTool = (tool, args, options) => {
    const { args: left, payment } = isPaidInMeta(tool) ? takePayment(args) : { args }
    const call = { tool, payment, name: tool.name, isProxied: isMcpRequest(args), isLambda: false }
    return calls.run(call, () => callTool(tool, left, options))
  }
  sdk.request = (asked, ...rest) => {
    const call = RESULTS.includes(asked.method) ? calls.getStore() : undefined
    if (call === undefined) return request(asked, ...rest)
    noteName(asked, call, lambdaTargets)
    return payableRequest(call, () => request(withPayment(asked, call), ...rest))
  }
  return client
}

function lambdaTargetsIn(options: PayingMcpClientOptions): readonly string[] {
  onlyKnown('options', options, { lambdaTargets: true })
  const { lambdaTargets } = options
  return lambdaTargets === undefined ? [] : texts('lambdaTargets', lambdaTargets)
}

/** Clients that are payable already. */
const payable = new WeakSet<McpClient>()

/** A tool that is being called. Its name is the server's once the server was asked. */
interface ToolCall extends CalledTool {
  tool: Tool
  payment?: Record<string, unknown> | undefined
}

/** The official SDK's client, with the members that are used here. */
interface Requesting {
  request: (asked: Asked, ...rest: unknown[]) => Promise<unknown>
}

interface Asked {
  method: string
  params?: unknown
}

/** Methods whose results are read. A call that goes on as a task gets its result by another request. */
const RESULTS = ['tools/call', 'tasks/result']

/** Notes the server's name of the tool. Tools can have a prefix that only the agent knows. */
function noteName({ method, params }: Asked, call: ToolCall, lambdas: readonly string[]): void {
  const name = method === 'tools/call' && isRecord(params) ? params['name'] : undefined
  if (typeof name !== 'string') return
  call.name = name
  call.isLambda = lambdas.includes(name)
}

/**
 * Adds the payment to one request only. The server may ask back meanwhile, and that may lead to other
 * requests.
 */
function withPayment(asked: Asked, call: ToolCall): Asked {
  const { payment } = call
  const { method, params } = asked
  if (payment === undefined || method !== 'tools/call' || !isRecord(params)) return asked
  delete call.payment
  const { _meta } = params
  const meta = { ...(isRecord(_meta) && _meta), [PAYMENT_META_KEY]: payment }
  return { ...asked, params: { ...params, _meta: meta } }
}

async function payableRequest(call: ToolCall, send: () => Promise<unknown>): Promise<unknown> {
  const found = await send().then(
    (result): PayableResult => asPayable(result, call),
    (error: unknown) => errorAsPayable(error, call),
  )
  if (found.isInMeta !== undefined) rememberPlace(call.tool, found.isInMeta)
  return found.result
}

function requestingOf(client: McpClient): Requesting {
  const sdk = (client as Partial<McpClient> | undefined)?.client as Requesting | undefined
  if (typeof sdk?.request === 'function' && typeof client.callTool === 'function') return sdk
  throw new OptionsError('client', 'expected an McpClient of @strands-agents/sdk')
}
