import type { JsonRpcId } from '../../wire/mcp.js'
import { answerInStream, type StreamAround } from '../../wire/sse.js'
import { isRecord, parseJson } from '../../wire/json.js'

/** What was found in a body that should be JSON-RPC. */
export interface FoundMessage {
  readonly message: Record<string, unknown>
  /** Its text. */
  readonly text: string
  /** The event stream it came in, without it; `undefined` if the body is JSON. */
  readonly stream?: StreamAround
}

/**
 * Reads the text of a body: JSON of one object, or an event stream, of which the first answer to this id
 * counts, as it does for MCP clients.
 *
 * @returns `undefined` if it is neither, e.g. the HTML of an error page.
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

/** A message that leaves out its version is none the less one: what it says of a failure counts. */
function asRpc(message: Record<string, unknown>): Record<string, unknown> {
  return isAnswer(message) && 'id' in message ? { jsonrpc: '2.0', ...message } : message
}

export function isAnswer(message: Record<string, unknown>): boolean {
  return 'result' in message || 'error' in message
}

/** Peers are not all careful about the type of an id; another id is another request's answer. */
export function answersTo(message: Record<string, unknown>, id: JsonRpcId | undefined): boolean {
  if (!('jsonrpc' in message) || message['id'] === undefined) return true
  const unquoted = (value: unknown): string => JSON.stringify(value).replace(/^"(.*)"$/s, '$1')
  return unquoted(message['id']) === unquoted(id ?? null)
}
