import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../../wire/loopback.js'

/**
 * Whether a request names this machine. A web page elsewhere can make a browser send requests here, under a
 * name of its own. Its Host or Origin shows that.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning
 */
export function comesFromHere({ headers }: IncomingMessage): boolean {
  const { host = '', origin } = headers
  return isHere(`http://${host}`) && (origin === undefined || isHere(origin))
}

function isHere(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname)
}
