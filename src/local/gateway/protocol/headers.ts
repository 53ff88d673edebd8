import type { IncomingHttpHeaders } from 'node:http'
import { MAX_GATEWAY_HEADER_CHARS } from '../../../wire/gateway-events.js'

/** Headers by their names in lower case. */
export type Headers = Readonly<Record<string, string>>

/** Headers that are about one connection, and not about the message. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Reads the headers of a request: one value for each name, names in lower case. Headers about the connection
 * are left out.
 */
export function readHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name))
  return Object.fromEntries(
    kept.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
}

export function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

export function inCase(headers: Headers, headerCase: 'lower' | 'title'): Record<string, string> {
  if (headerCase === 'lower') return { ...headers }
  const title = (name: string) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [title(name), value]))
}

export function without(headers: Headers, ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}

export function only(headers: Headers, names: readonly string[]): Record<string, string> {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  return Object.fromEntries(Object.entries(headers).filter(([name]) => wanted.has(name)))
}

/** Whether Node can send these headers. A function may have returned anything. */
export function canBeSent(headers: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(headers).every(
    ([name, value]) =>
      /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) &&
      typeof value === 'string' &&
      /^[\t\x20-\x7e\x80-\xff]*$/.test(value),
  )
}

/** Reads the value of `Mcp-Name`. A name that is no plain header value is sent as `=?base64?…?=`. */
export function decodeName(value: string): string {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1]
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString()
}

export function encodeName(value: string): string {
  const plain = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(value)
  return plain && !value.startsWith('=?base64?')
    ? value
    : `=?base64?${Buffer.from(value).toString('base64')}?=`
}

/**
 * The headers that reach a target: those on its allow-list. A header of the interceptor replaces that of the
 * client. `Authorization` is passed on only if an interceptor returned it. Long values, and values that are
 * not printable ASCII, are dropped.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-headers.html
 */
export function propagated(
  allowed: readonly string[],
  client: Headers,
  interceptor: Headers | undefined,
): Record<string, string> {
  const listed = only({ ...client, ...interceptor }, allowed)
  const { authorization } = interceptor ?? {}
  const all = { ...listed, ...(authorization !== undefined && { authorization }) }
  return Object.fromEntries(
    Object.entries(all).filter(
      ([, value]) => value.length <= MAX_GATEWAY_HEADER_CHARS && /^[\x20-\x7e]*$/.test(value),
    ),
  )
}

/**
 * Why an allow-list may not have this name.
 *
 * @returns `undefined` if it may.
 */
export function propagationProblem(name: string): string | undefined {
  if (!/^[a-zA-Z0-9_-]{1,100}$/.test(name)) {
    return 'header names are 1 to 100 letters, digits, hyphens and underscores'
  }
  const lower = name.toLowerCase()
  if (RESTRICTED.has(lower) || RESTRICTED_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
    return `AgentCore Gateway never propagates ${name}`
  }
  const custom = 'x-amzn-bedrock-agentcore-runtime-custom-'
  return lower.startsWith('x-amzn-') && !lower.startsWith(custom)
    ? 'X-Amzn-* is reserved, except X-Amzn-Bedrock-AgentCore-Runtime-Custom-*'
    : undefined
}

const RESTRICTED_PREFIXES = ['accept', 'access-control-', 'sec-websocket-', 'x-forwarded-']
const RESTRICTED = new Set(
  `authorization proxy-authorization www-authenticate content-type content-length content-encoding
   content-language content-location content-range content-security-policy
   content-security-policy-report-only cache-control etag expires if-match
   if-modified-since if-none-match if-range if-unmodified-since last-modified pragma vary connection
   keep-alive proxy-connection upgrade host user-agent referer from range transfer-encoding te trailer
   server date location retry-after set-cookie cookie strict-transport-security
   x-content-type-options x-frame-options x-xss-protection referrer-policy permissions-policy
   cross-origin-embedder-policy cross-origin-opener-policy cross-origin-resource-policy origin dpr
   width viewport-width downlink ect rtt save-data clear-site-data feature-policy expect-ct
   public-key-pins public-key-pins-report-only x-real-ip x-requested-with x-csrf-token cf-ray
   cf-connecting-ip x-amz-cf-id x-cache x-served-by link`.split(/\s+/),
)
