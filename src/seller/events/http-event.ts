import type { JsonRpcId } from '../../wire/mcp.js'
import type { Headers, CallTransport } from './call.js'
import { type OpenedEvent, type Reply, type Strip, statusOf } from './event-shape.js'
import { headOf } from './http/head.js'
import { contentOf } from './http/content.js'
import { isMcpClient } from './http/mcp-client.js'
import { isRecord, parseJson } from '../../wire/json.js'
import type { HttpEventOutput } from '../../wire/gateway-events.js'

/**
 * Reads an event without a Gateway: from a Function URL, API Gateway (HTTP API with payload version 2.0, or
 * REST API), or a load balancer. Its body is JSON-RPC. With `httpEvents: 'http'` the request is sold by its
 * method and path.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function openHttpEvent(
  event: Record<string, unknown>,
  protocol: 'mcp' | 'http',
): OpenedEvent | undefined {
  const requestContext = event['requestContext']
  const method = isRecord(requestContext) ? methodOf(event, requestContext) : undefined
  if (method === undefined) return undefined
  const headers = allHeaders(event)
  const text = textOf(event)
  return {
    transport: {
      shape: 'http-event',
      protocol,
      realStatus: protocol === 'http' || !isMcpClient(headers),
      ...listsOf(event),
    },
    phase: 'request',
    headers,
    message: text === undefined || protocol === 'http' ? undefined : parseJson(text),
    rawText: protocol === 'mcp' ? text : undefined,
    line: { method, path: protocol === 'http' ? pathOf(event) : '' },
    strip: (strip) =>
      protocol === 'http' ? withoutHeaders(event, strip) : stripped(event, text, strip),
  }
}

export function httpEventAnswer(
  id: JsonRpcId,
  transport: CallTransport,
  reply: Reply,
): HttpEventOutput {
  const { headers, body, base64 } = contentOf(id, transport, reply)
  return {
    statusCode: statusOf(transport, reply),
    ...headOf(transport, { ...reply, headers }),
    body,
    isBase64Encoded: base64,
  }
}

/**
 * How answers give lists of header values. API Gateway sends and takes both forms. A load balancer sends the
 * form that it takes.
 */
function listsOf(event: Record<string, unknown>): Pick<CallTransport, 'multiValueHeaders'> {
  if (multiHeaders(event) === undefined) return {}
  return { multiValueHeaders: isRecord(event['headers']) ? 'may' : 'must' }
}

function methodOf(
  event: Record<string, unknown>,
  requestContext: Record<string, unknown>,
): string | undefined {
  const { http } = requestContext
  const method = isRecord(http) ? http['method'] : event['httpMethod']
  return typeof method === 'string' ? method.toUpperCase() : undefined
}

/**
 * All values of each header. REST APIs list every value. A payment header that came twice is no single
 * payment.
 */
function allHeaders(event: Record<string, unknown>): Headers | undefined {
  const single = isRecord(event['headers']) ? event['headers'] : undefined
  const multi = multiHeaders(event)
  return multi === undefined ? single : { ...single, ...multi }
}

function multiHeaders(event: Record<string, unknown>): Headers | undefined {
  const multi = event['multiValueHeaders']
  if (!isRecord(multi)) return undefined
  const joined = Object.entries(multi).map(([name, values]) => [
    name,
    Array.isArray(values) ? values.join(',') : values,
  ])
  return Object.fromEntries(joined) as Headers
}

/**
 * The path as the Lambda gets it. If a stage has a path of its own, the path includes it. The query is
 * elsewhere in the event, so a `?` in the path is a decoded character, and so is all that follows.
 */
function pathOf({ rawPath, path }: Record<string, unknown>): string {
  const given = rawPath ?? path
  return typeof given === 'string' && !/[?#]/.test(given) ? given : ''
}

function textOf(event: Record<string, unknown>): string | undefined {
  const { body } = event
  if (typeof body !== 'string') return undefined
  return event['isBase64Encoded'] === true ? Buffer.from(body, 'base64').toString() : body
}

function stripped(
  event: Record<string, unknown>,
  text: string | undefined,
  strip: Strip,
): Record<string, unknown> {
  const { body, isBase64Encoded } = event
  const left = text === undefined ? undefined : strip.text(text)
  const isNew = left !== text
  const clean = (given: Headers): Headers =>
    isNew ? withoutLength(strip.headers(given)) : strip.headers(given)
  const encoded = isBase64Encoded === true ? Buffer.from(left ?? '').toString('base64') : left
  return { ...withoutHeaders(event, { headers: clean }), body: isNew ? encoded : body }
}

function withoutHeaders(
  event: Record<string, unknown>,
  { headers: clean }: Pick<Strip, 'headers'>,
): Record<string, unknown> {
  const { headers, multiValueHeaders } = event
  return {
    ...event,
    ...(isRecord(headers) && { headers: clean(headers) }),
    ...(isRecord(multiValueHeaders) && { multiValueHeaders: eachValue(multiValueHeaders, clean) }),
  }
}

function withoutLength(headers: Headers): Headers {
  const isLength = (name: string): boolean => name.toLowerCase() === 'content-length'
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isLength(name)))
}

/** Cleans each value of a header by itself: one value may be a payment, and another not. */
function eachValue(headers: Headers, clean: (headers: Headers) => Headers): Headers {
  const kept = Object.entries(headers).map(([name, values]) => [
    name,
    Array.isArray(values)
      ? (values as unknown[]).filter((value) => Object.hasOwn(clean({ [name]: value }), name))
      : [],
  ])
  return Object.fromEntries(kept.filter(([, values]) => values?.length !== 0)) as Headers
}
