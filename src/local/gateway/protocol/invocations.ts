/**
 * What the gateway invoked, for tests to look at. It holds payments, tokens and arguments as they were:
 * never print it.
 */
export interface Invocation {
  kind: 'REQUEST' | 'RESPONSE' | 'TARGET'
  /** Name of the target; undefined for interceptors. */
  target?: string
  /** What a function got as its event; of other targets, the body sent to them. */
  event: unknown
  /** What a function found in `context.clientContext`. */
  clientContext?: unknown
  /** For targets that are servers: the headers sent to them. */
  headers?: Record<string, string>
  /** What a function answered. */
  output?: unknown
  /** Why it failed. */
  error?: Error
}

/** More are forgotten, oldest first. */
const MAX_KEPT = 10_000

export function record(invocations: Invocation[], invocation: Invocation): Invocation {
  invocations.push(invocation)
  if (invocations.length > MAX_KEPT) invocations.shift()
  return invocation
}
