import type { Gateway } from '../protocol/gateway-state.js'
import { lowerCase, only, type Headers } from '../protocol/headers.js'
import { intercept } from './call-interceptor.js'
import { MCP_SHAPE, responseEvent, type SeenResponse } from './mcp-events.js'
import type { McpCall } from '../protocol/mcp-post.js'

/** An answer on its way out. */
export interface McpAnswer {
  kind: 'answer'
  status: number
  /** The gateway's and the target's. */
  headers: Headers
  /** Those interceptors set. */
  set?: Headers
  body: unknown
}

/** Which message of a stream this is; of a later one only the body can still be seen and changed. */
export type Streamed = 'first' | 'later'

/**
 * Asks the RESPONSE interceptor, after a short circuit too.
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

/** What goes on the wire: of an interceptor's headers perhaps not all. */
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
