import type { RpcId, RpcMessage } from './json-rpc.js'
import type { McpCall } from './mcp-post.js'
import type { LambdaTarget, McpTarget } from './options.js'

/** One `tools/call` of a client, on its way to the target that has the tool. */
export interface ToolCall<Target extends LambdaTarget | McpTarget> {
  target: Target
  /** What it came with. */
  call: McpCall
  request: RpcMessage & { id: RpcId }
  /** As the target names it. */
  tool: string
}
