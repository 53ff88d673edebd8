/**
 * The MCP messages and AgentCore Gateway events this package reads and writes, as types.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools
 */

export type JsonRpcId = string | number | null

/** A JSON-RPC request body. For `tools/call`, `params.arguments` is always there (`{}` by default). */
export interface McpRequest<TArguments = Record<string, unknown>> {
  /** The version of JSON-RPC. */
  jsonrpc: '2.0'
  /** Absent on notifications. */
  id?: JsonRpcId
  /** The method of MCP, e.g. `tools/call`. */
  method: string
  /** The parameters of the method. For `tools/call` they name the tool and hold its arguments. */
  params: {
    name: string
    arguments: TArguments
    _meta?: Record<string, unknown>
    [key: string]: unknown
  }
}

/** One content block of a tool result. */
export interface McpContent {
  /** What the block holds: `text`, `image`, `audio`, `resource_link` or `resource`. */
  type: string
  /** The text of a block whose type is `text`. */
  text?: string
  /** Members of other types, e.g. `data` and `mimeType` of an image. */
  [key: string]: unknown
}

/** A bare MCP tool result. */
export interface McpResult {
  /** The result for people and models, in blocks. */
  content?: McpContent[]
  /** The result for programs. It fits the tool's `outputSchema`, if the tool has one. */
  structuredContent?: Record<string, unknown>
  /** True marks a failed call, which is not charged unless `chargeOnError` is set. */
  isError?: boolean
  /** Facts beside the result. The receipt is added here, under `x402/payment-response`. */
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
  /** Members of results of other methods of MCP. */
  [key: string]: unknown
}

/** A JSON-RPC response body. Its `id` is always replaced by that of the request. */
export interface McpResponse {
  /** The version of JSON-RPC. */
  jsonrpc: '2.0'
  /** The id of the request. */
  id?: JsonRpcId
  /** The result of the method. A response has this or `error`. */
  result?: McpResult
  /** Why the method failed. A response has this or `result`. */
  error?: { code: number; message: string; data?: unknown }
}
