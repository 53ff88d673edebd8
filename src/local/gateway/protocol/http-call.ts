import type { Headers } from './headers.js'
import type { HttpTarget } from './options.js'

/** One request to an HTTP target. */
export interface HttpCall {
  target: HttpTarget
  method: string
  /** The path with the target's name, without the query. */
  path: string
  /** The path after the target's name, with the query. */
  rest: string
  /** The headers as the client sent them. */
  headers: Headers
  /** The client's headers that may reach the target. */
  clientHeaders: Headers
  /** The headers that the interceptor returned. */
  interceptorHeaders: Headers | undefined
  body: Buffer
  requestId: string
  sourceIp: string | undefined
}

/** The answer of an HTTP target or of an interceptor. */
export interface HttpAnswer {
  status: number
  /** The headers without `content-type`. Cookies are a list. */
  headers: Readonly<Record<string, string | string[]>>
  body: Buffer
  contentType: string | undefined
}
