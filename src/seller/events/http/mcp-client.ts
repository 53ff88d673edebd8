import type { Headers } from '../call.js'

/**
 * Whether a request comes from an MCP client. MCP's streamable HTTP makes its clients accept event streams.
 * Few other clients ask for one with a POST. Clients that do not ask are known by headers that only MCP has:
 * `Mcp-Protocol-Version`, `Mcp-Session-Id`, and from 2026-07-28 on `Mcp-Method` and `Mcp-Name`.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
 */
export function isMcpClient(headers: Headers | undefined): boolean {
  return Object.entries(headers ?? {}).some(([given, value]) => {
    const name = given.toLowerCase()
    if (typeof value !== 'string' || value.trim() === '') return false
    return name === 'accept' ? /text\/event-stream/i.test(value) : MCP_HEADERS.has(name)
  })
}

/** Headers that no protocol but MCP has, in lower case. */
export const MCP_HEADERS: ReadonlySet<string> = new Set([
  'mcp-protocol-version',
  'mcp-session-id',
  'mcp-method',
  'mcp-name',
])
