import type { Tool } from '@strands-agents/sdk'

/** MCP tools whose payment travels beside their arguments, for as long as somebody holds them. */
const metaPaid = new WeakSet<Tool>()

/** Which place a tool's last challenge asked for. */
export function rememberPlace(tool: Tool, isInMeta: boolean): void {
  if (isInMeta) metaPaid.add(tool)
  else metaPaid.delete(tool)
}

/** Whether a payment in this tool's input gets to its seller, whatever the schema of its arguments says. */
export function isPaidInMeta(tool: Tool): boolean {
  return metaPaid.has(tool)
}
