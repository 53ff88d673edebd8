import { isRecord } from '../../../wire/json.js'
import { GENERIC_FAILURE, metaOf, paramsOf, type RpcMessage } from '../protocol/json-rpc.js'
import { forConnection } from './target-connection.js'
import type { Connection } from '../protocol/session.js'
import { META } from '../protocol/versions.js'

/**
 * Translates between a client and a server of different families of versions. Elicitation and sampling are
 * not translated. Neither side is told that the other one could do it.
 */

/** The call as the server gets it, with the tool's own name. */
export function toTarget(connection: Connection, body: RpcMessage, tool: string): RpcMessage {
  const named = { ...body, params: { ...paramsOf(body), name: tool } }
  return connection.stateless ? forConnection(connection, named) : withoutEnvelope(named)
}

/** The server's answer as the client gets it. */
export function fromTarget(
  connection: Connection,
  clientIsStateless: boolean,
  answer: RpcMessage,
): RpcMessage {
  const { result } = answer
  if (!isRecord(result) || connection.stateless === clientIsStateless) return answer
  if (clientIsStateless) return { ...answer, result: { resultType: 'complete', ...result } }
  return { ...answer, result: withoutResultType(result) }
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

function withoutResultType({ resultType, ...result }: Record<string, unknown>): RpcMessage {
  if (resultType === undefined || resultType === 'complete') return result
  return { isError: true, content: [{ type: 'text', text: GENERIC_FAILURE }] }
}
