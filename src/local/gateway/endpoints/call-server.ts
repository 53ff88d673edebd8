import { failureText } from '../protocol/failure-text.js'
import type { Gateway } from '../protocol/gateway-state.js'
import { INTERNAL_ERROR, isResponse, rpcError } from '../protocol/json-rpc.js'
import type { McpCall } from '../protocol/mcp-post.js'
import type { McpTarget } from '../protocol/options.js'
import { answer, type Outcome } from '../protocol/outcome.js'
import type { TargetCall } from '../protocol/target-call.js'
import { callMcpServer } from '../targets/mcp-target.js'

/**
 * Sends a client's request on to an MCP server. The answer is a stream if gateway and client take one.
 *
 * @throws TargetError
 */
export async function callServer(
  gateway: Gateway,
  targetCall: TargetCall<McpTarget>,
): Promise<Outcome> {
  const { target, call, request } = targetCall
  const { headers, messages } = await callMcpServer(gateway, targetCall)
  const streams = gateway.settings.streaming && !Array.isArray(call.body) && accepts(call)
  if (streams) return { kind: 'stream', id: request.id, headers, messages }
  for await (const message of messages) {
    if (isResponse(message)) return answer(message, headers)
  }
  throw new Error(`${target.name} did not answer`)
}

/** Does the same for a prompt or a resource. A failure of the server becomes an error, since results have no word for it. */
export async function readFromServer(
  gateway: Gateway,
  targetCall: TargetCall<McpTarget>,
): Promise<Outcome> {
  try {
    return await callServer(gateway, targetCall)
  } catch (error) {
    const text = failureText(gateway, error)
    return answer(rpcError(targetCall.request.id, INTERNAL_ERROR, text))
  }
}

function accepts({ post }: McpCall): boolean {
  return post.headers['accept']?.toLowerCase().includes('text/event-stream') ?? false
}
