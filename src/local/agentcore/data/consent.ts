import { randomUUID } from 'node:crypto'
import type { World } from '../world/world.js'

/** Where a browser agrees to payments from a wallet. */
export const CONSENT_PATH = '/wallets/consent/'

/** An address that nobody can guess. */
export function consentUrl(origin: string, instrumentId: string): string {
  return `${origin}${CONSENT_PATH}${instrumentId}/${randomUUID()}`
}

/** Somebody opened a path below {@link CONSENT_PATH}. @returns false where nothing was awaited. */
export function consent(world: World, path: string): boolean {
  const id = path.slice(CONSENT_PATH.length).split('/')[0] ?? ''
  const instrument = world.instruments.get(id)
  if (!instrument?.redirectUrl.endsWith(path)) return false
  if (instrument.status !== 'INITIATED') return instrument.status === 'ACTIVE'
  instrument.status = 'ACTIVE'
  instrument.updatedAtMs = world.now()
  return true
}
