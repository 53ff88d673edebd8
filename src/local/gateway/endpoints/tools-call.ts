import { note } from '../../http/journal.js'
import { hasTool, isMcpKind, searchTools } from './catalog.js'
import { GATEWAY_SEARCH_TOOL, splitToolName } from '../../../wire/tool-names.js'
import { failureText } from '../protocol/failure-text.js'
import type { Gateway } from '../protocol/gateway-state.js'
import { INVALID_PARAMS, paramsOf, rpcError } from '../protocol/json-rpc.js'
import { callLambdaTool } from '../targets/lambda-target.js'
import type { ServedRequest } from '../protocol/target-call.js'
import type { McpCall } from '../protocol/mcp-post.js'
import { answer, answerResult, type Outcome } from '../protocol/outcome.js'
import { callServer } from './call-server.js'

/** Serves a `tools/call`. A failure of a target becomes a result with `isError`. */
export async function callTool(
  gateway: Gateway,
  call: McpCall,
  request: ServedRequest,
): Promise<Outcome> {
  const { name } = paramsOf(request)
  if (typeof name !== 'string') {
    return answer(rpcError(request.id, INVALID_PARAMS, 'params.name must name a tool'))
  }
  try {
    return name === GATEWAY_SEARCH_TOOL && gateway.settings.search
      ? await search(gateway, call, request)
      : await callTarget(gateway, call, request, name)
  } catch (error) {
    note({ kind: 'failed', part: 'TARGET', error })
    const text = failureText(gateway, error)
    const result = { isError: true, content: [{ type: 'text', text }] }
    return answerResult(call.post.stateless, request.id, result)
  }
}

async function search(
  gateway: Gateway,
  call: McpCall,
  { id, ...rest }: ServedRequest,
): Promise<Outcome> {
  const args = paramsOf({ params: paramsOf(rest)['arguments'] })
  const query = args['query']
  if (typeof query !== 'string') {
    return answer(rpcError(id, INVALID_PARAMS, 'arguments.query must be a string'))
  }
  const found = { tools: await searchTools(gateway, call, query) }
  return answerResult(call.post.stateless, id, {
    isError: false,
    structuredContent: found,
    content: [{ type: 'text', text: JSON.stringify(found) }],
  })
}

async function callTarget(
  gateway: Gateway,
  call: McpCall,
  request: ServedRequest,
  name: string,
): Promise<Outcome> {
  const named = splitToolName(name)
  const target = gateway.settings.targets
    .filter(isMcpKind)
    .find((one) => one.name === named?.target)
  const tool = named?.tool ?? ''
  if (target === undefined || !(await hasTool(gateway, target, tool, call))) {
    return answer(rpcError(request.id, INVALID_PARAMS, `Unknown tool: ${name}`))
  }
  if ('mcp' in target) return callServer(gateway, { target, call, request, name: tool })
  const result = await callLambdaTool(gateway, { target, call, request, name: tool })
  return answerResult(call.post.stateless, request.id, result)
}
