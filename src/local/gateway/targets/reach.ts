import type { Gateway } from '../protocol/gateway-state.js'
import { connect, type Introduction } from './handshake.js'
import type { McpTarget } from '../protocol/options.js'
import { type Outgoing, TargetError } from './target-connection.js'
import type { Connection } from '../protocol/session.js'
import { PROTOCOL_VERSIONS, STATELESS_VERSION } from '../protocol/versions.js'

const NEWEST_WITH_SESSIONS = PROTOCOL_VERSIONS[2]

/**
 * A connection to a server, on behalf of a client: in the client's own family of versions if the server speaks it, else in the
 * other. What a server turned out to speak is remembered.
 *
 * @throws TargetError
 */
export async function reach(
  gateway: Gateway,
  target: McpTarget,
  client: Introduction,
  outgoing: Outgoing,
): Promise<Connection> {
  const spoken = gateway.spoken.get(target.name) ?? {}
  gateway.spoken.set(target.name, spoken)
  const families = gateway.settings.protocolVersions.includes(STATELESS_VERSION)
    ? [client.stateless, !client.stateless]
    : [false]
  const version = client.stateless ? NEWEST_WITH_SESSIONS : client.version
  let lastError: unknown
  for (const stateless of families) {
    const known = stateless ? 'stateless' : 'withSessions'
    if (spoken[known] === false) continue
    try {
      const introduction = { ...client, stateless, version }
      const connection = isKnownStateless(introduction, spoken)
        ? { target, stateless, version: STATELESS_VERSION, sessionId: undefined }
        : await connect(target, introduction, outgoing)
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

/** The stateless version has nothing to agree on; the handshake only finds out that it is spoken. */
function isKnownStateless({ stateless }: Introduction, spoken: { stateless?: boolean }): boolean {
  return stateless && spoken.stateless === true
}
