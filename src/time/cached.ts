/** How long an answer counts as fresh. Unit: ms. */
const FRESH_MS = 5 * 60_000
/** How long a failure is remembered, so that an outage costs no request per call. Unit: ms. */
const FAILED_MS = 10_000

/** Gives what is known, and asks where nothing is. @throws what the last look-up threw */
export type LookUp<T> = (timeoutMs: number) => Promise<T>

/**
 * A cache of one value: at most one request in flight, answers good for 5 minutes and served stale while
 * they are refreshed, failures remembered for 10 seconds.
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
    pending.catch(() => undefined) // served stale; the failure is remembered
    return known.value
  }
}
