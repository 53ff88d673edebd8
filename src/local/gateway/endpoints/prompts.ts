import { fullToolName, splitToolName } from '../../../wire/tool-names.js'
import type { Gateway } from '../protocol/gateway-state.js'
import { INVALID_PARAMS, nameIn, rpcError } from '../protocol/json-rpc.js'
import type { McpCall } from '../protocol/mcp-post.js'
import { answer, answerList, type Outcome } from '../protocol/outcome.js'
import type { ServedRequest } from '../protocol/target-call.js'
import { LISTS, listOfServer } from '../targets/list-of-server.js'
import { serversOf } from './catalog.js'
import { readFromServer } from './call-server.js'

/**
 * Serves `prompts/list`: the prompts of all MCP servers. Like tools, they are named `<target>___<prompt>`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-using-mcp-prompts-list.html
 * @throws TargetError
 */
export async function listPrompts(
  gateway: Gateway,
  call: McpCall,
  { id }: ServedRequest,
): Promise<Outcome> {
  const lists = serversOf(gateway).map(async (target) =>
    (await listOfServer(gateway, target, call, LISTS.prompts)).map((prompt) => ({
      ...prompt,
      name: fullToolName(target.name, prompt.name),
    })),
  )
  return answerList(call.post.stateless, id, { prompts: (await Promise.all(lists)).flat() })
}

/**
 * Serves `prompts/get`. The server itself says whether it has the prompt.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-using-mcp-prompts-get.html
 */
export async function getPrompt(
  gateway: Gateway,
  call: McpCall,
  request: ServedRequest,
): Promise<Outcome> {
  const full = nameIn(request) ?? ''
  const named = splitToolName(full)
  const target = serversOf(gateway).find(({ name }) => name === named?.target)
  if (target === undefined) {
    return answer(rpcError(request.id, INVALID_PARAMS, `Unknown prompt: ${full}`))
  }
  return readFromServer(gateway, { target, call, request, name: named?.tool })
}
