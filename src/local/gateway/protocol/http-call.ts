import type { Headers } from './headers.js'
import type { HttpTarget } from './options.js'

/** One request to an HTTP target. */
export interface HttpCall {
  target: HttpTarget
  method: string
  /** With the target's name, without the query. */
  path: string
  /** What follows the target's name, with the query. */
  rest: string
  /** As the client sent them. */
  headers: Headers
  /** The client's, as far as they may reach the target. */
  clientHeaders: Headers
  /** Those the interceptor returned. */
  interceptorHeaders: Headers | undefined
  body: Buffer
  requestId: string
  sourceIp: string | undefined
}

/** What an HTTP target or an interceptor answers. */
export interface HttpAnswer {
  status: number
  /** Without `content-type`; cookies as a list. */
  headers: Readonly<Record<string, string | string[]>>
  body: Buffer
  contentType: string | undefined
}
