import type { McpTarget } from '../protocol/options.js'
import { CLIENT_INFO, type Outgoing, TargetError, ask, post } from './target-connection.js'
import type { Dialect } from '../protocol/dialect.js'
import type { Connection } from '../protocol/session.js'
import { PROTOCOL_VERSIONS, STATELESS_VERSION } from '../protocol/versions.js'

/** What a server is told of the client. */
export interface Introduction extends Dialect {
  capabilities: Record<string, unknown>
}

/**
 * Connects to a server, in the family of versions that the introduction is in.
 *
 * @throws TargetError if the server does not speak it.
 */
export async function connect(
  target: McpTarget,
  introduction: Introduction,
  outgoing: Outgoing,
): Promise<Connection> {
  return introduction.stateless
    ? discover(target, outgoing)
    : initialize(target, introduction, outgoing)
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
  { version, capabilities }: Introduction,
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
