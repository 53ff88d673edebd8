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

/** What AgentCore Gateway calls an interceptor with. Payments are stripped before a handler sees it. */
export interface GatewayEvent<TArguments = Record<string, unknown>> {
  interceptorInputVersion?: string
  mcp: {
    /** The client's body as text; re-written without the payment where it held one. */
    rawGatewayRequest?: { body?: string }
    gatewayRequest: {
      path?: string
      httpMethod?: string
      /** Present only where the interceptor is configured with `passRequestHeaders: true`. */
      headers?: Record<string, string> | null
      body: McpRequest<TArguments>
    }
    /** Non-null in the RESPONSE phase only; may be present and null before. */
    gatewayResponse?: GatewayResponse | null
  }
}

export interface GatewayResponse {
  statusCode?: number
  headers?: Record<string, string> | null
  body?: unknown
  isStreamingResponse?: boolean
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

/** What the Gateway expects back from an interceptor. */
export interface InterceptorOutput {
  interceptorOutputVersion: '1.0'
  mcp: {
    transformedGatewayRequest?: { headers?: Record<string, string>; body?: unknown }
    transformedGatewayResponse?: {
      statusCode?: number
      headers?: Record<string, string>
      body?: unknown
    }
  }
}

/** What handlers behind a Function URL or API Gateway return. */
export interface HttpResponse {
  /** API Gateway's own types leave it optional; without one it is no HTTP response. */
  statusCode?: number | undefined
  headers?: Record<string, string | number | boolean> | undefined
  body?: string | undefined
  isBase64Encoded?: boolean | undefined
}

/**
 * What a handler may answer with: an MCP result, a JSON-RPC body, a complete interceptor output, an HTTP
 * response around either, or a string, which becomes text content.
 */
export type HandlerResult =
  | McpResult
  | HttpResponse
  | McpResponse
  | (Omit<InterceptorOutput, 'interceptorOutputVersion'> & { interceptorOutputVersion?: string })
  | string
