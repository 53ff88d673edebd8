import { rewritable } from '../../answer/answer-headers.js'
import { isEventStream } from '../../answer/event-stream.js'
import type { JsonRpcId } from '../../../wire/mcp.js'
import type { CallTransport } from '../call.js'
import { type Reply, withJsonType } from '../event-shape.js'
import { messageText } from './message-text.js'

/** The body of an answer over HTTP, and the headers that fit it. */
export interface Content {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly base64: boolean
  /** The type of a body that was written by us. */
  readonly contentType?: 'application/json' | 'text/event-stream'
}

export function contentOf(id: JsonRpcId, transport: CallTransport, reply: Reply): Content {
  const { headers, outcome } = reply
  if (outcome === undefined) return { headers, body: '', base64: false }
  if ('raw' in outcome) return { headers: withTextType(transport, reply), ...outcome.raw }
  if (transport.protocol === 'mcp') return messageContent(id, transport, reply)
  return writtenContent(reply, plainText(reply))
}

/**
 * Names the type of a text answer. API Gateway assumes a type if none is named. A Gateway assumes none for an
 * answer in another form.
 */
function withTextType({ shape }: CallTransport, { headers, original }: Reply): Reply['headers'] {
  const isOther = original?.shape === 'http-event' && shape === 'gateway-http'
  if (!isOther || typeIn(headers) !== undefined) return headers
  return { 'Content-Type': 'text/plain; charset=utf-8', ...headers }
}

/** The body for callers of plain HTTP. */
function plainText({ outcome, plain }: Reply): string {
  if (plain !== undefined) return JSON.stringify(plain)
  if (outcome === undefined || !('error' in outcome)) return JSON.stringify(outcome)
  return JSON.stringify({ error: outcome.error.message })
}

/**
 * The content of a JSON-RPC answer. The handler's own body goes out as it came, unless something is added to
 * its message.
 */
function messageContent(id: JsonRpcId, transport: CallTransport, reply: Reply): Content {
  const { headers, original } = reply
  const came = original?.message
  if (came === undefined) return writtenContent(reply, messageText(id, transport, reply))
  const asItCame = { headers, body: came.body, base64: came.base64 }
  if (came.text === undefined && !hasNews(reply)) return asItCame
  const json = messageText(id, transport, reply)
  if (json === came.text) return asItCame
  const left = fitting(reply)
  if (reply.stream === undefined || isStreamType(left)) {
    return writtenContent({ ...reply, headers: left }, json)
  }
  // Clients would not read it as a stream under any other type.
  return writtenContent({ ...reply, headers: withoutType(left), stream: undefined }, json)
}

/** Whether something was added to the handler's result. */
function hasNews({ outcome }: Reply): boolean {
  return outcome === undefined || !('result' in outcome) || outcome.result._meta !== undefined
}

/** A JSON body, or the event stream around one. */
function writtenContent({ headers, stream }: Reply, json: string): Content {
  if (stream === undefined) {
    return { headers: withJsonType(headers), body: json, base64: false, contentType: JSON_TYPE }
  }
  // Each line of the message needs a line of its own in the stream.
  const data = json.replaceAll(/\r\n|\n|\r/g, '\ndata: ')
  const body = `${stream.before}data: ${data}${stream.after}`
  const type = typeIn(headers) === undefined ? { 'Content-Type': STREAM_TYPE } : {}
  return { headers: { ...type, ...headers }, body, base64: false, contentType: STREAM_TYPE }
}

const JSON_TYPE = 'application/json'
const STREAM_TYPE = 'text/event-stream'

/** The headers for a message that is written anew. */
export function fitting({ headers, original }: Reply): Record<string, string> {
  const left = rewritable(headers)
  // The given type is that of a page which is no message.
  const isPage = original?.message !== undefined && original.message.text === undefined
  return isPage ? withoutType(left) : left
}

function isStreamType(headers: Readonly<Record<string, string>>): boolean {
  const type = typeIn(headers)
  return type === undefined || isEventStream(type)
}

function typeIn(headers: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(headers).find(([name]) => isType(name))?.[1]
}

function withoutType(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isType(name)))
}

function isType(name: string): boolean {
  return name.toLowerCase() === 'content-type'
}
