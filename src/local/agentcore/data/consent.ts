import { randomUUID } from 'node:crypto'
import type { World } from '../world/world.js'

/** The path at which a browser agrees to payments from a wallet. */
export const CONSENT_PATH = '/wallets/consent/'

/** A URL that nobody can guess. */
export function consentUrl(origin: string, instrumentId: string): string {
  return `${origin}${CONSENT_PATH}${instrumentId}/${randomUUID()}`
}

/**
 * Takes the opening of a path below {@link CONSENT_PATH} as consent.
 *
 * @returns false if no consent was awaited there.
 */
export function consent(world: World, path: string): boolean {
  const id = path.slice(CONSENT_PATH.length).split('/')[0] ?? ''
  const instrument = world.instruments.get(id)
  if (!instrument?.redirectUrl.endsWith(path)) return false
  if (instrument.status !== 'INITIATED') return instrument.status === 'ACTIVE'
  instrument.status = 'ACTIVE'
  instrument.updatedAtMs = world.now()
  return true
}
