import { isRecord } from '../../wire/json.js'

/** A client of MCP, with the members that this package uses. `Client` of either official SDK is one. */
export interface McpClient {
  /** Calls a tool of the server. Its arguments and results are those of the SDK. */
  callTool: (...args: never[]) => Promise<unknown>
}

/** How a call ended, and what the server answered, if that was seen. */
export interface Ending {
  result?: unknown
  failure?: { error: unknown }
}

/**
 * Calls a tool and keeps its answer even if the client turns the answer into an error. Version 1 of the
 * official SDK does that: it checks the `structuredContent` of error results against the tool's output
 * schema. A challenge is such a result, and does not fit.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools#error-handling
 */
export async function callAndSee(client: McpClient, args: readonly unknown[]): Promise<Ending> {
  let seen: unknown
  try {
    const result = await startCall(client, args, (answer) => (seen = answer))
    return { result }
  } catch (error) {
    return { result: seen, failure: { error } }
  }
}

type Callable = (...args: unknown[]) => unknown

/**
 * Starts the call. The SDK calls `request` before its first `await`. So a replacement that is there only for
 * this moment meets no other call, and the client stays as it is.
 */
function startCall(
  client: McpClient,
  args: readonly unknown[],
  see: (answer: unknown) => void,
): unknown {
  const { callTool, request } = client as { callTool: Callable; request?: unknown }
  const call = () => Reflect.apply(callTool, client, args)
  if (typeof request !== 'function') return call()
  const own = Object.getOwnPropertyDescriptor(client, 'request')
  const value = async (...asked: unknown[]): Promise<unknown> => {
    const answer: unknown = await Reflect.apply(request, client, asked)
    if (isRecord(asked[0]) && asked[0]['method'] === 'tools/call') see(answer)
    return answer
  }
  const isThere = Reflect.defineProperty(client, 'request', { value, configurable: true })
  try {
    return call()
  } finally {
    if (isThere && own === undefined) Reflect.deleteProperty(client, 'request')
    else if (own !== undefined) Reflect.defineProperty(client, 'request', own)
  }
}
