import type { IncomingHttpHeaders } from 'node:http'

/** One call as a server of the local stack saw it. It holds tokens and signatures: never print it. */
export interface ServedCall {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: unknown
  /** The HTTP status of the answer; `undefined` if a fault broke the connection. */
  status: number | undefined
}
