import { isSecretName } from '../../local/page/cut-secrets.js'
import { withoutSecrets } from '../../local/lines/without-secrets.js'
import { isRecord } from '../../wire/json.js'

/** Members that hold addresses. Those of Solana look like a secret. */
const ADDRESSES = /^(asset|payTo|from|to|payer|feePayer|recipient|currency)$/i
const EVM_ADDRESS = /^0x[\da-f]{40}$/i
const SOLANA_ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/
/** Members that hold what stands on a chain, or names something. A private key looks like a hash. */
const HASHES = /^(nonce|.*transaction(hash)?|hash|txHash|permissionHash|reference|orderTx|salt)$/i
const HASH = /^(0x[\da-fA-F]{64}|[1-9A-HJ-NP-Za-km-z]{86,88})$/
/** Ids of challenges, refunds and payments: whoever knows them can do nothing with them. */
const IDS = /^(id|challengeId|jti|delegationId)$/
const ID = /^[\w-]{1,80}(\.[\w-]{1,16})?$/
/** The member of a token of Nevermined that holds a session key. */
const SESSION_KEY = 'data'
/** A JWT, and an API key around it. */
const JWT = /([\w-]{1,20}:)?eyJ[\w-]+(\.[\w-]*)+/g
/** Deeper values are left out. */
const MAX_DEPTH = 20
/** Unit: characters. */
const MAX_CHARS = 2_000
/** More members than a payment or a challenge has. */
const MAX_MEMBERS = 500

/** A JSON value without signatures, tokens and keys. */
export function withoutKeys(value: unknown, name = '', depth = 0): unknown {
  if (typeof value === 'string') return safeText(value, name)
  if (depth > MAX_DEPTH) return '…'
  if (Array.isArray(value)) {
    return value.slice(0, MAX_MEMBERS).map((one) => withoutKeys(one, name, depth + 1))
  }
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_MEMBERS)
      .map(([key, one]) => [withoutSecrets(key), withoutKeys(one, key, depth + 1)]),
  )
}

/** A text of a member. One that proves who pays is told by its length alone. */
export function safeText(value: string, name = ''): string {
  if (EVM_ADDRESS.test(value)) return value
  if (ADDRESSES.test(name) && SOLANA_ADDRESS.test(value)) return value
  if (HASHES.test(name) && HASH.test(value)) return value
  if (IDS.test(name) && ID.test(value)) return value
  const isKey = /^(0x)?[\da-f]{64}$/i.test(value)
  if (isKey || ((isSecretName(name) || name === SESSION_KEY) && value !== '')) return cut(value)
  const kept = withoutSecrets(value.slice(0, MAX_CHARS).replace(JWT, '…'))
  if (kept === '…') return cut(value)
  return value.length > MAX_CHARS ? `${kept} … (${value.length} characters)` : kept
}

function cut(value: string): string {
  return `… (${value.length} characters)`
}
