import { readAnswer, textEntries } from '../answer/read-answer.js'
import type { Answer, CreditsSource } from '../answer/answer.js'
import { parsedBody } from '../answer/charges.js'
import { httpAnswer } from '../answer/read-http-answer.js'
import type { JsonRpcId } from '../../wire/mcp.js'
import type { Delivered, Transport } from '../events/call.js'
import { messageIn } from '../../wire/sse.js'
import { isRecord } from '../../wire/json.js'

/**
 * What a target's response is, seen from its request: `'aside'` is none of it — a request of the server
 * to the client, or nothing at all — and `'unreadable'` could be anything.
 */
export function readDelivered(
  delivered: Delivered,
  id: JsonRpcId | undefined,
  { shape, protocol }: Transport,
  creditsFrom: ReadonlySet<CreditsSource>,
): Answer | 'aside' | 'unreadable' {
  const { statusCode = 200, body } = delivered
  const headers = textEntries(delivered.headers)
  // Without a body it is one that `payloadFilter` keeps from interceptors: it is delivered all the same.
  if (protocol === 'http' || (shape === 'gateway-http' && body === undefined)) {
    const text = typeof body === 'string' ? body : JSON.stringify(body ?? '')
    return httpAnswer({ statusCode, headers, body: text, base64: false }, creditsFrom)
  }
  if (isNothing(body)) return 'aside'
  const message = typeof body === 'string' ? (messageIn(body) ?? parsedBody(body)) : body
  if (isRequest(message)) return 'aside'
  if (!answersTo(message, id) || isTask(message)) return 'unreadable'
  const output = { statusCode, headers: rewritten(headers), body: message }
  return readAnswer({ mcp: { transformedGatewayResponse: output } }, creditsFrom) ?? 'unreadable'
}

function isNothing(body: unknown): boolean {
  return body === undefined || body === null || body === ''
}

/** A request of the server, e.g. an elicitation. */
function isRequest(message: unknown): boolean {
  return isRecord(message) && typeof message['method'] === 'string' && !isAnswer(message)
}

function isAnswer(message: Record<string, unknown>): boolean {
  return 'result' in message || 'error' in message
}

/** What a task makes is fetched later, past the payment, so it is not what was sold. */
function isTask(message: unknown): boolean {
  const result = isRecord(message) ? message['result'] : undefined
  return isRecord(result) && (isRecord(result['task']) || result['resultType'] === 'task')
}

/** Peers are not all careful about the type of an id; another id is another request's answer. */
function answersTo(message: unknown, id: JsonRpcId | undefined): boolean {
  if (!isRecord(message) || !('jsonrpc' in message) || message['id'] === undefined) return true
  const unquoted = (value: unknown): string => JSON.stringify(value).replace(/^"(.*)"$/, '$1')
  return unquoted(message['id']) === unquoted(id ?? null)
}

/** The body is written anew as JSON. */
function rewritten(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !OF_THE_BODY.has(name.toLowerCase())),
  )
}

const OF_THE_BODY = new Set([
  'content-length',
  'content-encoding',
  'content-type',
  'transfer-encoding',
  'etag',
])
