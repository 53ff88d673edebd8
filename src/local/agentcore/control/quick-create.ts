import { randomUUID } from 'node:crypto'
import { addManagedProvider } from './credential-providers.js'
import { lookUp, turn } from '../world/lifecycle.js'
import type { Connector, World } from '../world/world.js'

/** How long somebody has to agree. The real time is not documented. Unit: ms. */
const AUTHENTICATION_MS = 15 * 60_000

/** The path at which a browser agrees to a connector. */
export const AUTHORIZE_PATH = '/wallets/authorize/'

/** Gives a connector a new URL, and waits for somebody to open it. Opening it is agreeing. */
export function awaitAuthentication(world: World, connector: Connector, origin: string): void {
  connector.authorizationUrl = `${origin}${AUTHORIZE_PATH}${connector.id}/${randomUUID()}`
  connector.status = 'PENDING_AUTHENTICATION'
  connector.updatedAtMs = world.now()
  const atMs = world.now() + AUTHENTICATION_MS
  connector.next = { status: 'AUTHENTICATION_EXPIRED', atMs }
}

/**
 * Takes the opening of a path below {@link AUTHORIZE_PATH} as consent.
 *
 * @returns false if no consent was awaited there.
 */
export function authenticate(world: World, path: string): boolean {
  const id = path.slice(AUTHORIZE_PATH.length).split('/')[0] ?? ''
  const connector = lookUp(world.connectors, id, world.now())
  if (connector?.status !== 'PENDING_AUTHENTICATION') return false
  if (!connector.authorizationUrl?.endsWith(path)) return false
  if (connector.authenticationFails) {
    connector.status = 'AUTHENTICATION_FAILED'
    connector.next = undefined
    return true
  }
  turn(world, connector, 'PROVISIONING', 'READY')
  connector.credentialsUpdatedAtMs = connector.updatedAtMs
  connector.configurations = [addManagedProvider(world, connector)]
  return true
}
