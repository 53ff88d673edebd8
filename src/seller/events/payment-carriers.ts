import { isDeepStrictEqual } from 'node:util'
import {
  MAX_TOKEN_CHARS,
  PAYMENT_META_KEY,
  PAYMENT_SIGNATURE_HEADER,
  SEAL_HEADER,
  X_PAYMENT_HEADER,
  asPayment,
  decodeHeader,
  encodeToken,
} from '../../wire/x402.js'
import { isOtherSpelling } from './folded.js'
import { isRecord } from '../../wire/json.js'

/**
 * The places that a payment can come in. For one call: `params._meta["x402/payment"]` (an object as x402 over
 * MCP has it, or its base64), and `params.arguments.headers` (as AWS's payments plugin sends it). For a
 * connection: HTTP headers. A payment for one call wins. If there are two that differ, both are refused.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/mcp.md
 */
export type FoundPayment =
  | { kind: 'none' }
  | { kind: 'ambiguous' }
  /** The text, unless it is too long to be a payment. */
  | { kind: 'malformed'; token?: string }
  | Payment

/** A payment as it came. */
export interface Payment {
  kind: 'token'
  /** The text that is relayed to the facilitator, byte for byte. */
  token: string
  /** The payment, decoded once. `undefined` if the text is no base64 of a JSON object. */
  payload: Record<string, unknown> | undefined
  /** Whether it came in an HTTP header. The Gateway may not show that header to the response phase. */
  inHeader: boolean
}

/** The places where payments may be in one event, and how they are decoded. */
export interface Carriers {
  /** Lower-case names of HTTP headers. */
  readonly tokenHeaders: readonly string[]
  /** Decodes a text once, however often it is asked for. */
  readonly decode: (text: string) => Record<string, unknown> | undefined
}

/** @param tokenHeaders lower-case names of HTTP headers. */
export function carriersOf(tokenHeaders: readonly string[]): Carriers {
  const decoded = new Map<string, Record<string, unknown> | undefined>()
  return {
    tokenHeaders,
    decode(text) {
      if (!decoded.has(text)) decoded.set(text, decodeHeader(text))
      return decoded.get(text)
    },
  }
}

type Headers = Record<string, unknown>

/** Reads the payment of a call; the request itself is not changed. */
export function findPayment(
  headers: Headers | undefined,
  params: Record<string, unknown> | undefined,
  carriers: Carriers,
): FoundPayment {
  const perCall = perCallPayments(params, carriers)
  const [first, ...others] = perCall
  if (first === undefined) return fromHttpHeaders(headers, carriers)
  const malformed = perCall.find(({ kind }) => kind === 'malformed')
  if (malformed !== undefined) return malformed
  return others.every((other) => samePayment(first, other)) ? first : { kind: 'ambiguous' }
}

/**
 * A copy of the HTTP headers without any payment, and without the header that only the interceptor writes.
 */
export function stripHeaders(headers: Headers, carriers: Carriers): Headers {
  return withoutEntries(
    headers,
    (name, value) => name.toLowerCase() === SEAL_HEADER || isPayment(name, value, carriers),
  )
}

/** Every value under {@link SEAL_HEADER}, in any case. */
export function sealsIn(headers: Headers | undefined): string[] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    name.toLowerCase() === SEAL_HEADER && typeof value === 'string' ? [value] : [],
  )
}

export function withoutSeals(headers: Headers): Headers {
  return withoutEntries(headers, (name) => name.toLowerCase() === SEAL_HEADER)
}

/**
 * A copy of `params` without any payment. The key in `_meta` and the payment headers in `arguments.headers`
 * are removed. `arguments.headers` itself is removed if it is then empty.
 */
export function stripParams(
  params: Record<string, unknown>,
  carriers: Carriers,
): Record<string, unknown> {
  const stripped = { ...params }
  if (isRecord(params['_meta']) && Object.hasOwn(params['_meta'], PAYMENT_META_KEY)) {
    stripped['_meta'] = withoutEntries(params['_meta'], (name) => name === PAYMENT_META_KEY)
  }
  const args = params['arguments']
  const headers = isRecord(args) ? args['headers'] : undefined
  if (isRecord(args) && isRecord(headers)) {
    const kept = withoutEntries(headers, (name, value) => isPayment(name, value, carriers))
    if (Object.keys(kept).length === Object.keys(headers).length) return stripped
    stripped['arguments'] =
      Object.keys(kept).length > 0
        ? { ...args, headers: kept }
        : withoutEntries(args, (name) => name === 'headers')
  }
  return stripped
}

/**
 * Whether a payment's place is spelled in another way. A target might read such a payment, and we would not.
 */
