import type { McpRequest, McpResponse, McpResult } from './mcp.js'

/**
 * The longest header value that AgentCore Gateway takes and gives: 4 KB. Unit: characters, of one byte each.
 */
export const MAX_GATEWAY_HEADER_CHARS = 4_096

/**
 * The event with which AgentCore Gateway calls an interceptor. Payments are removed before a handler sees it.
 */
export interface GatewayEvent<TArguments = Record<string, unknown>> {
  /** The version of the event. AWS has one: `'1.0'`. */
  interceptorInputVersion?: string
  /** The client's request and, in the RESPONSE phase, the target's answer. */
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

/**
 * What a target answered, as the RESPONSE phase is shown it.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */
export interface GatewayResponse {
  /** The HTTP status of the answer. Later events of a stream have none. */
  statusCode?: number
  /** The headers of the answer. Later events of a stream have none. */
  headers?: Record<string, string> | null
  /** The body of the answer. For MCP targets it is a JSON-RPC response as an object. */
  body?: unknown
  /** True if the answer is one event of a stream. */
  isStreamingResponse?: boolean
}

/** The output that the Gateway expects of an interceptor. */
export interface InterceptorOutput {
  /** The version of the output. AWS has one. */
  interceptorOutputVersion: '1.0'
  /**
   * The request or the answer that takes the place of the old one. Members that are absent change nothing.
   */
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
  /** The headers, one value for each name. */
  headers?: Record<string, string | number | boolean> | undefined
  /** The body: text, or base64 if `isBase64Encoded` says so. */
  body?: string | undefined
  /**
   * Whether `body` is base64 of the bytes.
   *
   * @default false
   */
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
  /** The version of the output. AWS has one. */
  interceptorOutputVersion: '1.0'
  /**
   * The request or the answer that takes the place of the old one. Members that are absent change nothing.
   */
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
  /** The HTTP status. */
  statusCode: number
  /** The headers, one value for each name. */
  headers?: Record<string, string>
  /** Replaces `headers` for load balancers that are set to it. */
  multiValueHeaders?: Record<string, string[]>
  /** The body: text, or base64 if `isBase64Encoded` says so. */
  body: string
  /** Whether `body` is base64 of the bytes. */
  isBase64Encoded: boolean
}
