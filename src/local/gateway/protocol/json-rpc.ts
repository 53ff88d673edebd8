import { isRecord } from '../../../wire/json.js'

/** An id in MCP: a string or a number, never null. */
export type RpcId = string | number

/** A JSON-RPC object whose members are not checked yet. */
export type RpcMessage = Record<string, unknown>

export const PARSE_ERROR = -32700
export const INVALID_REQUEST = -32600
export const METHOD_NOT_FOUND = -32601
export const INVALID_PARAMS = -32602
export const INTERNAL_ERROR = -32603

/** The text of a failure, unless the gateway has `exceptionLevel: 'DEBUG'`. */
export const GENERIC_FAILURE = 'An internal error occurred. Please retry later.'

export function isId(id: unknown): id is RpcId {
  return typeof id === 'string' || typeof id === 'number'
}

export function isRequest(message: unknown): message is RpcMessage & { id: RpcId; method: string } {
  return isRecord(message) && typeof message['method'] === 'string' && isId(message['id'])
}

export function isNotification(message: unknown): message is RpcMessage & { method: string } {
  return isRecord(message) && typeof message['method'] === 'string' && !('id' in message)
}

/** Whether a message is a result or an error. */
export function isResponse(message: unknown): message is RpcMessage & { id: RpcId } {
  return (
    isRecord(message) &&
    !('method' in message) &&
    isId(message['id']) &&
    ('result' in message || 'error' in message)
  )
}

export function rpcResult(id: RpcId, result: Record<string, unknown>): RpcMessage {
  return { jsonrpc: '2.0', id, result }
}

export function rpcError(
  id: RpcId | null,
  code: number,
  message: string,
  data?: unknown,
): RpcMessage {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } }
}

/** The id to answer with; `null` if the body has none. */
export function idOf(body: unknown): RpcId | null {
  const id = isRecord(body) ? body['id'] : undefined
  return isId(id) ? id : null
}

export function paramsOf(message: RpcMessage): Record<string, unknown> {
  return isRecord(message['params']) ? message['params'] : {}
}

/** The methods that name what they are about, with the parameter that holds the name. */
const NAMES: ReadonlyMap<unknown, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
])

/** The name of the tool or prompt, or the URI of the resource, that a message asks for. `Mcp-Name` repeats it. */
export function nameIn(message: RpcMessage): string | undefined {
  const parameter = NAMES.get(message['method'])
  const value = parameter === undefined ? undefined : paramsOf(message)[parameter]
  return typeof value === 'string' ? value : undefined
}

export function metaOf(message: RpcMessage): Record<string, unknown> {
  const meta = paramsOf(message)['_meta']
  return isRecord(meta) ? meta : {}
}
