/**
 * The methods of MCP a client may send, up to version 2026-07-28.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/schema
 */
const METHODS = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'tasks/list',
  'tasks/get',
  'tasks/result',
  'tasks/cancel',
])

export function isMcpMethod(method: string): boolean {
  return METHODS.has(method) || method.startsWith('notifications/')
}
