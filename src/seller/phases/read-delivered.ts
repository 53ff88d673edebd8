import { textEntries } from '../answer/answer-headers.js'
import { readAnswer } from '../answer/read-answer.js'
import type { Answer, CreditsSource } from '../answer/answer.js'
import { textOfBody } from '../answer/body-text.js'
import { answersTo, isAnswer, readMessage } from '../answer/read-message.js'
import { httpAnswer } from '../answer/read-http-answer.js'
import type { JsonRpcId } from '../../wire/mcp.js'
import type { Delivered, CallTransport } from '../events/call.js'
import { sseReader } from '../../wire/sse.js'
import { isRecord, parseJson } from '../../wire/json.js'

/**
 * Reads a target's response to a request. `'aside'` is a request of the server to the client, `'nothing'` has
 * no body, and `'unreadable'` cannot be understood.
 */
export async function readDelivered(
  delivered: Delivered,
  id: JsonRpcId | undefined,
  { shape, protocol }: CallTransport,
  creditsFrom: ReadonlySet<CreditsSource>,
): Promise<Answer | 'aside' | 'nothing' | 'unreadable'> {
  const { statusCode = 200 } = delivered
  const headers = textEntries(delivered.headers)
  // A response without a body may be one that `payloadFilter` keeps from interceptors. It is delivered all
  // the same.
  if (protocol === 'http' || (shape === 'gateway-http' && delivered.body === undefined)) {
    return httpAnswer({ statusCode, headers, ...bytesOf(delivered) }, creditsFrom)
  }
  const body = await readableBody(delivered)
  if (body === undefined || body === null || body === '') return 'nothing'
  const message = typeof body === 'string' ? readMessage(body, id)?.message : body
  if (typeof body === 'string' ? isAllRequests(body, message) : isRequest(message)) return 'aside'
  if (isOfAnother(message, id)) return 'unreadable'
  const output = { mcp: { transformedGatewayResponse: { statusCode, headers, body } } }
  const { base64 } = delivered
  const came = base64 === undefined ? undefined : { body: base64, base64: true }
  return readAnswer(output, creditsFrom, id, { body: came }) ?? 'unreadable'
}

function readableBody({ body, base64, headers = {} }: Delivered): unknown {
  return base64 === undefined ? body : textOfBody({ body: base64, base64: true }, headers)
}

/** Whether it is a task, or the answer to another request. */
function isOfAnother(message: unknown, id: JsonRpcId | undefined): boolean {
  return isRecord(message) && (!answersTo(message, id) || isTask(message))
}

function bytesOf({ body, base64 }: Delivered): { body: string; base64: boolean } {
  if (base64 !== undefined) return { body: base64, base64: true }
  return { body: typeof body === 'string' ? body : JSON.stringify(body ?? ''), base64: false }
}

/** A request of the server, e.g. an elicitation. */
function isRequest(message: unknown): boolean {
  return isRecord(message) && typeof message['method'] === 'string' && !isAnswer(message)
}

/** Whether a text is such a request, or a stream of nothing else. */
function isAllRequests(text: string, message: unknown): boolean {
  if (message !== undefined) return isRequest(message)
  const messages = sseReader()(`${text}\n\n`).flatMap(({ data }) =>
    data === '' ? [] : [parseJson(data)],
  )
  return messages.length > 0 && messages.every(isRequest)
}

/**
 * Whether it is a task. The result of a task is fetched later, past the payment, so it is not what was sold.
 */
function isTask(message: Record<string, unknown>): boolean {
  const { result } = message
  return isRecord(result) && (isRecord(result['task']) || result['resultType'] === 'task')
}
