import {
  PAYMENT_REQUIRED_HEADER,
  PAYMENT_RESPONSE_HEADER,
  PAYMENT_SIGNATURE_HEADER,
  REFUND_DUE_HEADER,
  X_PAYMENT_HEADER,
  X_PAYMENT_RESPONSE_HEADER,
} from '../../wire/x402.js'
import type { CorsHeaders, CorsRules } from './cors-rules.js'
import type { Headers } from './call.js'
import type { OpenedEvent, Reply } from './event-shape.js'
import { MCP_HEADERS } from './http/mcp-client.js'

/**
 * Whether the request is a preflight: a browser asks before a page of another origin may send its request.
 */
export function isPreflight({ phase, line, headers }: OpenedEvent): boolean {
  return (
    phase === 'request' &&
    line?.method === 'OPTIONS' &&
    valueOf(headers, 'origin') !== undefined &&
    valueOf(headers, 'access-control-request-method') !== undefined
  )
}

/**
 * The CORS headers for the page that asks.
 *
 * @param tokenHeaders names of the headers that a payment may come in
 * @returns `undefined` if no page asks.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function corsFor(
  rules: CorsRules,
  headers: Headers | undefined,
  tokenHeaders: readonly string[],
): CorsHeaders | undefined {
  const origin = valueOf(headers, 'origin')
  if (origin === undefined) return undefined
  const { origins, allowCredentials, maxAgeSeconds } = rules
  const varies = origins === undefined ? {} : { Vary: 'Origin' }
  if (origins !== undefined && !origins.has(origin)) return { headers: varies, preflight: varies }
  const allowed = {
    ...varies,
    'Access-Control-Allow-Origin': origins === undefined ? '*' : origin,
    ...(allowCredentials && { 'Access-Control-Allow-Credentials': 'true' }),
  }
  const sent = new Set([...SENT, ...tokenHeaders, ...rules.allowHeaders])
  const exposed = new Set([...PAYMENT_HEADERS, ...READ, ...rules.exposeHeaders])
  return {
    headers: { ...allowed, [EXPOSE]: [...exposed].join(', ') },
    preflight: {
      ...allowed,
      'Access-Control-Allow-Methods': METHODS,
      'Access-Control-Allow-Headers': [...sent].join(', '),
      'Access-Control-Max-Age': String(maxAgeSeconds),
    },
  }
}

/**
 * Adds CORS headers. A handler's own CORS headers win, but pages may always read the receipt beside its
 * answer.
 */
export function withCors(cors: CorsHeaders | undefined, reply: Reply): Reply {
  const names = Object.keys(reply.headers)
  if (names.some((name) => name.toLowerCase() === 'access-control-allow-origin')) {
    return { ...reply, headers: exposing(reply.headers) }
  }
  return cors === undefined ? reply : { ...reply, headers: withVary(reply.headers, cors.headers) }
}

/** Adds `Origin` to the handler's `Vary`: its answer may vary by more than the origin. */
function withVary(given: Reply['headers'], ours: Reply['headers']): Reply['headers'] {
  const name = Object.keys(given).find((it) => it.toLowerCase() === 'vary')
  const { Vary: vary, ...others } = ours
  if (name === undefined || vary === undefined) return { ...given, ...ours }
  const before = given[name] ?? ''
  const isThere = before === '*' || /(^|,)\s*origin\s*(,|$)/i.test(before)
  return { ...given, ...others, [name]: isThere ? before : `${before}, ${vary}` }
}

/** The answer to a preflight. */
export function preflightReply(cors: CorsHeaders | undefined): Reply {
  return { statusCode: 204, headers: cors?.preflight ?? {}, outcome: undefined }
}

function exposing(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const ours = Object.keys(headers).filter((name) => PAYMENT_HEADERS.includes(name.toLowerCase()))
  if (ours.length === 0) return headers
  const given = Object.keys(headers).find((name) => name.toLowerCase() === EXPOSE.toLowerCase())
  const before = given === undefined ? undefined : headers[given]
  return { ...headers, [given ?? EXPOSE]: [...(before ? [before] : []), ...ours].join(', ') }
}

const EXPOSE = 'Access-Control-Expose-Headers'
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const PAYMENT_HEADERS: readonly string[] = [
  ...[PAYMENT_REQUIRED_HEADER, PAYMENT_RESPONSE_HEADER],
  ...[X_PAYMENT_RESPONSE_HEADER, REFUND_DUE_HEADER],
]
const READ = ['mcp-session-id', 'retry-after', 'www-authenticate']
const SENT = [
  // The fetch clients of x402 send the last one, though it belongs to answers.
  ...[PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER, 'access-control-expose-headers'],
  ...['accept', 'authorization', 'content-type', 'last-event-id'],
  ...MCP_HEADERS,
]

function valueOf(headers: Headers | undefined, name: string): string | undefined {
  const found = Object.entries(headers ?? {}).find(([given]) => given.toLowerCase() === name)
  return typeof found?.[1] === 'string' && found[1] !== '' ? found[1] : undefined
}
