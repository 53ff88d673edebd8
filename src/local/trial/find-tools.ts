import { isRecord } from '../../wire/json.js'
import { mcpAnswer } from './mcp-answer.js'
import { GATEWAY_SEARCH_TOOL } from '../../wire/tool-names.js'

/** A tool as the Gateway lists it. */
export interface ListedTool {
  readonly name: string
  readonly description: string
  readonly inputSchema: object
}

/** A list that takes longer is given up. Unit: ms. */
const TIMEOUT_MS = 10_000

/** Lists the tools of an MCP endpoint, as a client does. @returns the reason if that fails. */
export async function findTools(url: string): Promise<ListedTool[] | { problem: string }> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(url, { method: 'POST', headers, body, signal })
    const answer = await mcpAnswer(response)
    const result = isRecord(answer) ? answer['result'] : undefined
    const tools = isRecord(result) ? result['tools'] : undefined
    if (Array.isArray(tools)) return tools.flatMap(toolIn)
    return { problem: 'The tools cannot be listed' }
  } catch {
    return { problem: 'The tools cannot be listed' }
  }
}

function toolIn(tool: unknown): ListedTool[] {
  if (!isRecord(tool)) return []
  const { name, inputSchema, description } = tool
  if (typeof name !== 'string' || name === GATEWAY_SEARCH_TOOL) return []
  const about = typeof description === 'string' ? description : ''
  return [{ name, description: about, inputSchema: isRecord(inputSchema) ? inputSchema : {} }]
}
