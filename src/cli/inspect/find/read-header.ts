import {
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  PAYMENT_SIGNATURE_HEADER,
  REFUND_DUE_HEADER,
  X_PAYMENT_HEADER,
  X_PAYMENT_RESPONSE_HEADER,
} from '../../../wire/x402.js'
import { API_KEY, keyThing } from './key-in-text.js'
import type { Found } from './found.js'
import { kindOf } from './kind-of.js'
import { addMppChallenges } from './mpp-in-header.js'
import { readBase64 } from './read-base64.js'
import type { Finding, Kind } from '../thing.js'

/** What each header holds. Names are in lower case. */
const BASE64_HEADERS: Readonly<Record<string, readonly [kind: Kind, what: string]>> = {
  [PAYMENT_SIGNATURE_HEADER]: ['payment', 'a payment'],
  [X_PAYMENT_HEADER]: ['payment', 'a payment of x402 v1'],
  [PAYMENT_REQUIRED_HEADER]: ['challenge', 'a challenge'],
  [PAYMENT_RESPONSE_HEADER]: ['receipt', 'a receipt'],
  [X_PAYMENT_RESPONSE_HEADER]: ['receipt', 'a receipt of x402 v1'],
  [REFUND_DUE_HEADER]: ['refund_due', 'a refund that is due'],
  'payment-receipt': ['mpp_receipt', 'a receipt of MPP'],
}

/** Every header that {@link readHeader} knows. */
export const HEADER_NAMES: readonly string[] = [
  ...Object.keys(BASE64_HEADERS),
  ...['www-authenticate', 'authorization', 'payment-authorization'],
]

/** The headers whose value goes on in lines that begin with a space. */
export function isFolded(name: string): boolean {
  return name === 'www-authenticate'
}

/**
 * Reads the value of a header.
 *
 * @returns whether a header of that name is known here
 */
export function readHeader(name: string, text: string, carrier: string, found: Found): boolean {
  const at = carrier === '' ? `the header ${name}` : carrier
  if (name === 'www-authenticate') addMppChallenges(text, at, found)
  else if (name === 'authorization' || name === 'payment-authorization') {
    readAuthorization(text, at, found)
  } else {
    const expected = Object.hasOwn(BASE64_HEADERS, name) ? BASE64_HEADERS[name] : undefined
    if (expected === undefined) return false
    if (text.trim() !== '') readValue({ name, text, carrier: at }, expected, found)
  }
  return true
}

interface Header {
  readonly name: string
  readonly text: string
  readonly carrier: string
}

function readValue(
  { name, text, carrier }: Header,
  [kind, what]: readonly [Kind, string],
  found: Found,
): void {
  const key = API_KEY.exec(text)?.[0]
  if (key !== undefined) {
    const message = `An API key is in the header ${name}, where ${what} belongs.`
    return found.add(keyThing(key, { carrier, header: name, problems: [fail(message, REVOKE)] }))
  }
  const { value, problems } = readBase64(text, name)
  const place = { carrier, header: name }
  if (value === undefined) return found.add({ ...place, kind: 'unreadable', value: {}, problems })
  // A value that is like nothing else is taken for what belongs there, so that its missing members are named.
  const real = kindOf(value) ?? kind
  const message = `The header ${name} holds ${NAMES[real]}, and ${what} belongs there.`
  const misplaced = real === kind ? [] : [fail(message, CURES[kind] ?? '')]
  found.add({ ...place, kind: real, value, problems: [...problems, ...misplaced] })
}

const REVOKE =
  'Revoke the key in the Nevermined app: whoever saw the header can use it. Then send what getX402AccessToken gives.'

/** What each kind is called. */
export const NAMES: Readonly<Record<Kind, string>> = {
  challenge: 'a challenge',
  requirement: 'one way to pay',
  payment: 'a payment',
  verify_answer: 'the answer of a facilitator to verify',
  receipt: 'a receipt',
  refund_due: 'a refund that is due',
  error_answer: 'an error of Nevermined',
  seller_answer: 'a refusal of a seller',
  mpp_challenge: 'a challenge of MPP',
  mpp_credential: 'a credential of MPP',
  mpp_receipt: 'a receipt of MPP',
  api_key: 'an API key',
  unreadable: 'something that cannot be read',
}

const CURES: Partial<Record<Kind, string>> = {
  payment: 'Let a payer such as payingFetch make a payment for the challenge, and send that.',
  challenge: 'A seller sends base64 of the challenge here.',
  receipt: 'A seller sends base64 of the settle answer here.',
}

/** `Authorization` belongs to its caller. Only what pays, and keys of Nevermined, are read. */
function readAuthorization(text: string, carrier: string, found: Found): void {
  const header = 'authorization'
  const [, scheme = '', rest = ''] = /^\s*([\w-]+)\s+([^]*)$/.exec(text) ?? []
  const key = API_KEY.exec(text)?.[0]
  if (key !== undefined) return found.add(keyThing(key, { carrier, header, problems: [] }))
  if (scheme.toLowerCase() === 'payment') {
    const { value, problems } = readBase64(rest, header)
    const kind = value && kindOf(value)
    return found.add({
      kind: kind === undefined ? 'unreadable' : kind,
      value: value ?? {},
      ...{ carrier, header, problems },
    })
  }
  const { value, problems } = readBase64(text, header)
  const kind = value && kindOf(value)
  if (value !== undefined && kind === 'payment')
    found.add({ kind, value, carrier, header, problems })
}

function fail(message: string, cure: string): Finding {
  return { level: 'fail', path: '', message, cure }
}

/** Adds what a text without a header's name holds, if it is base64 of something known. */
export function readBareBase64(text: string, carrier: string, found: Found): Nested | undefined {
  const { value, problems } = readBase64(text)
  const kind = value && kindOf(value)
  if (value !== undefined && kind !== undefined) {
    found.add({ kind, value, carrier, problems })
    return undefined
  }
  if (value !== undefined) return { value, carrier }
  const isCutOff = problems.some(({ message }) => /of JSON that/.test(message))
  if (isCutOff) found.add({ kind: 'unreadable', value: {}, carrier, problems })
  return undefined
}

/** An object that may hold something known. */
export interface Nested {
  readonly value: Record<string, unknown>
  readonly carrier: string
}
