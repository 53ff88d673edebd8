import { kindOfText } from '../../mistakes/kind-of-text.js'
import type { Mistake } from '../../errors/mistake.js'
import { isRecord, parseJson } from '../../wire/json.js'
import { asPayment, decodeHeader } from '../../wire/x402.js'
import type { FoundPayment } from '../events/payment-carriers.js'

/**
 * The mistake of a buyer who sends something else than a payment. Only its kind and length are told: it may be a
 * key.
 *
 * @returns `undefined` if it can be read as a payment.
 */
export function unreadablePayment(found: FoundPayment): Mistake | undefined {
  if (found.kind === 'none' || found.kind === 'ambiguous') return undefined
  const { token } = found
  const payload = found.kind === 'token' ? found.payload : undefined
  const decoded = payload === undefined ? undefined : kindOfObject(payload)
  if (decoded === 'a payment' && (token === undefined || BASE64.test(token))) return undefined
  if (decoded === CHALLENGE || decoded === RECEIPT) return sentBack(decoded)
  const kind = decoded === undefined || decoded === 'a payment' ? kindOfSent(token) : decoded
  return {
    code: 'payment_unreadable',
    field: 'payment',
    problem: `what a buyer sent as its payment cannot be read: it looks like ${kind}`,
    expected: 'the text that getX402AccessToken or the signer of x402 gave, unchanged',
    cure: 'Nothing to do, unless the buyer is yours. Then let it send the whole text, and nothing else.',
  }
}

/** Decoders skip other characters. A facilitator need not. */
const BASE64 = /^[\w+/-]+={0,2}$/

const CHALLENGE = 'a challenge'
const RECEIPT = 'a receipt'

/** What a decoded object is. */
export function kindOfObject(value: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(value['accepts'])) return CHALLENGE
  if (asPayment(value) !== undefined) return 'a payment'
  if ('success' in value && 'transaction' in value) return RECEIPT
  if (isRecord(value['challenge'])) return 'a credential of MPP, which is no payment of x402'
  const missing = ['x402Version', 'payload'].filter((name) => !(name in value))
  return `base64 of JSON without ${missing.join(' and ') || 'a readable payload'}`
}

/** What helps a buyer who sends a challenge or a receipt. */
export const SENT_BACK_CURE =
  'Nothing to do, unless the buyer is yours. Then let a payer such as payingFetch or payingMcp make the payment.'

function sentBack(what: string): Mistake {
  return {
    code: 'challenge_sent_back',
    field: 'payment',
    problem: `a buyer sent ${what} where its payment belongs`,
    expected: 'a payment that is made for the challenge',
    cure: SENT_BACK_CURE,
  }
}

function kindOfSent(token: string | undefined): string {
  if (token === undefined) return 'an empty text, a text above 64 KiB, or no text at all'
  const known = kindOfText(token)
  const length = `a text of ${token.length} characters`
  const wrapped = WRAPPINGS.find(([, unwrap]) => isWhole(unwrap(token)))
  if (wrapped !== undefined) return `a payment ${wrapped[0]}`
  if (isCutOff(token)) return `base64 of JSON that ends too early: it is cut off (${length})`
  return known ?? length
}

function isWhole(text: string | undefined): boolean {
  const value = text === undefined ? undefined : (decodeHeader(text) ?? parseJson(text))
  return isRecord(value) && asPayment(value) !== undefined
}

/** What people and programs do to a payment on its way. */
const WRAPPINGS: readonly (readonly [how: string, unwrap: (text: string) => string | undefined])[] =
  [
    ['in quotes', (text) => /^["'](.+)["']$/.exec(text)?.[1]],
    ['that is URL-encoded', decoded],
    ['as JSON, without base64', (text) => (text.startsWith('{') ? text : undefined)],
    ['with its name before it', (text) => /^[\w-]{1,30}[:=]\s*(.+)$/.exec(text)?.[1]],
    ['that is in base64 twice', twiceDecoded],
    ['with characters in it that are not base64', (text) => text.replace(/[^\w+/=-]+/g, '')],
  ]

function decoded(text: string): string | undefined {
  try {
    return text.includes('%') ? decodeURIComponent(text) : undefined
  } catch {
    return undefined
  }
}

function twiceDecoded(text: string): string | undefined {
  const inner = Buffer.from(text, 'base64').toString()
  return BASE64.test(inner) ? inner : undefined
}

/** Whether it begins as base64 of an object does, and has no end. */
function isCutOff(token: string): boolean {
  const start = Buffer.from(token, 'base64').toString().trimStart()
  return start.startsWith('{"') && !start.trimEnd().endsWith('}') && !token.includes('.')
}
