import { isRecord } from '../../../wire/json.js'
import { interceptorClientContext } from '../protocol/client-context.js'
import type { Gateway } from '../protocol/gateway-state.js'
import { inCase, without, type Headers } from '../protocol/headers.js'
import type { Shape } from './call-interceptor.js'
import type { Invocation } from '../protocol/invocations.js'
import type { McpCall, McpPost } from '../protocol/mcp-post.js'
import type { Interceptor, Settings } from '../protocol/settings.js'

/**
 * The events of interceptors of an MCP gateway.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */

/** Bodies are JSON objects, or lists of them if batches are served. */
export const MCP_SHAPE: Shape = {
  key: 'mcp',
  isBody: (body) => isRecord(body) || Array.isArray(body),
}

type Event = Pick<Invocation, 'kind' | 'event' | 'clientContext'>

/** The answer as a RESPONSE interceptor sees it. Later messages of a stream have a body only. */
export interface SeenResponse {
  statusCode?: number
  headers?: Headers
  isStreamingResponse?: true
  body: unknown
}

export function requestEvent(gateway: Gateway, interceptor: Interceptor, post: McpPost): Event {
  const { settings } = gateway
  const gatewayRequest = seenRequest(settings, interceptor, post.headers, post.body)
  return {
    kind: 'REQUEST',
    event: envelope(post, {
      gatewayRequest,
      ...(settings.assume.nullFields === 'live' && { gatewayResponse: null }),
    }),
    ...clientContext(gateway, post),
  }
}

export function responseEvent(
  gateway: Gateway,
  interceptor: Interceptor,
  call: McpCall,
  { statusCode, headers, isStreamingResponse, body }: SeenResponse,
): Event {
  const { settings } = gateway
  const { post } = call
  const { responseSees, headerCase } = settings.assume
  const seen = responseSees === 'original' ? post : call
  const gatewayRequest = seenRequest(settings, interceptor, seen.headers, seen.body)
  const gatewayResponse = {
    ...(statusCode !== undefined && { statusCode }),
    ...(headers && { headers: inCase(headers, headerCase) }),
    ...(isStreamingResponse && { isStreamingResponse }),
    body,
  }
  return {
    kind: 'RESPONSE',
    event: envelope(post, { gatewayRequest, gatewayResponse }),
    ...clientContext(gateway, post),
  }
}

function envelope({ raw }: McpPost, mcp: Record<string, unknown>): Record<string, unknown> {
  return { interceptorInputVersion: '1.0', mcp: { rawGatewayRequest: { body: raw }, ...mcp } }
}

function seenRequest(
  { assume }: Settings,
  { passRequestHeaders }: Interceptor,
  headers: Headers,
  body: unknown,
): Record<string, unknown> {
  const visible = assume.sessionHeader ? headers : without(headers, 'mcp-session-id')
  return {
    path: '/mcp',
    httpMethod: 'POST',
    ...(passRequestHeaders && { headers: inCase(visible, assume.headerCase) }),
    body,
    ...(assume.nullFields === 'live' && { context: null }),
  }
}

function clientContext(
  gateway: Gateway,
  { requestId, sourceIp }: McpPost,
): { clientContext?: unknown } {
  if (gateway.settings.assume.mcpClientContext === 'none') return {}
  return { clientContext: interceptorClientContext(gateway, requestId, sourceIp) }
}
