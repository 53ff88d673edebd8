import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../../wire/loopback.js'

/**
 * Whether a request names this machine. A web page elsewhere can make a browser send requests here, under a
 * name of its own. Its Host or Origin shows that.
 *
 * @param alsoHere matches further names that a Host may have. They must be names that no stranger can have.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning
 */
export function comesFromHere({ headers }: IncomingMessage, alsoHere?: RegExp): boolean {
  const { host, origin } = headers
  const name = nameIn(`http://${host}`)
  const isHostHere = isLoopback(name) || alsoHere?.test(name) === true
  return isHostHere && (origin === undefined || isLoopback(nameIn(origin)))
}

/** @returns an empty text if there is none. */
function nameIn(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : ''
}
