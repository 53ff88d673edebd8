import type { Gateway } from '../protocol/gateway-state.js'
import { lowerCase, only, type Headers } from '../protocol/headers.js'
import { intercept } from './call-interceptor.js'
import { MCP_SHAPE, responseEvent, type SeenResponse } from './mcp-events.js'
import type { McpCall } from '../protocol/mcp-post.js'

/** An answer that is not sent yet. */
export interface McpAnswer {
  kind: 'answer'
  status: number
  /** The headers of the gateway and of the target. */
  headers: Headers
  /** The headers that interceptors set. */
  set?: Headers
  body: unknown
}

/** The place of a message in a stream. Of a `later` message only the body can be seen and changed. */
export type Streamed = 'first' | 'later'

/**
 * Asks the RESPONSE interceptor, also if the REQUEST interceptor has answered.
 *
 * @returns the answer as the interceptor left it.
 * @throws InterceptorFailure
 */
export async function askResponseInterceptor(
  gateway: Gateway,
  call: McpCall,
  answer: McpAnswer,
  streamed?: Streamed,
): Promise<McpAnswer> {
  const { response: interceptor, assume } = gateway.settings
  if (interceptor === undefined) return answer
  try {
    const event = responseEvent(gateway, interceptor, call, seen(answer, streamed))
    const { response = {} } = await intercept(gateway, interceptor, event, MCP_SHAPE)
    const { statusCode = answer.status, headers, body = answer.body } = response
    const before = headers === undefined || assume.interceptorHeaders === 'merge' ? answer.set : {}
    return { ...answer, status: statusCode, set: { ...before, ...lowerCase(headers ?? {}) }, body }
  } catch (error) {
    if (assume.interceptorFailure === 'closed') throw error
    return answer
  }
}

/**
 * The headers that the client gets. The assumption `responseHeaders` may leave out some of an interceptor's.
 */
export function sentHeaders(
  { settings }: Gateway,
  { headers, set = {} }: McpAnswer,
): Record<string, string> {
  const { responseHeaders } = settings.assume
  return { ...headers, ...(responseHeaders === 'all' ? set : only(set, responseHeaders)) }
}

function seen({ status, headers, set, body }: McpAnswer, streamed?: Streamed): SeenResponse {
  return {
    ...(streamed !== 'later' && { statusCode: status, headers: { ...headers, ...set } }),
    ...(streamed !== undefined && { isStreamingResponse: true }),
    body: body ?? null,
  }
}
