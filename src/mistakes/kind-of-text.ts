import { looksLike } from '../errors/looks-like.js'

/** What people paste in the place of an id or a payment. The first that fits counts. */
const KINDS: readonly (readonly [form: RegExp, kind: string])[] = [
  [/^[\w-]{1,20}:eyJ/, 'an API key'],
  [/^eyJ[\w-]*\.[\w-]+\./, 'a JWT'],
  [/^eyJ[\w+/=-]+$/, 'base64 of JSON, as an access token is'],
  [/^(AKIA|ASIA)[A-Z\d]{12,}$/, 'an access key of AWS'],
  [/^did:/, 'a DID, which names an agent'],
  [/^(0x)?[\da-f]{64}$/i, 'a private key or a hash'],
  [/^0x[\da-f]{40}$/i, 'an address'],
  [/^\d{20,}$/, 'the id of a plan'],
]

/**
 * What a text looks like that was given in the wrong place, e.g. `an API key`.
 *
 * @returns `undefined` if it looks like nothing that is known here.
 */
export function kindOfText(text: string): string | undefined {
  return looksLike(text) ?? KINDS.find(([form]) => form.test(text))?.[1]
}
