import { isDeepStrictEqual } from 'node:util'
import {
  MAX_TOKEN_CHARS,
  PAYMENT_META_KEY,
  PAYMENT_SIGNATURE_HEADER,
  SEAL_HEADER,
  X_PAYMENT_HEADER,
  decodeToken,
  encodeToken,
} from '../../wire/x402.js'
import { isRecord } from '../../wire/json.js'

/**
 * Where payments ride. Per call: `params._meta["x402/payment"]` (an object, the x402 MCP transport)
 * and `params.arguments.headers` (as AWS's buyer plugin sends it). Per connection: HTTP headers. A
 * per-call carrier wins; two that differ cannot both be meant.
 *
 * @see https://github.com/coinbase/x402/blob/main/specs/transports-v2/mcp.md
 */
export type FoundPayment = { kind: 'none' | 'malformed' | 'ambiguous' } | Payment

/** A payment as it came. */
export interface Payment {
  kind: 'token'
  /** Relayed to the facilitator byte for byte. */
  token: string
  /** Whether it came in an HTTP header, which the Gateway's response phase may not be shown. */
  inHeader: boolean
}

type Headers = Record<string, unknown>

/** Reads the payment of a call; the request itself is not changed. */
export function findPayment(
  headers: Headers | undefined,
  params: Record<string, unknown> | undefined,
  tokenHeaders: readonly string[],
): FoundPayment {
  const perCall = perCallPayments(params, tokenHeaders)
  const [first, ...others] = perCall
  if (first === undefined) return fromHttpHeaders(headers, tokenHeaders)
  if (perCall.some((payment) => payment.kind === 'malformed')) return { kind: 'malformed' }
  return others.every((other) => samePayment(first, other)) ? first : { kind: 'ambiguous' }
}

/** A copy of the HTTP headers without any payment, and without what only the interceptor writes. */
export function stripHeaders(headers: Headers, tokenHeaders: readonly string[]): Headers {
  return withoutEntries(
    headers,
    (name, value) => name.toLowerCase() === SEAL_HEADER || isPayment(name, value, tokenHeaders),
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
 * A copy of `params` without any payment: the `_meta` key, and the payment names in
 * `arguments.headers`, which goes too once it is empty.
 */
export function stripParams(
  params: Record<string, unknown>,
  tokenHeaders: readonly string[],
): Record<string, unknown> {
  const stripped = { ...params }
  if (isRecord(params['_meta']) && Object.hasOwn(params['_meta'], PAYMENT_META_KEY)) {
    stripped['_meta'] = withoutEntries(params['_meta'], (name) => name === PAYMENT_META_KEY)
  }
  const args = params['arguments']
  const headers = isRecord(args) ? args['headers'] : undefined
  if (isRecord(args) && isRecord(headers)) {
    const kept = withoutEntries(headers, (name, value) => isPayment(name, value, tokenHeaders))
    if (Object.keys(kept).length === Object.keys(headers).length) return stripped
    stripped['arguments'] =
      Object.keys(kept).length > 0
        ? { ...args, headers: kept }
        : withoutEntries(args, (name) => name === 'headers')
  }
  return stripped
}

function perCallPayments(
  params: Record<string, unknown> | undefined,
  tokenHeaders: readonly string[],
): FoundPayment[] {
  const meta = params?.['_meta']
  const args = params?.['arguments']
  const headers = isRecord(args) ? args['headers'] : undefined
  const inHeaders = isRecord(headers)
    ? Object.entries(headers).filter(([name, value]) => isPayment(name, value, tokenHeaders))
    : []
  // Header values first: they are relayed byte for byte, an object has to be encoded again.
  const found = inHeaders.map(([, value]) => toPayment(value))
  if (isRecord(meta) && Object.hasOwn(meta, PAYMENT_META_KEY)) {
    const payload = meta[PAYMENT_META_KEY]
    found.push(isRecord(payload) ? encodePayment(payload) : { kind: 'malformed' })
  }
  return found
}

/** An object nested deeper than the stack cannot be encoded, nor meant as a payment. */
function encodePayment(payload: Record<string, unknown>): FoundPayment {
  try {
    return toPayment(encodeToken(payload))
  } catch {
    return { kind: 'malformed' }
  }
}

function fromHttpHeaders(headers: Headers | undefined, names: readonly string[]): FoundPayment {
  if (headers === undefined) return { kind: 'none' }
  const present = names.flatMap((wanted) =>
    Object.entries(headers)
      .filter(([name, value]) => name.toLowerCase() === wanted && value !== '' && value !== null)
      .map(([, value]) => ({ name: wanted, payment: toPayment(value) })),
  )
  const relayed = present.filter(({ name }) => name !== 'authorization')
  // Decoding is for choosing only; one header of its own needs no choice.
  const chosen =
    present.length === 1 && relayed[0] ? relayed[0] : (present.find(decodes) ?? relayed[0])
  const payment = chosen?.payment ?? { kind: 'none' }
  return payment.kind === 'token' ? { ...payment, inHeader: true } : payment
}

function decodes({ payment }: { payment: FoundPayment }): boolean {
  return payment.kind === 'token' && decodeToken(payment.token) !== undefined
}

function toPayment(value: unknown): FoundPayment {
  const token = withoutBearer(value)
  const usable = token !== '' && token.length <= MAX_TOKEN_CHARS
  return usable ? { kind: 'token', token, inHeader: false } : { kind: 'malformed' }
}

function withoutBearer(value: unknown): string {
  return typeof value === 'string' ? value.trim().replace(/^bearer\s+/i, '') : ''
}

function samePayment(a: FoundPayment, b: FoundPayment): boolean {
  if (a.kind !== 'token' || b.kind !== 'token') return false
  if (a.token === b.token) return true
  const payload = decodeToken(a.token)
  try {
    return payload !== undefined && isDeepStrictEqual(payload, decodeToken(b.token))
  } catch {
    return false // nested deeper than the stack
  }
}

function isPayment(name: string, value: unknown, tokenHeaders: readonly string[]): boolean {
  const lower = name.toLowerCase()
  if (lower === PAYMENT_SIGNATURE_HEADER || lower === X_PAYMENT_HEADER) return true
  if (!tokenHeaders.includes(lower)) return false
  // The caller's identity shares this header; only a payment in it is ours to take.
  return lower !== 'authorization' || decodeToken(withoutBearer(value)) !== undefined
}

/** Copies own entries as data properties, so that a key named `__proto__` stays a plain key. */
function withoutEntries(
  record: Record<string, unknown>,
  drop: (name: string, value: unknown) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name, value]) => !drop(name, value)))
}
