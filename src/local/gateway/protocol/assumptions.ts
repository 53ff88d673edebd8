/**
 * What AWS does not document, or what sources tell differently. Nothing here is settled: run your
 * function under both positions of whatever it depends on.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */
export interface Assumptions {
  // Interceptors: what they are told

  /**
   * Which request a RESPONSE interceptor finds in `gatewayRequest`: the client's, or the one the REQUEST
   * interceptor made of it. AWS calls it the "original request". `rawGatewayRequest.body` is the client's
   * text in both. @default 'original'
   */
  responseSees: 'original' | 'transformed'
  /**
   * Fields that are null: dumps of live gateways show `gatewayResponse` and `gatewayRequest.context` as
   * null in REQUEST events, the documentation shows neither. @default 'live'
   */
  nullFields: 'live' | 'documented'
  /**
   * Header names towards functions. The documentation shows `Title-Case`, clients over HTTP/2 deliver
   * `lower-case`; look names up in any case. @default 'lower'
   */
  headerCase: 'lower' | 'title'
  /**
   * Whether interceptors see the client's `Mcp-Session-Id`. The documentation's example has it, a live
   * run had not. @default true
   */
  sessionHeader: boolean
  /**
   * `context.clientContext` of interceptors in an MCP gateway. Documented for HTTP targets only.
   * @default 'none'
   */
  mcpClientContext: 'none' | 'as-http'
  /** `http.gatewayRequest` of a RESPONSE event. Documented as null. @default 'null' */
  httpGatewayRequest: 'null' | 'present'
  /** `http.gatewayResponse.headers` of a RESPONSE event. Null in the documented example. @default 'null' */
  httpResponseHeaders: 'null' | 'present'

  // Interceptors: when they fail

  /**
   * After an interceptor failed, timed out or answered in no known form. `'closed'`: HTTP 500, as one
   * live gateway did for a function that could not start. `'open'`: as if there were none.
   * @default 'closed'
   */
  interceptorFailure: 'closed' | 'open'
  /**
   * How often a failed or timed-out interceptor is invoked again. AWS: "may retry requests to
   * interceptor Lambda functions in case of failures or timeouts". @default 0
   */
  interceptorRetries: number

  // Interceptors: what becomes of their answers

  /** The headers they return for a request are laid over the client's, or replace them. @default 'merge' */
  interceptorHeaders: 'merge' | 'replace'
  /** Names of the response headers they set that reach the client. @default 'all' */
  responseHeaders: 'all' | readonly string[]
  /**
   * A status other than 2xx in a REQUEST interceptor's `transformedGatewayResponse` of an MCP gateway:
   * sent to the client, or a failure of the interceptor. @default 'passed'
   */
  shortCircuitStatus: 'passed' | 'failure'

  /**
   * What a RESPONSE interceptor of an MCP gateway is shown after a REQUEST interceptor answered: that answer, the same
   * without its body (`body` is null), or its status alone. What is not shown is lost, unless the RESPONSE interceptor
   * answers again. @default 'whole'
   */
  shortCircuitShown: 'whole' | 'no body' | 'status'

  // Targets

  /**
   * A Lambda target's answer: as JSON text in one text block, as seen on the wire; or, where it has the
   * form of an MCP tool result (`content` is a list), taken as that. @default 'stringified'
   */
  lambdaResult: 'stringified' | 'unwrapped'
  /**
   * Which headers of a target's allow-list reach a Lambda target: the client's as well, or only those an
   * interceptor returned. Sources contradict each other. @default 'allow-listed'
   */
  lambdaHeaders: 'allow-listed' | 'echoed'
  /**
   * U+2028 and U+2029 in what an MCP server streams: kept, or fatal to the call, as on a live gateway
   * in March 2026. @default 'kept'
   */
  lineSeparators: 'kept' | 'fatal'

  // Client

  /**
   * A JSON-RPC batch, which only version 2025-03-26 has: refused with −32600, or answered as a batch
   * after the interceptors saw it as an array. @default 'refused'
   */
  batch: 'refused' | 'served'
}

export const DEFAULT_ASSUMPTIONS: Assumptions = Object.freeze({
  responseSees: 'original',
  nullFields: 'live',
  headerCase: 'lower',
  sessionHeader: true,
  mcpClientContext: 'none',
  httpGatewayRequest: 'null',
  httpResponseHeaders: 'null',
  interceptorFailure: 'closed',
  interceptorRetries: 0,
  interceptorHeaders: 'merge',
  responseHeaders: 'all',
  shortCircuitStatus: 'passed',
  shortCircuitShown: 'whole',
  lambdaResult: 'stringified',
  lambdaHeaders: 'allow-listed',
  lineSeparators: 'kept',
  batch: 'refused',
})
