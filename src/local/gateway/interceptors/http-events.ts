import { interceptorClientContext } from '../protocol/client-context.js'
import type { Gateway } from '../protocol/gateway-state.js'
import { inCase, without } from '../protocol/headers.js'
import type { Shape } from './call-interceptor.js'
import type { Invocation } from '../protocol/invocations.js'
import type { Interceptor, Settings } from '../protocol/settings.js'
import type { HttpAnswer, HttpCall } from '../protocol/http-call.js'

/**
 * The events of interceptors of HTTP targets. Everything is under `http`, and bodies are base64.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */

type Event = Pick<Invocation, 'kind' | 'event' | 'clientContext'>

export const HTTP_SHAPE: Shape = {
  key: 'http',
  isBody: (body) =>
    typeof body === 'string' && body.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(body),
}

export function httpRequestEvent(
  gateway: Gateway,
  interceptor: Interceptor,
  call: HttpCall,
): Event {
  const gatewayRequest = seenRequest(gateway.settings, interceptor, call)
  return { kind: 'REQUEST', ...envelope(gateway, call, { gatewayRequest }) }
}

export function httpResponseEvent(
  gateway: Gateway,
  interceptor: Interceptor,
  call: HttpCall,
  { status, headers, body, contentType }: HttpAnswer,
): Event {
  const { httpGatewayRequest, httpResponseHeaders, headerCase } = gateway.settings.assume
  const request =
    httpGatewayRequest === 'null' ? null : seenRequest(gateway.settings, interceptor, call)
  const single = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
  const gatewayResponse = {
    statusCode: status,
    headers: httpResponseHeaders === 'null' ? null : inCase(Object.fromEntries(single), headerCase),
    body: interceptor.passResponseBody ? body.toString('base64') : null,
    contentType: contentType ?? null,
  }
  return {
    kind: 'RESPONSE',
    ...envelope(gateway, call, { gatewayRequest: request, gatewayResponse }),
  }
}

function envelope(
  gateway: Gateway,
  { requestId, sourceIp }: HttpCall,
  members: Record<string, unknown>,
): Pick<Event, 'event' | 'clientContext'> {
  return {
    event: { interceptorInputVersion: '1.0', http: members },
    clientContext: interceptorClientContext(gateway, requestId, sourceIp),
  }
}

function seenRequest(
  { assume }: Settings,
  { passRequestHeaders }: Interceptor,
  { path, method, headers, body }: HttpCall,
): Record<string, unknown> {
  const visible = assume.sessionHeader ? headers : without(headers, 'mcp-session-id')
  return {
    path,
    httpMethod: method,
    ...(passRequestHeaders && { headers: inCase(visible, assume.headerCase) }),
    body: body.toString('base64'),
  }
}
