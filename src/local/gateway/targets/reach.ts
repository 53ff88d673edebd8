import type { Gateway } from '../protocol/gateway-state.js'
import { connect, type Introduction } from './handshake.js'
import type { McpTarget } from '../protocol/options.js'
import { type Outgoing, TargetError } from './target-connection.js'
import type { Connection } from '../protocol/session.js'
import { PROTOCOL_VERSIONS, STATELESS_VERSION } from '../protocol/versions.js'

const NEWEST_WITH_SESSIONS = PROTOCOL_VERSIONS[2]

/**
 * Connects to a server on behalf of a client. The client's own family of versions is tried first, then the
 * other one. What a server turned out to speak is remembered.
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
      // A failure without an answer says nothing about versions. Nor does a status of 500 or more.
      const status = error instanceof TargetError ? error.status : undefined
      if (status === undefined || status >= 500) throw error
      spoken[known] = false
    }
  }
  gateway.spoken.delete(target.name)
  throw lastError ?? new TargetError(`${target.name} speaks no version of MCP the gateway does`)
}

/**
 * Whether the handshake can be left out. In the stateless version it only finds out that the server speaks
 * it.
 */
function isKnownStateless({ stateless }: Introduction, spoken: { stateless?: boolean }): boolean {
  return stateless && spoken.stateless === true
}
