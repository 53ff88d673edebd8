import type { JsonRpcId } from '../../wire/mcp.js'
import type { Delivered, Transport } from './call.js'
import { type OpenedEvent, type Reply, statusOf } from './event-shape.js'
import { headOf } from './http/head.js'
import { contentOf } from './http/content.js'
import { isMcpClient } from './http/mcp-client.js'
import { isRecord, parseJson } from '../../wire/json.js'
import type { HttpInterceptorOutput } from '../../wire/gateway-events.js'

/**
 * AgentCore Gateway calling an interceptor before an HTTP target: `{ http: { gatewayRequest, … } }`. In the
 * response phase the request is null.
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
    // What is no message cannot be searched for a payment, so it goes.
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

/**
 * The path without its query, decoded once. API Gateway decodes it before us, Function URLs and load balancers do not:
 * all mean the same path. One that another part of the way could read as another path is refused: it could name a
 * cheaper row of the price table than what it reaches.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2
 */
export function plainPath(path: string): string | undefined {
  const [given = ''] = path.split(/[?#]/, 1)
  const plain = decodedOnce(given)
  if (plain === undefined || !plain.startsWith('/')) return undefined
  // A part of the way that decodes again must not find anything else in it.
  let deeper: string | undefined = plain
  for (let times = 0; deeper !== undefined && deeper.includes('%'); times++) {
    if (times === MAX_DECODINGS || !/%[0-9a-f]{2}/i.test(deeper)) break
    deeper = decodedOnce(deeper)
  }
  if (deeper === undefined || /%[0-9a-f]{2}/i.test(deeper)) return undefined
  return plain.length > 1 && plain.endsWith('/') ? plain.slice(0, -1) : plain
}

/** A path that is encoded more often than this is a trick. */
const MAX_DECODINGS = 3

/** @returns `undefined` if the path can be read in two ways, before or after. */
function decodedOnce(path: string): string | undefined {
  if (ODD.test(path) || HIDDEN.test(path)) return undefined
  try {
    // A percent sign that begins no escape stands for itself, in a path that was decoded before us.
    const decoded = path.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent)
    encodeURIComponent(decoded)
    return ODD.test(decoded) || /[?#]/.test(decoded) ? undefined : decoded
  } catch {
    return undefined // no UTF-8: lenient decoders read a character of the path out of it
  }
}

/** URL parsers drop control characters. */
const ODD = /\p{Cc}|\/\/|\\|;|\/\.{1,2}(\/|$)|%u/iu

/** Escapes of a slash change the parts of a path. Those of what needs none, a letter or a digit, only hide it. */
const HIDDEN = /%(?:2f|3[0-9]|[46][1-9a-f]|[57][0-9a])/i

export function gatewayHttpAnswer(
  id: JsonRpcId,
  transport: Transport,
  reply: Reply,
): HttpInterceptorOutput {
  const statusCode = statusOf(transport, reply)
  const { headers, body, base64, contentType } = contentOf(id, transport, reply)
  const head = headOf(transport, { ...reply, headers })
  const named = String((head as { contentType?: unknown }).contentType)
  // Who wrote the body says its type, where the handler says another one.
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

/** The text for those who read it as it is, and its bytes for those who undo its compression. */
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
