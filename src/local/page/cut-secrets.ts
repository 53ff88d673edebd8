import { isRecord } from '../../wire/json.js'
import { decodeHeader } from '../../wire/x402.js'
import { withoutSecrets } from '../lines/without-secrets.js'

/** Members whose value proves who pays. */
const SECRET =
  /^(signature|authorization|x-payment|payment-signature|.*(token|secret|password|privatekey|apikey))$/i

/** Whether a member of that name has a value that proves who pays. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name)
}

/** Deeper values are left out. */
const MAX_DEPTH = 20
/** The page keeps many calls, so a longer text is cut. Unit: characters. */
const MAX_CHARS = 4_000
/** More members than a payment or an answer has. */
const MAX_MEMBERS = 500

/**
 * A JSON value without what proves who pays. A token that is an encoded payment is decoded first, so that one sees what
 * it says.
 */
export function cutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return withoutSecrets(shortened(value))
  if (depth > MAX_DEPTH) return '…'
  if (Array.isArray(value)) {
    return value.slice(0, MAX_MEMBERS).map((one) => cutSecrets(one, depth + 1))
  }
  if (!isRecord(value)) return value
  const members = Object.entries(value).slice(0, MAX_MEMBERS)
  return Object.fromEntries(
    members.map(([name, one]) => [
      name,
      typeof one === 'string' && isSecretName(name) ? cut(one, depth) : cutSecrets(one, depth + 1),
    ]),
  )
}

function shortened(text: string): string {
  return text.length <= MAX_CHARS
    ? text
    : `${text.slice(0, MAX_CHARS)} … (${text.length} characters)`
}

function cut(text: string, depth: number): unknown {
  const decoded = decodeHeader(text)
  return decoded === undefined
    ? `… (${text.length} characters)`
    : { decoded: cutSecrets(decoded, depth + 1) }
}
