/**
 * Whether a host is this machine, so that what is sent there in clear text is seen by nobody else.
 *
 * True of:
 * - `127.0.0.0/8` and `::1`, the latter with and without the brackets of a URL;
 * - `::ffff:127.0.0.0/104`, the same addresses as IPv6 writes them, also as `URL` does: `::ffff:7f00:1`;
 * - `localhost` and every name under it, which nobody else can have and no resolver may look up elsewhere.
 *
 * False of all else, in particular of:
 * - `0.0.0.0` and `::`, which are addresses to listen on: what connecting to them means differs by system;
 * - `localhost.` and names like `127.0.0.1.example.com` or `localhost.example.com`, which anybody may have;
 * - `127.1`, `0x7f000001` and capitals: `URL` writes them in full.
 *
 * @param host as `URL.hostname` writes it
 * @see https://www.rfc-editor.org/rfc/rfc6761#section-6.3
 */
export function isLoopback(host: string): boolean {
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  return isLoopbackV4(address) || isLoopbackV6(address) || /^([\w-]+\.)*localhost$/.test(host)
}

/** Without `node:net`, which sellers would otherwise load when they start. */
function isLoopbackV4(address: string): boolean {
  return /^127(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/.test(address)
}

function isLoopbackV6(address: string): boolean {
  if (address === '::1') return true
  const [, mapped = ''] = /^::ffff:(.+)$/.exec(address) ?? []
  return isLoopbackV4(mapped) || /^7f[\da-f]{2}:[\da-f]{1,4}$/.test(mapped)
}
