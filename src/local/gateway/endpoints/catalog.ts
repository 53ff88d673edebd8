import { GATEWAY_SEARCH_TOOL, fullToolName } from '../../../wire/tool-names.js'
import type { Gateway } from '../protocol/gateway-state.js'
import type { McpCall } from '../protocol/mcp-post.js'
import type { GatewayTarget, HttpTarget, LambdaTarget, McpTarget } from '../protocol/options.js'
import { type Entry, LISTS, listOfServer } from '../targets/list-of-server.js'

/** A tool as clients see it in the list. */
export type ListedTool = Entry<'name'>

export type McpKind = LambdaTarget | McpTarget

const SEARCH_DEFINITION: ListedTool = {
  name: GATEWAY_SEARCH_TOOL,
  description:
    'Finds the tools of this gateway that fit a query, for when there are too many to look through.',
  inputSchema: {
    type: 'object',
    properties: { query: { type: 'string', description: 'What the tool should do' } },
    required: ['query'],
  },
}

/**
 * Lists every tool with its full name, the search tool first.
 *
 * @throws TargetError
 */
export async function listTools(gateway: Gateway, call: McpCall): Promise<ListedTool[]> {
  const { search } = gateway.settings
  return [...(search ? [SEARCH_DEFINITION] : []), ...(await listTargets(gateway, call))]
}

/**
 * Lists the tools that have a word of the query. Those with the most words come first.
 *
 * @throws TargetError
 */
export async function searchTools(
  gateway: Gateway,
  call: McpCall,
  query: string,
): Promise<ListedTool[]> {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const scored = (await listTargets(gateway, call)).map((tool) => {
    const text = JSON.stringify(tool).toLowerCase()
    return { tool, score: words.filter((word) => text.includes(word)).length }
  })
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ tool }) => tool)
}

/** The MCP servers among the targets. */
export function serversOf({ settings }: Gateway): McpTarget[] {
  return settings.targets.filter((target) => 'mcp' in target)
}

export function isMcpKind(target: GatewayTarget): target is McpKind {
  return !('http' in (target as Partial<HttpTarget>))
}

async function serverTools(
  gateway: Gateway,
  target: McpTarget,
  call: McpCall,
): Promise<ListedTool[]> {
  const tools = await listOfServer(gateway, target, call, LISTS.tools)
  gateway.listed.set(target.name, new Set(tools.map(({ name }) => name)))
  return tools
}

/**
 * Whether a target has a tool. If the last list of a server does not have it, the server is asked again.
 *
 * @throws TargetError
 */
export async function hasTool(
  gateway: Gateway,
  target: McpKind,
  tool: string,
  call: McpCall,
): Promise<boolean> {
  if ('lambda' in target) return target.tools.some(({ name }) => name === tool)
  if (gateway.listed.get(target.name)?.has(tool) === true) return true
  return (await serverTools(gateway, target, call)).some(({ name }) => name === tool)
}

async function listTargets(gateway: Gateway, call: McpCall): Promise<ListedTool[]> {
  const lists = gateway.settings.targets.filter(isMcpKind).map(async (target) => {
    const tools = 'lambda' in target ? target.tools : await serverTools(gateway, target, call)
    return tools.map((tool) => ({ ...tool, name: fullToolName(target.name, tool.name) }))
  })
  return (await Promise.all(lists)).flat()
}
