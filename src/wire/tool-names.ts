/** Names of tools behind AgentCore Gateway: `<target>___<tool>`. A leaf; it imports nothing of ours. */

const SEPARATOR = '___'

/** The Gateway's own search. It comes as a `tools/call` without a target's name. */
export const GATEWAY_SEARCH_TOOL = 'x_amz_bedrock_agentcore_search'

export function fullToolName(target: string, tool: string): string {
  return `${target}${SEPARATOR}${tool}`
}

/**
 * Splits a name. Names of targets have no underscore, so the first three end the target's name.
 *
 * @returns `undefined` if the name has no target.
 */
export function splitToolName(full: string): { target: string; tool: string } | undefined {
  const at = full.indexOf(SEPARATOR)
  if (at === -1) return undefined
  return { target: full.slice(0, at), tool: full.slice(at + SEPARATOR.length) }
}

/** A tool's name without that of its target. */
export function bareToolName(full: string): string {
  return splitToolName(full)?.tool ?? full
}

/** The beginning of a tool's URL in x402 over MCP. */
export const TOOL_RESOURCE = 'mcp://tool/'

/** Whether a challenge's `resource.url` names this tool, with or without its target. */
export function isResourceOf(tool: string, url: string): boolean {
  return [tool, bareToolName(tool)].some((name) => url === TOOL_RESOURCE + name)
}
