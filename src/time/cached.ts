/** How long an answer counts as fresh. Unit: ms. */
const FRESH_MS = 5 * 60_000
/** How long a failure is remembered, so that an outage does not cost a request for each call. Unit: ms. */
const FAILED_MS = 10_000

/** Returns the known value, or asks for it if there is none. @throws the error of the last look-up */
export type LookUp<T> = (timeoutMs: number) => Promise<T>

/**
 * A cache of one value with at most one request in flight. An answer is fresh for 5 minutes. While it is
 * refreshed, the old one is served. Failures are remembered for 10 seconds.
 */
export function createLookUp<T>(
  load: (timeoutMs: number) => Promise<T>,
  now: () => number,
): LookUp<T> {
  let known: { value: T } | { failure: unknown } | undefined
  let goodUntil = Number.NEGATIVE_INFINITY
  let pending: Promise<T> | undefined

  async function refresh(timeoutMs: number): Promise<T> {
    try {
      const value = await load(timeoutMs)
      known = { value }
      goodUntil = now() + FRESH_MS
      return value
    } catch (failure) {
      if (known === undefined || 'failure' in known) known = { failure }
      goodUntil = now() + FAILED_MS
      throw failure
    }
  }

  return async (timeoutMs) => {
    if (known !== undefined && now() < goodUntil) {
      if ('failure' in known) throw known.failure
      return known.value
    }
    pending ??= refresh(timeoutMs).finally(() => (pending = undefined))
    if (known === undefined || 'failure' in known) return pending
    pending.catch(() => undefined) // The old value is served, and the failure is remembered.
    return known.value
  }
}