export function hidesPayment(
  params: Record<string, unknown> | undefined,
  carriers: Carriers,
): boolean {
  const { _meta: meta, arguments: args } = params ?? {}
  const inMeta = isRecord(meta) ? Object.keys(meta) : []
  if (inMeta.some((key) => isOtherSpelling(key, [PAYMENT_META_KEY]))) return true
  return Object.entries(isRecord(args) ? args : {}).some(
    ([key, headers]) =>
      isOtherSpelling(key, ['headers']) &&
      isRecord(headers) &&
      Object.entries(headers).some(([name, value]) => isPayment(name, value, carriers)),
  )
}

function perCallPayments(
  params: Record<string, unknown> | undefined,
  carriers: Carriers,
): FoundPayment[] {
  const meta = params?.['_meta']
  const args = params?.['arguments']
  const headers = isRecord(args) ? args['headers'] : undefined
  const inHeaders = isRecord(headers)
    ? Object.entries(headers).filter(([name, value]) => isPayment(name, value, carriers))
    : []
  // Header values come first: they are relayed byte for byte. An object has to be encoded again.
  const found = inHeaders.map(([, value]) => toPayment(value, carriers))
  if (isRecord(meta) && Object.hasOwn(meta, PAYMENT_META_KEY)) {
    const payload = meta[PAYMENT_META_KEY]
    found.push(isRecord(payload) ? encodePayment(payload) : inText(payload, carriers))
  }
  return found
}

/** Reads a text in `_meta`: Cloudflare's `agents/x402` puts the header's text there. */
function inText(text: unknown, carriers: Carriers): FoundPayment {
  const payment = toPayment(text, carriers)
  const isText = payment.kind === 'token' && payment.payload === undefined
  return isText ? { kind: 'malformed', token: payment.token } : payment
}

/**
 * Encodes a payment that is an object. One that is nested deeper than the stack cannot be encoded, and is
 * refused.
 */
function encodePayment(payload: Record<string, unknown>): FoundPayment {
  try {
    const token = encodeToken(payload)
    return isUsable(token)
      ? { kind: 'token', token, payload, inHeader: false }
      : { kind: 'malformed' }
  } catch {
    return { kind: 'malformed' }
  }
}

function fromHttpHeaders(headers: Headers | undefined, carriers: Carriers): FoundPayment {
  if (headers === undefined) return { kind: 'none' }
  const present: { name: string; payment: FoundPayment }[] = []
  for (const wanted of carriers.tokenHeaders) {
    for (const [name, value] of Object.entries(headers)) {
      if (name.toLowerCase() !== wanted || value === '' || value === null) continue
      present.push({ name: wanted, payment: toPayment(value, carriers) })
    }
  }
  const relayed = present.filter(({ name }) => name !== 'authorization')
  // Values are decoded only to choose between them. A single header needs no choice.
  const chosen =
    present.length === 1 && relayed[0] ? relayed[0] : (present.find(decodes) ?? relayed[0])
  const payment = chosen?.payment ?? { kind: 'none' }
  return payment.kind === 'token' ? { ...payment, inHeader: true } : payment
}

function decodes({ payment }: { payment: FoundPayment }): boolean {
  return payment.kind === 'token' && asPayment(payment.payload) !== undefined
}

function toPayment(value: unknown, { decode }: Carriers): FoundPayment {
  const token = withoutBearer(value)
  return isUsable(token)
    ? { kind: 'token', token, payload: decode(token), inHeader: false }
    : { kind: 'malformed' }
}

function isUsable(token: string): boolean {
  return token !== '' && token.length <= MAX_TOKEN_CHARS
}

function withoutBearer(value: unknown): string {
  return typeof value === 'string' ? value.trim().replace(/^bearer\s+/i, '') : ''
}

function samePayment(a: FoundPayment, b: FoundPayment): boolean {
  if (a.kind !== 'token' || b.kind !== 'token') return false
  if (a.token === b.token) return true
  try {
    return asPayment(a.payload) !== undefined && isDeepStrictEqual(a.payload, b.payload)
  } catch {
    return false // The text is nested deeper than the stack.
  }
}

function isPayment(name: string, value: unknown, { tokenHeaders, decode }: Carriers): boolean {
  const lower = name.toLowerCase()
  if (lower === PAYMENT_SIGNATURE_HEADER || lower === X_PAYMENT_HEADER) return true
  if (!tokenHeaders.includes(lower)) return false
  // This header can also hold the caller's identity. Only a payment in it is removed.
  return lower !== 'authorization' || asPayment(decode(withoutBearer(value))) !== undefined
}

/** Copies own entries as data properties, so that a key named `__proto__` is an ordinary key. */
function withoutEntries(
  record: Record<string, unknown>,
  drop: (name: string, value: unknown) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name, value]) => !drop(name, value)))
}
