/**
 * The MCP messages and AgentCore Gateway events this package reads and writes, as types.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools
 */

export type JsonRpcId = string | number | null

/** A JSON-RPC request body. For `tools/call`, `params.arguments` is always there (`{}` by default). */
export interface McpRequest<TArguments = Record<string, unknown>> {
  jsonrpc: '2.0'
  /** Absent on notifications. */
  id?: JsonRpcId
  method: string
  params: {
    name: string
    arguments: TArguments
    _meta?: Record<string, unknown>
    [key: string]: unknown
  }
}

/** One content block of a tool result. */
export interface McpContent {
  type: string
  text?: string
  [key: string]: unknown
}

/** A bare MCP tool result. */
export interface McpResult {
  content?: McpContent[]
  structuredContent?: Record<string, unknown>
  /** True marks a failed call, which is not charged unless `chargeOnError` is set. */
  isError?: boolean
  _meta?: {
    /** Overrides the quoted credits: a safe integer ≥ 0. 0 means the call is not charged. */
    creditsToCharge?: number
    /**
     * Overrides what is charged in money, with the scheme `upto`: atomic units, or dollars (`'$0.02'`) of
     * USDC, at most what was signed. 0 means the call is not charged.
     */
    amountToCharge?: bigint | string
    [key: string]: unknown
  }
  [key: string]: unknown
}

/** A JSON-RPC response body. Its `id` is always replaced by that of the request. */
export interface McpResponse {
  jsonrpc: '2.0'
  id?: JsonRpcId
  result?: McpResult
  error?: { code: number; message: string; data?: unknown }
}
