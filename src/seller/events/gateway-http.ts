import type { JsonRpcId } from '../../wire/mcp.js'
import type { Delivered, CallTransport } from './call.js'
import { type OpenedEvent, type Reply, statusOf } from './event-shape.js'
import { headOf } from './http/head.js'
import { contentOf } from './http/content.js'
import { isMcpClient } from './http/mcp-client.js'
import { isRecord, parseJson } from '../../wire/json.js'
import type { HttpInterceptorOutput } from '../../wire/gateway-events.js'

/**
 * Reads an event of AgentCore Gateway to an interceptor before an HTTP target:
 * `{ http: { gatewayRequest, … } }`. In the response phase the request is null.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */
export function openGatewayHttp(
  event: Record<string, unknown>,
  http: Record<string, unknown>,
  protocol: 'mcp' | 'http',
): OpenedEvent {
  const request = isRecord(http['gatewayRequest']) ? http['gatewayRequest'] : undefined
  const response = isRecord(http['gatewayResponse']) ? http['gatewayResponse'] : undefined
  const headers = isRecord(request?.['headers']) ? request['headers'] : undefined
  const text = decoded(request?.['body'])
  const message = protocol === 'mcp' && text !== undefined ? parseJson(text) : undefined
  return {
    transport: {
      shape: 'gateway-http',
      protocol,
      realStatus: protocol === 'http' || !isMcpClient(headers),
    },
    phase: response === undefined ? 'request' : 'response',
    headers,
    message,
    rawText: protocol === 'mcp' ? text : undefined,
    line: request && {
      method: textOf(request['httpMethod']).toUpperCase(),
      path: textOf(request['path']),
    },
    delivered: response && deliveredBy(response),
    // A body that is no message cannot be searched for a payment, so it is dropped.
    strip: (strip) => ({
      ...event,
      http: {
        ...http,
        ...(request && {
          gatewayRequest: {
            ...request,
            ...(headers && { headers: strip.headers(headers) }),
            ...(text !== undefined &&
              protocol === 'mcp' && {
                body: encoded(strip.text(strip.message === undefined ? undefined : text)),
              }),
          },
        }),
      },
    }),
  }
}

export function gatewayHttpAnswer(
  id: JsonRpcId,
  transport: CallTransport,
  reply: Reply,
): HttpInterceptorOutput {
  const statusCode = statusOf(transport, reply)
  const { headers, body, base64, contentType } = contentOf(id, transport, reply)
  const head = headOf(transport, { ...reply, headers })
  const named = String((head as { contentType?: unknown }).contentType)
  // If we wrote the body, we set its type: the handler's type does not fit then.
  const type = contentType !== undefined && !named.startsWith(contentType) && { contentType }
  const response = { statusCode, headers: {}, ...head, ...type }
  if (reply.outcome === undefined) return answered(response)
  return answered({ ...response, body: base64 ? body : encoded(body) })
}

function answered(
  transformedGatewayResponse: NonNullable<
    HttpInterceptorOutput['http']['transformedGatewayResponse']
  >,
): HttpInterceptorOutput {
  return { interceptorOutputVersion: '1.0', http: { transformedGatewayResponse } }
}

function deliveredBy(response: Record<string, unknown>): Delivered {
  const { statusCode } = response
  return {
    statusCode: typeof statusCode === 'number' ? statusCode : undefined,
    headers: isRecord(response['headers']) ? response['headers'] : undefined,
    ...bodyOf(response['body']),
    bodyOnly: false,
  }
}

/** The body as text, and its bytes for readers that undo its compression. */
function bodyOf(body: unknown): Pick<Delivered, 'body' | 'base64'> {
  return typeof body === 'string' ? { body: decoded(body), base64: body } : { body: undefined }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function decoded(body: unknown): string | undefined {
  return typeof body === 'string' ? Buffer.from(body, 'base64').toString() : undefined
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64')
}
