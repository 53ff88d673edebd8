import type { Mistake } from '../errors/mistake.js'
import { isLoopback } from '../wire/loopback.js'
import { decodeHeader } from '../wire/x402.js'
import { BACKENDS, KEY_PREFIXES, environmentAt, prefixOf } from './environments.js'

/** A key in words: its prefix is all that may be shown. */
export function keyInWords(apiKey: string): string {
  const prefix = prefixOf(apiKey)
  if (prefix === '') return 'the key without a prefix'
  const isKnown = prefix === 'local' || Object.hasOwn(KEY_PREFIXES, prefix)
  return isKnown ? `the key with the prefix '${prefix}:'` : 'the key with an unknown prefix'
}

/** The mistake behind a key that the API does not take. */
export function refusedKey(apiKey: string, url: string, code: string): Mistake {
  const { hostname } = new URL(url)
  const prefix = prefixOf(apiKey)
  const ofKey = Object.hasOwn(KEY_PREFIXES, prefix) ? KEY_PREFIXES[prefix] : undefined
  const problem = `${keyInWords(apiKey)} is refused by ${url} (${code})`
  const common = { field: 'nvmApiKey', problem }
  if (ofKey !== undefined && ofKey !== 'custom' && environmentAt(new URL(url)) !== ofKey) {
    return {
      ...common,
      code: 'key_of_other_environment',
      expected: isLoopback(hostname)
        ? "a key of the local stack, with the prefix 'local:'"
        : 'a key of the environment that is behind this URL',
      cure: `This key belongs to ${BACKENDS[ofKey]}. Take another key, or leave backendUrl out.`,
    }
  }
  const ends = keyExpiry(apiKey)
  if (ends !== undefined && ends.getTime() < Date.now()) {
    const when = ends.toISOString().slice(0, 10)
    return {
      ...common,
      code: 'key_refused',
      expected: `a key that is valid today: this one ended on ${when}`,
      cure: 'Make a new key in the Nevermined app.',
    }
  }
  return {
    ...common,
    code: 'key_refused',
    expected: 'a key that is whole and not revoked',
    cure: isLoopback(hostname)
      ? 'Take the key of the local stack that runs now. It prints the key when it starts.'
      : 'Copy the key again from the Nevermined app, or make a new one there.',
  }
}

/** When a key ends, if it says so. */
export function keyExpiry(apiKey: string): Date | undefined {
  const claims = decodeHeader(apiKey.slice(apiKey.indexOf(':') + 1).split('.')[1] ?? '')
  const exp = claims?.['exp']
  return typeof exp === 'number' && exp > 0 && exp < MAX_SECONDS ? new Date(exp * 1000) : undefined
}

/** Later times are no dates of JavaScript. Unit: s since the epoch. */
const MAX_SECONDS = 8.64e12
