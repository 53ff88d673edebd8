import dns from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isPrivateAddress } from './private-addresses.js'
import { RequestFailed } from './request-failed.js'

/** @throws RequestFailed if a URL names a private address itself. No look-up is made for such a URL. */
export function checkPublic({ hostname }: URL): void {
  const address = hostname.replace(/^\[|\]$/g, '')
  if (isIP(address) !== 0 && isPrivateAddress(address)) throw privateHost()
}

/**
 * Looks a host up for a connection, and fails if any of its addresses is private. The connection goes to the
 * address that was checked. There is no second look-up, which could find another address.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = error === null ? addresses : []
    if (first === undefined) return callback(error ?? new Error('no address'), [])
    if (addresses.some(({ address }) => isPrivateAddress(address))) {
      return callback(privateHost(), [])
    }
    return options.all === true
      ? callback(null, addresses)
      : callback(null, first.address, first.family)
  })
}

function privateHost(): RequestFailed {
  return new RequestFailed('the host is private; only allowPrivateHosts would allow it')
}
