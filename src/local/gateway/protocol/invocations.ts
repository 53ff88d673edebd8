/**
 * What the gateway invoked. Tests can look at it. It holds payments, tokens and arguments as they were: never
 * print it.
 */
export interface Invocation {
  /** What was invoked: the REQUEST interceptor, the RESPONSE interceptor, or a target. */
  kind: 'REQUEST' | 'RESPONSE' | 'TARGET'
  /** The name of the target; `undefined` for interceptors. */
  target?: string
  /** The event that a function got. For other targets, the body that was sent to them. */
  event: unknown
  /** The `context.clientContext` that a function got. */
  clientContext?: unknown
  /** For targets that are servers: the headers that were sent to them. */
  headers?: Record<string, string>
  /** The answer of a function. */
  output?: unknown
  /** Why the invocation failed. */
  error?: Error
}

/** How many invocations are kept. Older ones are dropped. */
const MAX_KEPT = 10_000

export function record(invocations: Invocation[], invocation: Invocation): Invocation {
  invocations.push(invocation)
  if (invocations.length > MAX_KEPT) invocations.shift()
  return invocation
}
