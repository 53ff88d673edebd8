import { JsonText, rewrittenJson } from '../../answer/rewritten-json.js'
import { isRecord, parseJson } from '../../../wire/json.js'
import type { JsonRpcId } from '../../../wire/mcp.js'
import type { CallTransport } from '../call.js'
import type { Reply } from '../event-shape.js'

type Fields = Record<string, unknown>

/**
 * The JSON of an answer. What the handler wrote keeps its text. Only what is added or changed is written
 * anew.
 */
export function messageText(id: JsonRpcId, transport: CallTransport, reply: Reply): string {
  const { outcome, original, beside } = reply
  const text = original?.message?.text
  const before = text === undefined ? undefined : parseJson(text)
  const idText = new JsonText(idTextOf(id, transport))
  if (text === undefined || !isRecord(before)) {
    const added = transport.realStatus ? beside : undefined
    return rewrittenJson('{}', {}, { jsonrpc: '2.0', id: idText, ...outcome, ...added })
  }
  if (isMessage(before)) return rewrittenJson(text, before, messageOf(before, id, idText, outcome))
  // The handler returned a result without its JSON-RPC envelope.
  const result = outcome !== undefined && 'result' in outcome ? outcome.result : {}
  const inText = new JsonText(rewrittenJson(text, before, result))
  return rewrittenJson('{}', {}, { jsonrpc: '2.0', id: idText, ...outcome, result: inText })
}

function messageOf(
  before: Fields,
  id: JsonRpcId,
  idText: JsonText,
  outcome: Reply['outcome'],
): Fields {
  const isExact = before['id'] === id && (typeof id !== 'number' || Number.isSafeInteger(id))
  const after = { ...before, jsonrpc: before['jsonrpc'] ?? '2.0', ...(!isExact && { id: idText }) }
  // If a message has both, the error counts.
  if (outcome !== undefined && 'error' in outcome) delete (after as Fields)['result']
  return { ...after, ...outcome }
}

function isMessage(value: Fields): boolean {
  return 'jsonrpc' in value || ('id' in value && ('result' in value || 'error' in value))
}

/** The id as the client wrote it. */
function idTextOf(id: JsonRpcId, { idText }: CallTransport): string {
  return idText !== undefined && parseJson(idText) === id ? idText : JSON.stringify(id)
}
