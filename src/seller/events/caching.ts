import type { Reply } from './event-shape.js'

/**
 * Sets what caches may do with a reply. The handler's own header stays if it lets nobody else see the reply.
 * Headers for shared caches alone (CDNs, proxies) forbid these to keep anything.
 */
export function withCaching(reply: Reply): Reply {
  const { headers, caching } = reply
  if (caching === undefined) return reply
  if (!Object.keys(headers).some(speaksOfCaching)) {
    return { ...reply, headers: { 'Cache-Control': caching, ...headers } }
  }
  const entries = Object.entries(headers)
  const given = entries.filter(([name]) => isCacheControl(name)).map(([, value]) => value)
  const control = caching === 'private' ? toPrivate(given.join(',')) : caching
  const others = entries
    .filter(([name]) => !isCacheControl(name))
    .map(([name, value]) => [name, sharedCaching(name.toLowerCase()) ?? value] as const)
  return { ...reply, headers: { 'Cache-Control': control, ...Object.fromEntries(others) } }
}

function speaksOfCaching(name: string): boolean {
  return isCacheControl(name) || sharedCaching(name.toLowerCase()) !== undefined
}

function isCacheControl(name: string): boolean {
  return name.toLowerCase() === 'cache-control'
}

function toPrivate(control: string): string {
  const parts = control.match(/(?:[^,"]|"[^"]*"?)+/g) ?? []
  const directives = parts.map((it) => it.trim())
  const kept = directives.filter((it) => it !== '' && !/^(public|s-maxage)\b/i.test(it))
  return kept.some((it) => /^(private$|no-store$)/i.test(it))
    ? kept.join(', ')
    : ['private', ...kept].join(', ')
}

/**
 * The value that a header for shared caches gets instead. Some headers are for one kind of cache:
 * `CDN-Cache-Control`, and those that Cloudflare, Vercel and Netlify read. Other headers are older than
 * `Cache-Control`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9213
 */
function sharedCaching(name: string): string | undefined {
  return name.endsWith('-cache-control') ? 'no-store' : SHARED.get(name)
}

const SHARED: ReadonlyMap<string, string> = new Map([
  ['surrogate-control', 'no-store'],
  ['edge-control', 'no-store'],
  ['x-accel-expires', '0'],
  ['expires', '0'],
  ['pragma', 'no-cache'],
])
