import type { RpcId, RpcMessage } from './json-rpc.js'
import type { McpCall } from './mcp-post.js'
import type { LambdaTarget, McpTarget } from './options.js'

/** A request of a client. */
export type ServedRequest = RpcMessage & { id: RpcId; method: string }

/** One request of a client, for the target that serves it. */
export interface TargetCall<Target extends LambdaTarget | McpTarget> {
  target: Target
  /** The POST that it came in. */
  call: McpCall
  request: ServedRequest
  /** The name of the tool or prompt at the target. A resource has its URI only, which stays as it is. */
  name: string | undefined
}
