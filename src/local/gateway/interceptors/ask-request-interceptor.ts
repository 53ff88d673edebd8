import type { Gateway } from '../protocol/gateway-state.js'
import { lowerCase } from '../protocol/headers.js'
import { intercept, InterceptorFailure, type Transformed } from './call-interceptor.js'
import { isNotification, isRequest, isResponse } from '../protocol/json-rpc.js'
import { MCP_SHAPE, requestEvent } from './mcp-events.js'
import type { McpCall, McpPost } from '../protocol/mcp-post.js'
import type { McpAnswer } from './ask-response-interceptor.js'

/**
 * Asks the REQUEST interceptor.
 *
 * @returns the call to make. If the interceptor answered, also that answer, which is sent without a call.
 * @throws InterceptorFailure
 */
export async function askRequestInterceptor(
  gateway: Gateway,
  post: McpPost,
): Promise<{ call: McpCall; instead?: McpAnswer }> {
  const { request: interceptor, assume } = gateway.settings
  const { body, headers } = post
  const untouched = { post, body, headers, clientHeaders: headers, interceptorHeaders: undefined }
  if (interceptor === undefined) return { call: untouched }
  try {
    const event = requestEvent(gateway, interceptor, post)
    const { request = {}, response } = await intercept(gateway, interceptor, event, MCP_SHAPE)
    const call = changed(gateway, post, request)
    return response === undefined ? { call } : { call, instead: shortCircuit(gateway, response) }
  } catch (error) {
    if (assume.interceptorFailure === 'closed') throw error
    return { call: untouched }
  }
}

function changed({ settings }: Gateway, post: McpPost, request: Transformed): McpCall {
  const { headers, body = post.body } = request
  const messages: unknown[] = Array.isArray(body) ? body : [body]
  if (!messages.every((one) => isRequest(one) || isNotification(one) || isResponse(one))) {
    throw new InterceptorFailure('transformedGatewayRequest.body is no JSON-RPC message')
  }
  const interceptorHeaders = headers && lowerCase(headers)
  const replaced = settings.assume.interceptorHeaders === 'replace' && headers !== undefined
  const clientHeaders = replaced ? {} : post.headers
  const all = { ...clientHeaders, ...interceptorHeaders }
  return { post, body, headers: all, clientHeaders, interceptorHeaders }
}

/** The answer of a REQUEST interceptor. If it gives a `transformedGatewayRequest` too, that is ignored. */
function shortCircuit({ settings }: Gateway, response: Transformed): McpAnswer {
  const { statusCode = 200, headers = {}, body } = response
  if (settings.assume.shortCircuitStatus === 'failure' && statusCode >= 300) {
    throw new InterceptorFailure(`REQUEST interceptor: HTTP ${statusCode} is not allowed`)
  }
  const answer = { kind: 'answer', status: statusCode, headers: {} } as const
  // Without a RESPONSE interceptor, the client gets the whole answer.
  const shown = settings.response === undefined ? 'whole' : settings.assume.shortCircuitShown
  if (shown === 'status') return { ...answer, body: null }
  return { ...answer, set: lowerCase(headers), body: shown === 'whole' ? body : null }
}
