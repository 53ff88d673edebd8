import type { McpResult } from '../../wire/mcp.js'
import { isRecord } from '../../wire/json.js'

/**
 * The methods of MCP that describe a server or keep up its connection, and what their results look like. None
 * of these methods does the work of a tool.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/schema
 */
const RESULTS: Readonly<Record<string, (result: McpResult) => boolean>> = {
  initialize: ({ protocolVersion, capabilities }) =>
    typeof protocolVersion === 'string' && isRecord(capabilities),
  'server/discover': ({ supportedVersions, capabilities }) =>
    Array.isArray(supportedVersions) && isRecord(capabilities),
  ping: isEmpty,
  'logging/setLevel': isEmpty,
  'tools/list': ({ tools }) => Array.isArray(tools),
  'prompts/list': ({ prompts }) => Array.isArray(prompts),
  'resources/list': ({ resources }) => Array.isArray(resources),
  'resources/templates/list': ({ resourceTemplates }) => Array.isArray(resourceTemplates),
  'notifications/initialized': isEmpty,
  'notifications/cancelled': isEmpty,
  'notifications/progress': isEmpty,
  'notifications/roots/list_changed': isEmpty,
}

export function isDescribing(method: string): boolean {
  return Object.hasOwn(RESULTS, method)
}

/** Whether a result fits this method, and is not what a tool would return. */
export function isResultOf(method: string, result: McpResult): boolean {
  if ('content' in result || 'structuredContent' in result) return false
  return RESULTS[method]?.(result) === true
}

function isEmpty(result: McpResult): boolean {
  return Object.keys(result).every((name) => name === '_meta' || name === 'resultType')
}
