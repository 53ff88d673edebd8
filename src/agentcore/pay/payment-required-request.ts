import { PaymentError } from '../../errors/payment-error.js'
import { mppChallenges, type MppChallenge } from '../../wire/mpp.js'
import { MAX_TOKEN_CHARS, PAYMENT_REQUIRED_HEADER, decodeHeader } from '../../wire/x402.js'
import { isRecord } from '../../wire/json.js'

/** An answer with status 402, as it came from the seller. */
export interface PaymentRequiredRequest {
  /** The status of the answer: 402. */
  statusCode: number
  /** Where the answer came from, e.g. `response.url`. `limits.hosts` needs it. */
  url?: string | undefined
  /** Names in any case; a header that came several times is a list. `Headers` of `fetch` will do. */
  headers?: Iterable<readonly [string, string]> | Readonly<Record<string, unknown>> | undefined
  /** An object, or its JSON. */
  body?: unknown
}

/** What a 402 asks for: x402, MPP, or both. */
export interface Offer {
  x402?: X402Offer | undefined
  mpp: readonly MppChallenge[]
}

export interface X402Offer {
  version: 1 | 2
  /** As the seller wrote them, unchecked. */
  accepts: readonly unknown[]
  resource: unknown
  extensions: unknown
}

const REQUEST = 'paymentRequiredRequest'

/**
 * Reads a 402. A header counts before the body. The payload itself says which version it is.
 *
 * @throws PaymentError with code `invalid_input` if it is no 402.
 * @throws PaymentError with code `challenge_unreadable` if it asks for nothing that can be read.
 * @throws PaymentError with code `payment_unusable` if it is of another version of x402.
 */
export function readPaymentRequired(request: unknown): Offer {
  if (!isRecord(request)) throw invalid(REQUEST, 'expected { statusCode, headers, body }')
  if (request['statusCode'] !== 402) throw invalid(`${REQUEST}.statusCode`, 'expected 402')
  const { url } = request
  if (url !== undefined && typeof url !== 'string')
    throw invalid(`${REQUEST}.url`, 'expected a URL')
  const headers = headerLists(request['headers'])
  const mpp = mppChallenges(headers.get('www-authenticate'))
  const written = [inHeaders(headers), inBody(request['body'])].filter((one) => one !== undefined)
  if (written.length === 0 && mpp.length === 0) throw unreadable()
  const x402 = written.flatMap(offerOf)[0]
  if (x402 !== undefined || mpp.length > 0) return { x402, mpp }
  const message = `${REQUEST}: x402Version is neither 1 nor 2; nothing was paid`
  throw new PaymentError('payment_unusable', message)
}

/** An x402 challenge, or its JSON. `undefined` if it is no challenge, or of another version. */
export function readX402(body: unknown): X402Offer | undefined {
  const written = inBody(body)
  return written === undefined ? undefined : offerOf(written)[0]
}

/** The MPP challenges of a 402. */
export function mppIn(request: unknown): MppChallenge[] {
  const headers = isRecord(request) ? headerLists(request['headers']) : undefined
  return mppChallenges(headers?.get('www-authenticate'))
}

/** The members that x402 has in both versions. */
interface PaymentRequired {
  x402Version: unknown
  accepts: unknown[]
  resource?: unknown
  extensions?: unknown
}

function headerLists(headers: unknown): Map<string, string[]> {
  const lists = new Map<string, string[]>()
  for (const [name, value] of entriesOf(headers)) {
    const values: unknown[] = Array.isArray(value) ? value : [value]
    const texts = values.filter((one) => typeof one === 'string')
    const list = lists.get(name.toLowerCase())
    if (list === undefined) lists.set(name.toLowerCase(), texts)
    else for (const text of texts) list.push(text)
  }
  return lists
}

function entriesOf(headers: unknown): [string, unknown][] {
  if (headers === undefined || headers === null) return []
  if (typeof headers !== 'object') throw invalid(`${REQUEST}.headers`, 'expected an object')
  if (!(Symbol.iterator in headers)) return Object.entries(headers)
  return [...(headers as Iterable<unknown>)].flatMap((entry): [string, unknown][] =>
    Array.isArray(entry) && typeof entry[0] === 'string' ? [[entry[0], entry[1]]] : [],
  )
}

function inHeaders(headers: ReadonlyMap<string, string[]>): PaymentRequired | undefined {
  const [text = ''] = headers.get(PAYMENT_REQUIRED_HEADER) ?? []
  // Buffer skips characters that are no base64.
  const isBase64 = /^[\w+/-]+={0,2}$/.test(text.trim())
  return isBase64 ? asPaymentRequired(decodeHeader(text.trim())) : undefined
}

/** A copy, so that nobody can change it after the checks. */
function inBody(body: unknown): PaymentRequired | undefined {
  try {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    if (typeof text !== 'string' || text.length > MAX_TOKEN_CHARS) return undefined
    return asPaymentRequired(JSON.parse(text))
  } catch {
    return undefined
  }
}

function asPaymentRequired(value: unknown): PaymentRequired | undefined {
  if (!isRecord(value) || !('x402Version' in value)) return undefined
  const { x402Version, accepts, resource, extensions } = value
  const isOffer = Array.isArray(accepts) && accepts.length > 0
  return isOffer ? { x402Version, accepts, resource, extensions } : undefined
}

function offerOf({ x402Version, accepts, resource, extensions }: PaymentRequired): X402Offer[] {
  const version = typeof x402Version === 'string' ? Number(x402Version) : x402Version
  return version === 1 || version === 2 ? [{ version, accepts, resource, extensions }] : []
}

function unreadable(): PaymentError {
  const places = 'x402 (header payment-required, or body) nor with MPP (header www-authenticate)'
  const message = `${REQUEST}: asks for a payment neither with ${places}`
  return new PaymentError('challenge_unreadable', message)
}

function invalid(field: string, expected: string): PaymentError {
  return new PaymentError('invalid_input', `${field}: ${expected}`)
}
