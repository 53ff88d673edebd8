import { withoutSeals } from './payment-carriers.js'
import type { HttpInterceptorOutput, InterceptorOutput } from '../../wire/gateway-events.js'
import type { JsonRpcId } from '../../wire/mcp.js'
import { type OpenedEvent, type Reply, statusOf, withJsonType } from './event-shape.js'
import type { Delivered, Headers } from './call.js'
import { isRecord } from '../../wire/json.js'

/**
 * Reads an event of AgentCore Gateway to an interceptor of an MCP gateway: `{ mcp: { gatewayRequest, … } }`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */
export const GATEWAY = { shape: 'gateway', protocol: 'mcp', realStatus: false } as const

export function openGateway(
  event: Record<string, unknown>,
  mcp: Record<string, unknown>,
): OpenedEvent | undefined {
  const request = recordIn(mcp, 'gatewayRequest')
  // Live REQUEST events have this member as null. An empty object means a response.
  const response = recordIn(mcp, 'gatewayResponse')
  if (request === undefined && response === undefined) return undefined
  const headers = recordIn(request, 'headers')
  const raw = recordIn(mcp, 'rawGatewayRequest')
  const rawText = typeof raw?.['body'] === 'string' ? raw['body'] : undefined
  return {
    transport: GATEWAY,
    phase: response === undefined ? 'request' : 'response',
    headers,
    message: request?.['body'],
    rawText,
    delivered: response && deliveredBy(response),
    strip: (strip) => {
      // A raw body that is no text cannot be searched for a payment, so it is dropped.
      const rawGatewayRequest = raw && { body: strip.text(rawText) }
      const gatewayRequest = {
        ...request,
        ...(headers && { headers: strip.headers(headers) }),
        body: strip.message,
      }
      const stripped = { rawGatewayRequest, ...mcp, gatewayRequest }
      stripped.rawGatewayRequest = rawGatewayRequest
      return { ...event, mcp: stripped }
    },
  }
}

function deliveredBy(response: Record<string, unknown>): Delivered {
  const { statusCode, body } = response
  return {
    statusCode: typeof statusCode === 'number' ? statusCode : undefined,
    headers: recordIn(response, 'headers'),
    body,
    // Later events of a stream come without a status, and only their body may change.
    bodyOnly: response['isStreamingResponse'] === true && !('statusCode' in response),
  }
}

function recordIn(
  given: Record<string, unknown> | undefined,
  name: string,
): Record<string, unknown> | undefined {
  const value = given?.[name]
  return isRecord(value) ? value : undefined
}

export function gatewayAnswer(id: JsonRpcId, reply: Reply): InterceptorOutput {
  if (reply.outcome === undefined) return output({ statusCode: reply.statusCode })
  return output({
    statusCode: statusOf(GATEWAY, reply),
    headers: withJsonType(reply.headers),
    body: { jsonrpc: '2.0', id, ...reply.outcome },
  })
}

/** The output that sends the request on to its target. */
export function gatewayForward(
  headers: Record<string, string> | undefined,
  body: unknown,
): InterceptorOutput {
  const transformedGatewayRequest = { ...(headers && { headers }), body }
  return { interceptorOutputVersion: '1.0', mcp: { transformedGatewayRequest } }
}

/** The output that lets a response through as it is. Later events of a stream have only a body. */
export function gatewayPass(event: Record<string, unknown>): InterceptorOutput {
  const mcp = isRecord(event['mcp']) ? event['mcp'] : {}
  const response = isRecord(mcp['gatewayResponse']) ? mcp['gatewayResponse'] : {}
  const { statusCode, headers, body } = response as { statusCode?: number; headers?: Headers } & {
    body?: unknown
  }
  return output({
    ...(statusCode !== undefined && { statusCode }),
    ...(headers && { headers: withoutSeals(headers) as Record<string, string> }),
    ...(body !== undefined && { body }),
  })
}

export function gatewayHttpForward(
  headers: Record<string, string> | undefined,
  body: string | undefined,
): HttpInterceptorOutput {
  const transformedGatewayRequest = {
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
  }
  return { interceptorOutputVersion: '1.0', http: { transformedGatewayRequest } }
}

/**
 * The output that changes nothing. For HTTP targets it is documented that a member that is left out keeps its
 * original.
 */
export function gatewayHttpPass(): HttpInterceptorOutput {
  return { interceptorOutputVersion: '1.0', http: {} }
}

/** The id of the Gateway's request. By this id the two phases of an HTTP call belong together. */
export function gatewayRequestId(context: unknown): string | undefined {
  const clientContext = isRecord(context) ? context['clientContext'] : undefined
  if (!isRecord(clientContext)) return undefined
  const custom = clientContext['custom'] ?? clientContext['Custom']
  const id = clientContext['REQUEST_ID'] ?? (isRecord(custom) ? custom['REQUEST_ID'] : undefined)
  return typeof id === 'string' && id !== '' ? id : undefined
}

/** Only the body may be given for the later events of a stream. */
export function gatewayBodyOnly({ mcp }: InterceptorOutput): InterceptorOutput {
  return output({ body: mcp.transformedGatewayResponse?.body })
}

function output(
  transformedGatewayResponse: NonNullable<InterceptorOutput['mcp']['transformedGatewayResponse']>,
): InterceptorOutput {
  return { interceptorOutputVersion: '1.0', mcp: { transformedGatewayResponse } }
}
