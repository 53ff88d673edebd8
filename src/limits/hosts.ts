import { OptionsError } from '../errors/payment-error.js'

/**
 * Hosts as `URL` writes them, so that they can be compared. A port stays, even the standard one.
 *
 * @throws OptionsError naming the list, if an entry is no host
 */
export function checkHosts(name: string, hosts: readonly string[]): readonly string[] {
  return hosts.map((host) => {
    const url = `https://${host}`
    if (URL.canParse(url) && /^[^/?#@\\]+$/.test(host)) {
      const { hostname, port } = new URL(url)
      return /:0*443$/.test(host) ? `${hostname}:443` : port ? `${hostname}:${port}` : hostname
    }
    throw new OptionsError(name, 'expected hosts as host or host:port, without scheme and path')
  })
}

/** Whether every list has the host of a URL, with or without its port. */
export function isAllowedHost(
  { protocol, hostname, port }: URL,
  hosts: readonly (readonly string[])[],
): boolean {
  const standardPort = protocol === 'http:' ? '80' : '443'
  const withPort = `${hostname}:${port || standardPort}`
  return hosts.every((list) => list.some((one) => one === hostname || one === withPort))
}
