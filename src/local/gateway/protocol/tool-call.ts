import type { RpcId, RpcMessage } from './json-rpc.js'
import type { McpCall } from './mcp-post.js'
import type { LambdaTarget, McpTarget } from './options.js'

/** One `tools/call` of a client, for the target that has the tool. */
export interface ToolCall<Target extends LambdaTarget | McpTarget> {
  target: Target
  /** The POST that it came in. */
  call: McpCall
  request: RpcMessage & { id: RpcId }
  /** The tool's name at the target. */
  tool: string
}
