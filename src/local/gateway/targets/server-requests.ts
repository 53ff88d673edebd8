import { randomUUID } from 'node:crypto'
import { isRecord } from '../../../wire/json.js'
import type { Gateway } from '../protocol/gateway-state.js'
import {
  INVALID_REQUEST,
  isRequest,
  isResponse,
  METHOD_NOT_FOUND,
  rpcError,
  rpcResult,
  type RpcId,
  type RpcMessage,
} from '../protocol/json-rpc.js'
import type { McpPost } from '../protocol/mcp-post.js'
import type { Session } from '../protocol/session.js'
import { type Conversation, type Outgoing, post } from './target-connection.js'

/** The requests of a server that reach a client, and the capability that the client must have declared. */
const FORWARDED = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
])

/**
 * The capabilities that the gateway declares to a server, on behalf of a client.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-mcp-elicitation.html
 */
export function declaredCapabilities(
  { settings }: Gateway,
  { session, version }: McpPost,
): Record<string, unknown> {
  if (!settings.streaming || session === undefined) return {}
  const declared = Object.entries(session.capabilities).filter(([name]) =>
    [...FORWARDED.values()].includes(name),
  )
  return Object.fromEntries(
    declared.map(([name, value]) => [name, withoutUrls(value, version)] as const),
  )
}

/** Removes the URL mode from older versions. It came with version 2025-11-25. */
function withoutUrls(capability: unknown, version: string): unknown {
  if (!isRecord(capability) || version >= '2025-11-25') return capability
  return Object.fromEntries(Object.entries(capability).filter(([mode]) => mode !== 'url'))
}

/**
 * Decides whether a message of a server goes on to the client. A request that goes on gets an id of the
 * gateway's. A request that does not is answered here.
 *
 * @returns `undefined` if the message does not go on.
 */
export async function admit(
  { settings }: Gateway,
  session: Session | undefined,
  { connection, outgoing }: Conversation,
  message: RpcMessage,
): Promise<RpcMessage | undefined> {
  if (!isRequest(message)) return isResponse(message) || settings.streaming ? message : undefined
  if (settings.streaming && session !== undefined && mayReach(session, message.method)) {
    const id = `gateway-${randomUUID()}`
    session.pending.set(id, { connection, id: message.id })
    return { ...message, id }
  }
  const answer =
    message.method === 'ping'
      ? rpcResult(message.id, {})
      : rpcError(message.id, METHOD_NOT_FOUND, `Method not found: ${message.method}`)
  await post(connection, answer, outgoing)
  return undefined
}

function mayReach({ capabilities }: Session, method: string): boolean {
  const capability = FORWARDED.get(method)
  return method === 'ping' || (capability !== undefined && isRecord(capabilities[capability]))
}

/**
 * Passes a client's answer on to the server that asked.
 *
 * @returns an error for the client, if nothing was asked.
 */
export async function deliverAnswer(
  session: Session | undefined,
  answer: RpcMessage & { id: RpcId },
  outgoing: Outgoing,
): Promise<RpcMessage | undefined> {
  const asked = session?.pending.get(answer.id)
  if (asked === undefined) {
    return rpcError(answer.id, INVALID_REQUEST, 'No matching request found for this session')
  }
  session?.pending.delete(answer.id)
  await post(asked.connection, { ...answer, id: asked.id }, outgoing)
  return undefined
}
