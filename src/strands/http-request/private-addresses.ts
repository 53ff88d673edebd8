import { BlockList } from 'node:net'

/**
 * Whether an address is not part of the public internet. Such an address is this machine, its network, the
 * metadata service of its cloud, or reserved. A text that is no address counts as private.
 *
 * @param address of version 4 or 6 in any notation of `URL`, with or without brackets and zone
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry/
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry/
 */
export function isPrivateAddress(address: string): boolean {
  const written = canonical(address)
  if (written === undefined) return true
  const v4 = v4In(written)
  if (v4 !== undefined) return SPECIAL.check(v4)
  return !GLOBAL_V6.check(written, 'ipv6') || SPECIAL.check(written, 'ipv6')
}

/** The address in the one form that `URL` writes; `undefined` if it is no address. */
function canonical(address: string): string | undefined {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/s, '')
  const isV6 = bare.includes(':')
  const url = `http://${isV6 ? `[${bare}]` : bare}/`
  if (!/^[\da-fx:.]+$/i.test(bare) || !URL.canParse(url)) return undefined
  const { hostname } = new URL(url)
  return isV6 ? hostname.slice(1, -1) : /^[\d.]+$/.test(hostname) ? hostname : undefined
}

/**
 * The IPv4 address that is meant: the address itself, its form on IPv6 sockets (`::ffff:10.0.0.1`), or NAT64.
 * Other IPv6 forms of IPv4 addresses lead nowhere public, or through a tunnel.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6052
 */
function v4In(written: string): string | undefined {
  if (!written.includes(':')) return written
  const [, high = '0', low] =
    /^(?:::ffff|64:ff9b:):(?:([\da-f]{1,4}):)?([\da-f]{1,4})$/.exec(written) ?? []
  if (low === undefined) return undefined
  const halves = [high, low].map((half) => Number.parseInt(half, 16))
  return halves.flatMap((half) => [half >> 8, half & 255]).join('.')
}

/** All of IPv6 that has been assigned so far. */
const GLOBAL_V6 = blockList(['2000::/3'])

const SPECIAL = blockList([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  // Azure's metadata: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  '168.63.129.16/32',
  // Teredo and its neighbours, documentation, 6to4, documentation
  ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
])

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}
