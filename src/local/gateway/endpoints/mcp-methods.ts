import { isRecord } from '../../../wire/json.js'
import { listTools } from './catalog.js'
import { limited, type Gateway } from '../protocol/gateway-state.js'
import {
  isRequest,
  isResponse,
  METHOD_NOT_FOUND,
  paramsOf,
  rpcError,
  type RpcId,
  type RpcMessage,
} from '../protocol/json-rpc.js'
import type { McpCall } from '../protocol/mcp-post.js'
import { answer, answerResult, SERVER_INFO, type Outcome } from '../protocol/outcome.js'
import { deliverAnswer } from '../targets/server-requests.js'
import { post } from '../targets/target-connection.js'
import { callTool } from './tools-call.js'
import { negotiate, PROTOCOL_VERSIONS } from '../protocol/versions.js'

type Request = RpcMessage & { id: RpcId; method: string }
type Method = (gateway: Gateway, call: McpCall, request: Request) => Outcome | Promise<Outcome>

const CAPABILITIES = { tools: { listChanged: false } }

const WITH_SESSIONS: Readonly<Record<string, Method>> = {
  initialize,
  ping: (_gateway, _call, { id }) => answerResult(false, id, {}),
  'tools/list': toolsList,
  'tools/call': callTool,
}
const STATELESS: Readonly<Record<string, Method>> = {
  'server/discover': discover,
  'tools/list': toolsList,
  'tools/call': callTool,
}

/**
 * Serves one message of a client.
 *
 * @throws Error if the tools of a target cannot be listed.
 */
export async function serve(
  gateway: Gateway,
  call: McpCall,
  message: RpcMessage,
): Promise<Outcome> {
  if (isRequest(message)) return serveRequest(gateway, call, message)
  const { signal, done } = limited(gateway, gateway.settings.targetTimeoutMs)
  try {
    if (isResponse(message)) {
      const outgoing = { headers: {}, signal }
      const problem = await deliverAnswer(call.post.session, message, outgoing)
      return problem === undefined ? { kind: 'accepted' } : answer(problem, {}, 400)
    }
    await passCancellation(call, message, signal)
    return { kind: 'accepted' }
  } finally {
    done()
  }
}

async function serveRequest(gateway: Gateway, call: McpCall, request: Request): Promise<Outcome> {
  const { stateless } = call.post
  const methods = stateless ? STATELESS : WITH_SESSIONS
  const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined
  if (method !== undefined) return method(gateway, call, request)
  const error = rpcError(request.id, METHOD_NOT_FOUND, `Method not found: ${request.method}`)
  return answer(error, {}, stateless ? 404 : 200)
}

function initialize(gateway: Gateway, _call: McpCall, request: Request): Outcome {
  const { protocolVersion, capabilities } = paramsOf(request)
  const version = negotiate(protocolVersion, gateway.settings.protocolVersions)
  const result = { protocolVersion: version, capabilities: CAPABILITIES, serverInfo: SERVER_INFO }
  if (!gateway.sessions.enabled) return answerResult(false, request.id, result)
  const session = gateway.sessions.create(version, isRecord(capabilities) ? capabilities : {})
  return answerResult(false, request.id, result, { 'mcp-session-id': session.id })
}

function discover({ settings }: Gateway, _call: McpCall, { id }: Request): Outcome {
  const supportedVersions = PROTOCOL_VERSIONS.filter((v) => settings.protocolVersions.includes(v))
  const result = { supportedVersions, capabilities: CAPABILITIES, ...cacheable() }
  return answerResult(true, id, result)
}

async function toolsList(gateway: Gateway, call: McpCall, { id }: Request): Promise<Outcome> {
  const tools = await listTools(gateway, call)
  const { stateless } = call.post
  return answerResult(stateless, id, { tools, ...(stateless && cacheable()) })
}

/** Tells the client to keep no list. Tools change whenever a seller restarts. */
function cacheable(): Record<string, unknown> {
  return { ttlMs: 0, cacheScope: 'private' }
}

/** Passes a cancellation on to the server that works on the call. */
async function passCancellation(
  call: McpCall,
  message: RpcMessage,
  signal: AbortSignal,
): Promise<void> {
  if (message['method'] !== 'notifications/cancelled') return
  const connection = call.post.session?.calls.get(paramsOf(message)['requestId'] as RpcId)
  if (connection !== undefined) await post(connection, message, { headers: {}, signal })
}
