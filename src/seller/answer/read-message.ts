import type { JsonRpcId } from '../../wire/mcp.js'
import { answerInStream, type StreamAround } from '../../wire/sse.js'
import { isRecord, parseJson } from '../../wire/json.js'

/** A message that was found in a body that should be JSON-RPC. */
export interface FoundMessage {
  readonly message: Record<string, unknown>
  /** The text of the message. */
  readonly text: string
  /** The event stream around the message; `undefined` if the body is JSON. */
  readonly stream?: StreamAround
}

/**
 * Reads the text of a body: JSON of one object, or an event stream. In a stream the first answer to this id
 * counts, as it does for MCP clients.
 *
 * @returns `undefined` if the text is neither, e.g. the HTML of an error page.
 */
export function readMessage(text: string, id: JsonRpcId | undefined): FoundMessage | undefined {
  const plain = text.replace(/^\uFEFF/, '')
  const json = parseJson(plain)
  if (json !== undefined) return isRecord(json) ? { message: asRpc(json), text: plain } : undefined
  const isWanted = (message: Record<string, unknown>): boolean =>
    isAnswer(message) && answersTo(message, id)
  const found = answerInStream(plain, isWanted)
  return found && { ...found, message: asRpc(found.message) }
}

/** Adds the version to a message that leaves it out. What such a message says of a failure counts too. */
function asRpc(message: Record<string, unknown>): Record<string, unknown> {
  return isAnswer(message) && 'id' in message ? { jsonrpc: '2.0', ...message } : message
}

export function isAnswer(message: Record<string, unknown>): boolean {
  return 'result' in message || 'error' in message
}

/**
 * Whether a message answers this id. Some peers change the type of an id. A message with another id answers
 * another request.
 */
export function answersTo(message: Record<string, unknown>, id: JsonRpcId | undefined): boolean {
  if (!('jsonrpc' in message) || message['id'] === undefined) return true
  const unquoted = (value: unknown): string => JSON.stringify(value).replace(/^"(.*)"$/s, '$1')
  return unquoted(message['id']) === unquoted(id ?? null)
}
