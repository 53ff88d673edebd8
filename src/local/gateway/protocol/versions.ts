/**
 * The two families of MCP on one endpoint. One has `initialize` and maybe a session. The other is stateless:
 * every request tells its version and the client's capabilities in `_meta`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
 */

export const STATELESS_VERSION = '2026-07-28'
export const PROTOCOL_VERSIONS = [
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
  STATELESS_VERSION,
] as const

/** The version of a request without `MCP-Protocol-Version`. */
export const ASSUMED_VERSION = '2025-03-26'

export const META = {
  version: 'io.modelcontextprotocol/protocolVersion',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
} as const

/** Tells a client of the stateless version to keep no copy. Things change whenever a seller restarts. */
export const NOT_CACHED = { ttlMs: 0, cacheScope: 'private' } as const

/** The version that answers `initialize`: the one that was asked for, else the newest with `initialize`. */
export function negotiate(asked: unknown, supported: readonly string[]): string {
  const offered = withSessions(supported)
  const same = offered.find((version) => version === asked)
  return same ?? [...offered].sort().at(-1) ?? ASSUMED_VERSION
}

/** The versions that have `initialize`. */
export function withSessions(versions: readonly string[]): string[] {
  return versions.filter((version) => version !== STATELESS_VERSION)
}
