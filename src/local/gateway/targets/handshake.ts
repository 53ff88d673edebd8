import type { McpTarget } from '../protocol/options.js'
import { CLIENT_INFO, type Outgoing, TargetError, ask, post } from './target-connection.js'
import type { Connection } from '../protocol/session.js'
import { PROTOCOL_VERSIONS, STATELESS_VERSION } from '../protocol/versions.js'

/**
 * A handshake, in the family of versions that is asked for.
 *
 * @throws TargetError if the server does not speak it.
 */
export async function connect(
  target: McpTarget,
  stateless: boolean,
  capabilities: Record<string, unknown>,
  version: string,
  outgoing: Outgoing,
): Promise<Connection> {
  return stateless
    ? discover(target, outgoing)
    : initialize(target, capabilities, version, outgoing)
}

async function discover(target: McpTarget, outgoing: Outgoing): Promise<Connection> {
  const connection: Connection = {
    target,
    stateless: true,
    version: STATELESS_VERSION,
    sessionId: undefined,
  }
  const { result } = await ask(connection, 'server/discover', {}, outgoing)
  const versions = result['supportedVersions']
  if (Array.isArray(versions) && versions.includes(STATELESS_VERSION)) return connection
  throw new TargetError(`${target.name} does not speak ${STATELESS_VERSION}`, 200)
}

async function initialize(
  target: McpTarget,
  capabilities: Record<string, unknown>,
  version: string,
  outgoing: Outgoing,
): Promise<Connection> {
  const first: Connection = { target, stateless: false, version: '', sessionId: undefined }
  const params = { protocolVersion: version, capabilities, clientInfo: CLIENT_INFO }
  const { result, headers } = await ask(first, 'initialize', params, outgoing)
  const agreed = result['protocolVersion']
  const known: readonly unknown[] = PROTOCOL_VERSIONS
  if (typeof agreed !== 'string' || !known.includes(agreed)) {
    throw new TargetError(`${target.name} speaks no version the gateway knows`, 200)
  }
  const connection = { ...first, version: agreed, sessionId: headers['mcp-session-id'] }
  const ready = { jsonrpc: '2.0', method: 'notifications/initialized' }
  await post(connection, ready, outgoing)
  return connection
}
