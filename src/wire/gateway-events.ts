import type { McpRequest, McpResponse, McpResult } from './mcp.js'

/**
 * The longest header value that AgentCore Gateway takes and gives: 4 KB. Unit: characters, of one byte each.
 */
export const MAX_GATEWAY_HEADER_CHARS = 4_096

/**
 * The event with which AgentCore Gateway calls an interceptor. Payments are removed before a handler sees it.
 */
export interface GatewayEvent<TArguments = Record<string, unknown>> {
  interceptorInputVersion?: string
  mcp: {
    /** The client's body as text. If it held a payment, it is written anew without the payment. */
    rawGatewayRequest?: { body?: string }
    gatewayRequest: {
      path?: string
      httpMethod?: string
      /** Present only if the interceptor is configured with `passRequestHeaders: true`. */
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

/** The output that the Gateway expects of an interceptor. */
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

/** The response of handlers behind a Function URL or API Gateway. */
export interface HttpResponse {
  /** API Gateway's own types leave it optional. Without it, it is no HTTP response. */
  statusCode?: number | undefined
  headers?: Record<string, string | number | boolean> | undefined
  body?: string | undefined
  isBase64Encoded?: boolean | undefined
}

/**
 * What a handler may return. It is an MCP result, a JSON-RPC body, a complete interceptor output, an HTTP
 * response around either, or a string, which becomes text content.
 */
export type HandlerResult =
  | McpResult
  | HttpResponse
  | McpResponse
  | (Omit<InterceptorOutput, 'interceptorOutputVersion'> & { interceptorOutputVersion?: string })
  | string

/** The output that AgentCore Gateway expects of an interceptor before HTTP targets. Bodies are base64. */
export interface HttpInterceptorOutput {
  interceptorOutputVersion: '1.0'
  http: {
    transformedGatewayRequest?: { headers?: Record<string, string>; body?: string }
    transformedGatewayResponse?: {
      statusCode?: number
      headers?: Record<string, string>
      body?: string
      contentType?: string
    }
  }
}

/** The response of a Lambda to a Function URL, API Gateway (v1, v2) or a load balancer. */
export interface HttpEventOutput {
  statusCode: number
  headers?: Record<string, string>
  /** Replaces `headers` for load balancers that are set to it. */
  multiValueHeaders?: Record<string, string[]>
  body: string
  isBase64Encoded: boolean
}
