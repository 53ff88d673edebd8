import { isRecord } from '../../../wire/json.js'
import {
  GENERIC_FAILURE,
  INTERNAL_ERROR,
  metaOf,
  paramsOf,
  type RpcMessage,
} from '../protocol/json-rpc.js'
import { forConnection } from './target-connection.js'
import type { Connection } from '../protocol/session.js'
import { META, NOT_CACHED } from '../protocol/versions.js'

/**
 * Translates between a client and a server of different families of versions. Elicitation and sampling are
 * not translated. Neither side is told that the other one could do it.
 */

/** The call as the server gets it, with the name that its tool or prompt has there. */
export function toTarget(
  connection: Connection,
  body: RpcMessage,
  name: string | undefined,
): RpcMessage {
  const params = { ...paramsOf(body), ...(name !== undefined && { name }) }
  const named = { ...body, params }
  return connection.stateless ? forConnection(connection, named) : withoutEnvelope(named)
}

/** The server's answer to a request of this method, as the client gets it. */
export function fromTarget(
  connection: Connection,
  clientIsStateless: boolean,
  method: string,
  answer: RpcMessage,
): RpcMessage {
  const { result, ...rest } = answer
  if (!isRecord(result) || connection.stateless === clientIsStateless) return answer
  if (clientIsStateless) {
    const cached = method === 'resources/read' && NOT_CACHED
    return { ...rest, result: { resultType: 'complete', ...cached, ...result } }
  }
  const { resultType, ...plain } = result
  if (resultType === undefined || resultType === 'complete') return { ...rest, result: plain }
  // The server asks for input, which the client's version has no word for.
  return method === 'tools/call'
    ? { ...rest, result: { isError: true, content: [{ type: 'text', text: GENERIC_FAILURE }] } }
    : { ...rest, error: { code: INTERNAL_ERROR, message: GENERIC_FAILURE } }
}

/**
 * Removes the members of the stateless version. A server that knows both families would take the wrong one.
 */
function withoutEnvelope(body: RpcMessage): RpcMessage {
  const foreign: readonly string[] = [...Object.values(META), 'inputResponses', 'requestState']
  const strip = (values: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !foreign.includes(name)))
  const { _meta, ...params } = strip(paramsOf(body))
  const meta = strip(metaOf(body))
  const empty = _meta === undefined || Object.keys(meta).length === 0
  return { ...body, params: empty ? params : { ...params, _meta: meta } }
}
