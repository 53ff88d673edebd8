import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { LOOPBACK } from '../http/listen.js'

/** Content that a Function URL hands over as text. Everything else comes as base64. */
const TEXT =
  /^(text\/|application\/([\w.+-]*\+)?(json|xml)|application\/(javascript|x-www-form-urlencoded|graphql))/i

/** A request, as far as the event has it. */
export interface HttpRequest {
  readonly method?: string | undefined
  /** The path with the query. */
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/**
 * The event of a Function URL, in the payload format 2.0.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export function functionUrlEvent(request: HttpRequest, body: Buffer): Record<string, unknown> {
  const { method = 'GET', url = '/', headers, socket } = request
  const [rawPath = '/', ...queries] = url.split('?')
  const rawQueryString = queries.join('?')
  const { cookie, ...others } = headers
  const isBase64Encoded = body.length > 0 && !TEXT.test(headers['content-type'] ?? 'text/plain')
  const sent = Object.fromEntries(
    Object.entries(others).map(([name, value]) => [name, String(value)]),
  )
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(/; */) }),
    headers: sent,
    ...(rawQueryString !== '' && { queryStringParameters: parametersIn(rawQueryString) }),
    requestContext: contextOf({
      method,
      path: rawPath,
      headers: sent,
      sourceIp: socket.remoteAddress,
    }),
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  }
}

interface Line {
  method: string
  path: string
  headers: Record<string, string>
  sourceIp: string | undefined
}

function contextOf({ method, path, headers, sourceIp = '' }: Line): Record<string, unknown> {
  const now = new Date()
  return {
    ...{ accountId: 'anonymous', apiId: 'local', domainPrefix: 'local' },
    domainName: headers['host'] ?? LOOPBACK,
    http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
    ...{ requestId: randomUUID(), routeKey: '$default', stage: '$default' },
    ...{ time: logTime(now), timeEpoch: now.getTime() },
  }
}

/** A time as web servers log it: `12/Mar/2020:19:03:58 +0000`. */
function logTime(time: Date): string {
  const [, day = '', month = '', year = '', clock = ''] = time.toUTCString().split(' ')
  return `${day}/${month}/${year}:${clock} +0000`
}

/** A name that is given twice has both values, with a comma between them. */
function parametersIn(query: string): Record<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const before = found.get(name)
    found.set(name, before === undefined ? value : `${before},${value}`)
  }
  return Object.fromEntries(found)
}
