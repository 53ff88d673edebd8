/**
 * What AWS does not document, or what sources tell differently. Nothing here is settled. Test your function
 * under both values of each assumption that it depends on.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */
export interface Assumptions {
  // Interceptors: what they are told

  /**
   * Which request a RESPONSE interceptor finds in `gatewayRequest`: the client's, or what the REQUEST interceptor made
   * of it. AWS calls it the "original request". `rawGatewayRequest.body` is the client's text in both.
   *
   * @default 'original'
   */
  responseSees: 'original' | 'transformed'
  /**
   * Whether empty fields are null, or left out. Dumps of live gateways show `gatewayResponse` and
   * `gatewayRequest.context` as null in REQUEST events. The documentation shows neither.
   *
   * @default 'live'
   */
  nullFields: 'live' | 'documented'
  /**
   * How header names are written for functions. The documentation shows `Title-Case`, and clients over HTTP/2 deliver
   * `lower-case`. Look names up in any case.
   *
   * @default 'lower'
   */
  headerCase: 'lower' | 'title'
  /**
   * Whether interceptors see the client's `Mcp-Session-Id`. The example in the documentation has it. A live
   * run did not have it.
   *
   * @default true
   */
  sessionHeader: boolean
  /**
   * Whether interceptors of an MCP gateway get a `context.clientContext`. It is documented for HTTP targets only.
   *
   * @default 'none'
   */
  mcpClientContext: 'none' | 'as-http'
  /**
   * Whether RESPONSE events of HTTP targets have `http.gatewayRequest`. It is documented as null.
   *
   * @default 'null'
   */
  httpGatewayRequest: 'null' | 'present'
  /**
   * Whether RESPONSE events of HTTP targets have `http.gatewayResponse.headers`. They are null in the documented
   * example.
   *
   * @default 'null'
   */
  httpResponseHeaders: 'null' | 'present'

  // Interceptors: when they fail

  /**
   * What happens after an interceptor failed, timed out or answered in no known form.
   * - `'closed'`: HTTP 500, as one live gateway did for a function that could not start.
   * - `'open'`: as if there were no interceptor.
   *
   * @default 'closed'
   */
  interceptorFailure: 'closed' | 'open'
  /**
   * How often an interceptor that failed or timed out is called again. AWS "may retry requests to interceptor Lambda
   * functions in case of failures or timeouts". Unit: calls, 0 or more.
   *
   * @default 0
   */
  interceptorRetries: number

  // Interceptors: what becomes of their answers

  /**
   * Whether the headers that interceptors return for a request are laid over the client's, or replace them.
   *
   * @default 'merge'
   */
  interceptorHeaders: 'merge' | 'replace'
  /**
   * Which of the response headers that interceptors set reach the client, by their names.
   *
   * @default 'all'
   */
  responseHeaders: 'all' | readonly string[]
  /**
   * What a status other than 2xx means in `transformedGatewayResponse` of a REQUEST interceptor of an MCP gateway.
   * - `'passed'`: it is sent to the client.
   * - `'failure'`: it is a failure of the interceptor.
   *
   * @default 'passed'
   */
  shortCircuitStatus: 'passed' | 'failure'

  /**
   * What a RESPONSE interceptor of an MCP gateway is shown after a REQUEST interceptor answered. What is not shown is
   * lost, unless the RESPONSE interceptor answers again.
   * - `'whole'`: that answer.
   * - `'no body'`: that answer, with `null` as its body.
   * - `'status'`: the status alone.
   *
   * @default 'whole'
   */
  shortCircuitShown: 'whole' | 'no body' | 'status'

  // Targets

  /**
   * What becomes of the answer of a Lambda target.
   * - `'stringified'`: it is JSON text in one text block, as seen on the wire.
   * - `'unwrapped'`: if it has the form of an MCP tool result (`content` is a list), it is taken as that.
   *
   * @default 'stringified'
   */
  lambdaResult: 'stringified' | 'unwrapped'
  /**
   * Which headers of a target's allow-list reach a Lambda target. Sources contradict each other.
   * - `'allow-listed'`: the client's, and those that an interceptor returned.
   * - `'echoed'`: only those that an interceptor returned.
   *
   * @default 'allow-listed'
   */
  lambdaHeaders: 'allow-listed' | 'echoed'
  /**
   * What becomes of U+2028 and U+2029 in what an MCP server streams.
   * - `'kept'`: they pass.
   * - `'fatal'`: the call fails, as on a live gateway in March 2026.
   *
   * @default 'kept'
   */
  lineSeparators: 'kept' | 'fatal'

  // Client

  /**
   * What becomes of a JSON-RPC batch, which only version 2025-03-26 has.
   * - `'refused'`: it is refused with −32600.
   * - `'served'`: it is answered as a batch, after the interceptors saw it as an array.
   *
   * @default 'refused'
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
