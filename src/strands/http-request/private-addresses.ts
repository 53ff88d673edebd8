import { BlockList, isIPv4 } from 'node:net'

/**
 * Whether an address is none of the public internet: this machine, its network, the metadata service of its
 * cloud, or reserved.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry/
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry/
 */
export function isPrivateAddress(address: string): boolean {
  if (isIPv4(address)) return PRIVATE.check(address)
  const v4 = translated(address)
  return v4 === undefined ? PRIVATE.check(address, 'ipv6') : PRIVATE.check(v4)
}

/** What NAT64 makes of an IPv4 address. @see https://www.rfc-editor.org/rfc/rfc6052 */
function translated(address: string): string | undefined {
  const [, high, low] = /^64:ff9b::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/i.exec(address) ?? []
  if (low === undefined) return undefined
  const halves = [high ?? '0', low].map((half) => Number.parseInt(half, 16))
  return halves.flatMap((half) => [half >> 8, half & 255]).join('.')
}

const NETWORKS_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  // Azure's metadata: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  '168.63.129.16/32',
]

const NETWORKS_V6 = [
  ...['::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16'],
  ...['3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
]

/** Those of IPv4 hold for addresses like `::ffff:10.0.0.1` too. */
const PRIVATE = blockList()

function blockList(): BlockList {
  const list = new BlockList()
  const add = (network: string, family: 'ipv4' | 'ipv6') => {
    const [address = '', prefix] = network.split('/')
    list.addSubnet(address, Number(prefix), family)
  }
  for (const network of NETWORKS_V4) add(network, 'ipv4')
  for (const network of NETWORKS_V6) add(network, 'ipv6')
  return list
}
