import { later, limited, type Gateway } from '../protocol/gateway-state.js'
import { only, propagated, type Headers } from '../protocol/headers.js'
import { record } from '../protocol/invocations.js'
import { isRequest, isResponse, type RpcId, type RpcMessage } from '../protocol/json-rpc.js'
import type { McpCall } from '../protocol/mcp-post.js'
import type { McpTarget } from '../protocol/options.js'
import { reach } from './reach.js'
import { admit, declaredCapabilities } from './server-requests.js'
import {
  type Conversation,
  type Exchange,
  type Outgoing,
  TargetError,
  disconnect,
  post,
} from './target-connection.js'
import type { Connection } from '../protocol/session.js'
import type { TargetCall } from '../protocol/target-call.js'
import { fromTarget, toTarget } from './translation.js'

/** What a server sends for one request, in the client's version. The last message is the answer. */
export interface TargetExchange {
  /** The server's headers that may reach the client. */
  headers: Headers
  messages: AsyncGenerator<RpcMessage>
}

/**
 * Sends a client's request on to an MCP server. It resolves when the answer begins.
 *
 * @throws TargetError
 */
export async function callMcpServer(
  gateway: Gateway,
  targetCall: TargetCall<McpTarget>,
): Promise<TargetExchange> {
  const { target, call, request, name } = targetCall
  const { signal, done } = limited(gateway, gateway.settings.targetTimeoutMs, call.post.gone)
  const outgoing = { headers: headersFor(target, call), signal }
  const invocation = record(gateway.invocations, {
    kind: 'TARGET',
    target: target.name,
    event: request,
  })
  try {
    const opened = await open(gateway, targetCall, outgoing, (connection) => {
      const message = toTarget(connection, request, name)
      Object.assign(invocation, { event: message, headers: outgoing.headers })
      return message
    })
    return {
      headers: only(opened.exchange.headers, target.allowedResponseHeaders ?? []),
      messages: readThrough(gateway, targetCall, opened, done),
    }
  } catch (error) {
    done()
    invocation.error = error as Error
    throw error
  }
}

/**
 * The headers that go to the server. `Mcp-Param-*` repeat arguments. A server of the stateless version checks
 * them.
 */
function headersFor(target: McpTarget, call: McpCall): Headers {
  const { post, clientHeaders, interceptorHeaders } = call
  const repeated = Object.keys(post.headers).filter((name) => name.startsWith('mcp-param-'))
  const allowed = target.allowedRequestHeaders ?? []
  return {
    ...(post.stateless && only(post.headers, repeated)),
    ...propagated(allowed, clientHeaders, interceptorHeaders),
  }
}

/** A conversation in which the server has begun to answer. */
interface Opened extends Conversation {
  exchange: Exchange
}

async function open(
  gateway: Gateway,
  targetCall: TargetCall<McpTarget>,
  outgoing: Outgoing,
  toMessage: (connection: Connection) => RpcMessage,
): Promise<Opened> {
  const begin = async (connection: Connection): Promise<Opened> => {
    const exchange = await post(connection, toMessage(connection), outgoing)
    return { connection, outgoing, exchange }
  }
  const connection = await connectionFor(gateway, targetCall, outgoing)
  try {
    return await begin(connection)
  } catch (error) {
    const forgotten = error instanceof TargetError && error.status === 404
    if (!forgotten || connection.sessionId === undefined) throw error
    // The server's session ended before the gateway's. The client need not know of it.
    targetCall.call.post.session?.connections.delete(targetCall.target.name)
    return begin(await connectionFor(gateway, targetCall, outgoing))
  }
}

/** The connection to a server. A session keeps it. Without a session, every call has its own. */
async function connectionFor(
  gateway: Gateway,
  { target, call: { post } }: TargetCall<McpTarget>,
  outgoing: Outgoing,
): Promise<Connection> {
  const { stateless, version, session } = post
  const capabilities = declaredCapabilities(gateway, post)
  const kept = session?.connections.get(target.name)
  if (kept !== undefined) return kept
  const opening = reach(gateway, target, { stateless, version, capabilities }, outgoing)
  session?.connections.set(target.name, opening)
  return opening.catch((error: unknown) => {
    session?.connections.delete(target.name)
    throw error
  })
}

async function* readThrough(
  gateway: Gateway,
  { call, request: { id, method } }: TargetCall<McpTarget>,
  opened: Opened,
  done: () => void,
): AsyncGenerator<RpcMessage> {
  const { session, stateless } = call.post
  const { connection, exchange } = opened
  const asked: RpcId[] = []
  session?.calls.set(id, connection)
  try {
    for await (const message of exchange.messages) {
      if (isResponse(message) && message.id !== id) continue // It answers nothing that was asked.
      checkSeparators(gateway, connection, message)
      const admitted = await admit(gateway, session, opened, message)
      if (admitted === undefined) continue
      if (isResponse(admitted)) {
        yield fromTarget(connection, stateless, method, admitted)
        return
      }
      if (isRequest(admitted)) asked.push(admitted.id)
      yield admitted
    }
    throw new TargetError(`${connection.target.name} broke off its answer`)
  } finally {
    done()
    session?.calls.delete(id)
    for (const one of asked) session?.pending.delete(one)
    if (session === undefined) later(gateway, disconnect(connection, gateway.closing.signal))
  }
}

function checkSeparators({ settings }: Gateway, { target }: Connection, message: RpcMessage): void {
  if (settings.assume.lineSeparators === 'kept') return
  if (/[\u2028\u2029]/.test(JSON.stringify(message))) {
    throw new TargetError(`${target.name} sent U+2028 or U+2029`)
  }
}
