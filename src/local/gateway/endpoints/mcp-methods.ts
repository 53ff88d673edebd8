import { isRecord } from '../../../wire/json.js'
import { listTools, serversOf } from './catalog.js'
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
import { answer, answerList, answerResult, SERVER_INFO, type Outcome } from '../protocol/outcome.js'
import { deliverAnswer } from '../targets/server-requests.js'
import { post } from '../targets/target-connection.js'
import type { ServedRequest } from '../protocol/target-call.js'
import { getPrompt, listPrompts } from './prompts.js'
import { listResources, listTemplates, readResource } from './resources.js'
import { callTool } from './tools-call.js'
import { negotiate, PROTOCOL_VERSIONS } from '../protocol/versions.js'

type Method = (
  gateway: Gateway,
  call: McpCall,
  request: ServedRequest,
) => Outcome | Promise<Outcome>

/** @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-using.html */
const IN_ALL_VERSIONS: Readonly<Record<string, Method>> = {
  'tools/list': toolsList,
  'tools/call': callTool,
  'prompts/list': listPrompts,
  'prompts/get': getPrompt,
  'resources/list': listResources,
  'resources/read': readResource,
  'resources/templates/list': listTemplates,
}
const WITH_SESSIONS: Readonly<Record<string, Method>> = {
  initialize,
  ping: (_gateway, _call, { id }) => answerResult(false, id, {}),
  ...IN_ALL_VERSIONS,
}
const STATELESS: Readonly<Record<string, Method>> = {
  'server/discover': discover,
  ...IN_ALL_VERSIONS,
}

/**
 * Serves one message of a client.
 *
 * @throws Error if a target cannot list what it has.
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

async function serveRequest(
  gateway: Gateway,
  call: McpCall,
  request: ServedRequest,
): Promise<Outcome> {
  const { stateless } = call.post
  const methods = stateless ? STATELESS : WITH_SESSIONS
  const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined
  if (method !== undefined) return method(gateway, call, request)
  const error = rpcError(request.id, METHOD_NOT_FOUND, `Method not found: ${request.method}`)
  return answer(error, {}, stateless ? 404 : 200)
}

function initialize(gateway: Gateway, _call: McpCall, request: ServedRequest): Outcome {
  const { protocolVersion, capabilities } = paramsOf(request)
  const version = negotiate(protocolVersion, gateway.settings.protocolVersions)
  const result = {
    protocolVersion: version,
    capabilities: capabilitiesOf(gateway),
    serverInfo: SERVER_INFO,
  }
  if (!gateway.sessions.enabled) return answerResult(false, request.id, result)
  const session = gateway.sessions.create(version, isRecord(capabilities) ? capabilities : {})
  return answerResult(false, request.id, result, { 'mcp-session-id': session.id })
}

/** Only MCP servers have prompts and resources. */
function capabilitiesOf(gateway: Gateway): Record<string, unknown> {
  const fixed = { listChanged: false }
  if (serversOf(gateway).length === 0) return { tools: fixed }
  return { tools: fixed, prompts: fixed, resources: { subscribe: false, ...fixed } }
}

function discover(gateway: Gateway, _call: McpCall, { id }: ServedRequest): Outcome {
  const { protocolVersions } = gateway.settings
  const supportedVersions = PROTOCOL_VERSIONS.filter((v) => protocolVersions.includes(v))
  return answerList(true, id, { supportedVersions, capabilities: capabilitiesOf(gateway) })
}

async function toolsList(gateway: Gateway, call: McpCall, { id }: ServedRequest): Promise<Outcome> {
  const tools = await listTools(gateway, call)
  return answerList(call.post.stateless, id, { tools })
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
