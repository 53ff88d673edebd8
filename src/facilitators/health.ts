/** How long a facilitator that failed is asked last. Doubles with every failure after it. Unit: ms. */
const FIRST_SICK_MS = 30_000
/** Unit: ms. */
const MAX_SICK_MS = 5 * 60_000

/** How one facilitator has been doing. */
export interface Health {
  isSick(): boolean
  succeeded(): void
  failed(): void
}

/** Remembers which facilitators fail. Each container finds that out for itself. */
export function createHealth(now: () => number): Health {
  let failures = 0
  let sickUntil = Number.NEGATIVE_INFINITY
  const isSick = () => now() < sickUntil
  return {
    isSick,
    succeeded() {
      failures = 0
      sickUntil = Number.NEGATIVE_INFINITY
    },
    failed() {
      if (isSick()) return // calls that fail together count as one
      sickUntil = now() + Math.min(FIRST_SICK_MS * 2 ** failures, MAX_SICK_MS)
      failures += 1
    },
  }
}
