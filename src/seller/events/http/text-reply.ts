import type { JsonRpcId } from '../../../wire/mcp.js'
import type { Headers, Transport } from '../call.js'
import { type Reply, withJsonType } from '../event-shape.js'

/**
 * Whether a request comes from an MCP client. MCP's streamable HTTP makes its clients accept event streams, and little
 * else asks for them with a POST. Some clients do not: then headers that only MCP has tell (`Mcp-Protocol-Version`,
 * `Mcp-Session-Id`, and from 2026-07-28 on `Mcp-Method` and `Mcp-Name`).
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

/** The text of a reply: a JSON-RPC answer, or what callers of plain HTTP are told. */
export function textBody(id: JsonRpcId, { protocol, realStatus }: Transport, reply: Reply): string {
  const { outcome, plain, beside, stream } = reply
  if (outcome === undefined) return ''
  if (protocol === 'mcp') {
    const json = JSON.stringify({ jsonrpc: '2.0', id, ...outcome, ...(realStatus && beside) })
    return stream === undefined ? json : `${stream.before}data: ${json}${stream.after}`
  }
  if (plain !== undefined) return JSON.stringify(plain)
  return JSON.stringify('error' in outcome ? { error: outcome.error.message } : outcome)
}

/** The headers of a text body: of JSON, or of the stream that it goes out in. */
export function headersOfText({ headers, stream }: Reply): Record<string, string> {
  return stream === undefined ? withJsonType(headers) : { ...headers }
}
