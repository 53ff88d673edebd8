import type { GatewayEvent } from '../wire/gateway-events.js'
import type { McpRequest, McpResponse } from '../wire/mcp.js'
import {
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  PAYMENT_SIGNATURE_HEADER,
} from '../wire/x402.js'
import { createInterceptor, type Interceptor } from './interceptor.js'
import type { InterceptorOptions } from './options/interceptor-options.js'
import type { CreditsPrice, ToolOptions } from './options/tool-options.js'
import type { VerifiedPayment } from './rails/payment.js'
import type { AgentCore } from './payments-agentcore.js'

/** Names by which readers of payments-py look for the same things. */

/** The interceptor of {@link createInterceptor}, under the name of payments-py's class. */
export class AgentCoreInterceptor implements Interceptor {
  /** Answers the events of both phases, for MCP and HTTP targets. It never rejects. */
  readonly handle: Interceptor['handle']

  /** @throws OptionsError naming the option that is wrong. */
  constructor(options: InterceptorOptions) {
    this.handle = createInterceptor(options).handle
  }
}

/** The members of `Payments.agentcore`. */
export type AgentCoreAPI = AgentCore
/** One row of `tools`. */
export type InterceptorConfig = ToolOptions
/** A price that is computed from the event. */
export type CreditsCallable = Extract<CreditsPrice, (...args: never) => unknown>
/** What a handler is told of its payment. */
export type PaymentContext = VerifiedPayment
/** The body of a JSON-RPC request. */
export type MCPRequestBody = McpRequest
/** The body of a JSON-RPC response. */
export type MCPResponseBody = McpResponse
/** The request inside an event of the Gateway. */
export type GatewayRequest = GatewayEvent['mcp']['gatewayRequest']

/** The HTTP headers of x402 version 2. */
export const X402_HEADERS = Object.freeze({
  PAYMENT_SIGNATURE: PAYMENT_SIGNATURE_HEADER,
  PAYMENT_REQUIRED: PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE: PAYMENT_RESPONSE_HEADER,
})

/** Methods of MCP, for `billableMethods`. */
export const MCP_METHODS = Object.freeze({
  TOOLS_CALL: 'tools/call',
  TOOLS_LIST: 'tools/list',
  RESOURCES_LIST: 'resources/list',
  RESOURCES_READ: 'resources/read',
  PROMPTS_LIST: 'prompts/list',
  PROMPTS_GET: 'prompts/get',
})
