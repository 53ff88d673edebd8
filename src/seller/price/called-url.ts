import type { SoldCall } from '../events/call.js'
import { isLoopback } from '../../wire/loopback.js'
import { isRecord } from '../../wire/json.js'

/**
 * The absolute URL that an HTTP request was sent to, without its query, which may hold a secret. It is
 * written as `URL` writes it: characters that need an escape are escaped once, in capital letters.
 *
 * The domain is the one by which AWS routed the request. Behind a load balancer it is the `Host` header,
 * which callers choose. Set the option `endpoint` there, unless the load balancer's rules check the host.
 *
 * @returns `undefined` if the event does not name the domain, as behind a Gateway
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
export function calledUrl({ event, transport }: SoldCall): string | undefined {
  if (transport.shape !== 'http-event') return undefined
  const given = event as unknown as Record<string, unknown>
  const origin = originOf(given)
  const path = pathOf(given)
  if (origin === undefined || path === undefined) return undefined
  // The setter escapes `?` and `#`. In the path of an event they are ordinary characters.
  origin.pathname = path
    .replace(/%(?![\da-f]{2})/gi, '%25')
    .replace(/%[\da-f]{2}/gi, (escape) => escape.toUpperCase())
  return origin.href
}

function originOf(event: Record<string, unknown>): URL | undefined {
  const domain = contextOf(event)['domainName']
  if (typeof domain === 'string' && !isLoopback(domain.toLowerCase().replace(/:\d+$/, ''))) {
    return urlOf('https', domain)
  }
  // Emulators name this machine as the domain, and have the port in the header only.
  const isLocal = typeof domain === 'string'
  const scheme = headerIn(event, 'x-forwarded-proto')?.toLowerCase()
  const fallback = isLocal ? 'http' : 'https'
  const isScheme = scheme === 'http' || scheme === 'https'
  return urlOf(isScheme ? scheme : fallback, headerIn(event, 'host') ?? (isLocal ? domain : ''))
}

/** Makes a URL of a scheme and a host. It refuses anything beside a host, such as a user name or a path. */
function urlOf(scheme: string, host: string): URL | undefined {
  const text = `${scheme}://${host}`
  return HOST.test(host) && URL.canParse(text) ? new URL(text) : undefined
}

const HOST = /^([a-z\d_-]+(\.[a-z\d_-]+)*|\[[\da-f:.]+\])(:\d{1,5})?$/i

/** The path, with the stage or the base path if the URL has one. */
function pathOf(event: Record<string, unknown>): string | undefined {
  const { rawPath, path } = event
  const called = rawPath ?? contextOf(event)['path'] ?? path
  if (typeof called !== 'string' || !called.startsWith('/')) return undefined
  return called.length > 1 && called.endsWith('/') ? called.slice(0, -1) : called
}

function contextOf({ requestContext }: Record<string, unknown>): Record<string, unknown> {
  return isRecord(requestContext) ? requestContext : {}
}

/** The value of a header; `undefined` if it came twice. */
function headerIn(event: Record<string, unknown>, wanted: string): string | undefined {
  const { headers, multiValueHeaders } = event
  const all = isRecord(multiValueHeaders) ? multiValueHeaders : isRecord(headers) ? headers : {}
  const found = Object.entries(all).filter(([name]) => name.toLowerCase() === wanted)
  const values: unknown[] = found.flatMap(([, value]) => value)
  return values.length === 1 && typeof values[0] === 'string' ? values[0] : undefined
}
