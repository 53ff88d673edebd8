import { withoutSeals } from './payment-carriers.js'
import type { InterceptorOutput } from '../../wire/gateway-events.js'
import type { JsonRpcId } from '../../wire/mcp.js'
import { type OpenedEvent, type Reply, statusOf, withJsonType } from './event-shape.js'
import type { Headers } from './call.js'
import { isRecord } from '../../wire/json.js'

/**
 * AgentCore Gateway calling an interceptor of an MCP gateway: `{ mcp: { gatewayRequest, … } }`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */
export const GATEWAY = { shape: 'gateway', protocol: 'mcp', realStatus: false } as const

export function openGateway(
  event: Record<string, unknown>,
  mcp: Record<string, unknown>,
): OpenedEvent | undefined {
  const request = isRecord(mcp['gatewayRequest']) ? mcp['gatewayRequest'] : undefined
  // Present and null on REQUEST in live dumps; an empty object is a response all the same.
  const response = isRecord(mcp['gatewayResponse']) ? mcp['gatewayResponse'] : undefined
  if (request === undefined && response === undefined) return undefined
  const headers = isRecord(request?.['headers']) ? request['headers'] : undefined
  const raw = isRecord(mcp['rawGatewayRequest']) ? mcp['rawGatewayRequest'] : undefined
  return {
    transport: GATEWAY,
    phase: response === undefined ? 'request' : 'response',
    headers,
    message: request?.['body'],
    rawText: typeof raw?.['body'] === 'string' ? raw['body'] : undefined,
    delivered: response && {
      statusCode: typeof response['statusCode'] === 'number' ? response['statusCode'] : undefined,
      headers: isRecord(response['headers']) ? response['headers'] : undefined,
      body: response['body'],
      // Of a stream's later events only the body may change; those come without status.
      bodyOnly: response['isStreamingResponse'] === true && !('statusCode' in response),
    },
    strip: (strip) => {
      const body = strip.message
      const text = typeof raw?.['body'] === 'string' ? raw['body'] : undefined
      // Of an unknown form it cannot be searched for a payment, so it goes.
      const rawGatewayRequest = raw && { body: strip.text(text) }
      const gatewayRequest = {
        ...request,
        ...(headers && { headers: strip.headers(headers) }),
        body,
      }
      return { ...event, mcp: { ...mcp, rawGatewayRequest, gatewayRequest } }
    },
  }
}

export function gatewayAnswer(id: JsonRpcId, reply: Reply): InterceptorOutput {
  if (reply.outcome === undefined) return output({ statusCode: reply.statusCode })
  return output({
    statusCode: statusOf(GATEWAY, reply),
    headers: withJsonType(reply.headers),
    body: { jsonrpc: '2.0', id, ...reply.outcome },
  })
}

/** Sends the request on to its target. */
export function gatewayForward(
  headers: Record<string, string> | undefined,
  body: unknown,
): InterceptorOutput {
  const transformedGatewayRequest = { ...(headers && { headers }), body }
  return { interceptorOutputVersion: '1.0', mcp: { transformedGatewayRequest } }
}

/** Lets a response through as it is. Later events of a stream have a body only. */
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

/** Of a stream's later events only the body may be given. */
export function gatewayBodyOnly({ mcp }: InterceptorOutput): InterceptorOutput {
  return output({ body: mcp.transformedGatewayResponse?.body })
}

function output(
  transformedGatewayResponse: NonNullable<InterceptorOutput['mcp']['transformedGatewayResponse']>,
): InterceptorOutput {
  return { interceptorOutputVersion: '1.0', mcp: { transformedGatewayResponse } }
}
