import type { Headers } from './headers.js'
import { rpcResult, type RpcId, type RpcMessage } from './json-rpc.js'
import { META, NOT_CACHED } from './versions.js'

/** What is done with one message of a client. */
export type Outcome =
  | { kind: 'answer'; status: number; headers: Headers; body: RpcMessage }
  | { kind: 'accepted' }
  | { kind: 'stream'; id: RpcId; headers: Headers; messages: AsyncGenerator<RpcMessage> }

export const SERVER_INFO = { name: 'agentcore-gateway', version: '1.0.0' }

export function answer(body: RpcMessage, headers: Headers = {}, status = 200): Outcome {
  return { kind: 'answer', status, headers, body }
}

/** A result that the gateway itself gives. In the stateless version it has further members. */
export function answerResult(
  stateless: boolean,
  id: RpcId,
  result: Record<string, unknown>,
  headers?: Headers,
): Outcome {
  const whole = stateless
    ? { resultType: 'complete', ...result, _meta: { [META.serverInfo]: SERVER_INFO } }
    : result
  return answer(rpcResult(id, whole), headers)
}

/** A list that the gateway itself gives. */
export function answerList(stateless: boolean, id: RpcId, list: Record<string, unknown>): Outcome {
  return answerResult(stateless, id, { ...list, ...(stateless && NOT_CACHED) })
}
