import { accountOf, prefixOf } from '../../../nevermined/environments.js'
import { decodeHeader } from '../../../wire/x402.js'
import type { Finding } from '../thing.js'
import type { NewThing } from './found.js'

/** An API key of Nevermined: its prefix, and a JWT. */
export const API_KEY = /(?<![\w-])[\w-]{1,20}:eyJ[\w-]+\.[\w-]+\.[\w-]*/
/** A JWT alone. */
export const JWT = /(?<![\w.-])eyJ[\w-]+\.[\w-]+\.[\w-]*/

/** Claims that say whose a key is and how long it is good. No other claim is shown: one of them is a key itself. */
const SHOWN = ['sub', 'iss', 'aud', 'iat', 'nbf', 'exp'] as const

/** What is known of a key. The key itself is left behind here, so that nothing can print it. */
export function keyThing(
  key: string,
  place: Pick<NewThing, 'carrier' | 'header'> & { problems: readonly Finding[] },
): NewThing {
  const prefix = prefixOf(key)
  const claims = claimsOf(key)
  const shown = Object.fromEntries(SHOWN.flatMap((name) => pair(name, claims?.[name])))
  const others = Object.keys(claims ?? {}).filter((name) => !SHOWN.some((one) => one === name))
  return {
    ...place,
    kind: 'api_key',
    value: {
      prefix,
      characters: key.length,
      account: accountOf(key),
      isWhole: claims !== undefined,
      claims: shown,
      otherClaims: others.length,
    },
  }
}

/** The claims of a JWT, after a prefix or without one. They are not verified. */
export function claimsOf(token: string): Record<string, unknown> | undefined {
  const [, payload = ''] = token.slice(token.indexOf(':') + 1).split('.')
  return decodeHeader(payload)
}

function pair(name: string, value: unknown): [string, unknown][] {
  const isPlain = typeof value === 'number' || (typeof value === 'string' && value.length <= 200)
  return isPlain ? [[name, value]] : []
}
