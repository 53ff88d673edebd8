import type { Gateway } from '../protocol/gateway-state.js'
import { connect } from './handshake.js'
import type { McpCall } from '../protocol/mcp-post.js'
import type { McpTarget } from '../protocol/options.js'
import { type Outgoing, TargetError } from './target-connection.js'
import type { Connection } from '../protocol/session.js'
import { PROTOCOL_VERSIONS, STATELESS_VERSION } from '../protocol/versions.js'

const NEWEST_WITH_SESSIONS = PROTOCOL_VERSIONS[2]

/**
 * A connection to a server: in the client's own family of versions if the server speaks it, else in the
 * other. What a server turned out to speak is remembered.
 *
 * @throws TargetError
 */
export async function reach(
  gateway: Gateway,
  target: McpTarget,
  { post }: McpCall,
  capabilities: Record<string, unknown>,
  outgoing: Outgoing,
): Promise<Connection> {
  const spoken = gateway.spoken.get(target.name) ?? {}
  gateway.spoken.set(target.name, spoken)
  const families = gateway.settings.protocolVersions.includes(STATELESS_VERSION)
    ? [post.stateless, !post.stateless]
    : [false]
  let lastError: unknown
  for (const stateless of families) {
    const known = stateless ? 'stateless' : 'withSessions'
    if (spoken[known] === false) continue
    try {
      const version = post.stateless ? NEWEST_WITH_SESSIONS : post.version
      const connection = await openOne(target, stateless, spoken, capabilities, version, outgoing)
      spoken[known] = true
      return connection
    } catch (error) {
      lastError = error
      // No answer, or one that something broke, tells nothing of versions.
      const status = error instanceof TargetError ? error.status : undefined
      if (status === undefined || status >= 500) throw error
      spoken[known] = false
    }
  }
  gateway.spoken.delete(target.name)
  throw lastError ?? new TargetError(`${target.name} speaks no version of MCP the gateway does`)
}

async function openOne(
  target: McpTarget,
  stateless: boolean,
  spoken: { stateless?: boolean },
  capabilities: Record<string, unknown>,
  version: string,
  outgoing: Outgoing,
): Promise<Connection> {
  if (stateless && spoken.stateless === true) {
    return { target, stateless, version: STATELESS_VERSION, sessionId: undefined }
  }
  return connect(target, stateless, capabilities, version, outgoing)
}
