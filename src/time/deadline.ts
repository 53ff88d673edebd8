import type { Context } from 'aws-lambda'

/** The milliseconds that the Lambda has left. Infinite if there is no context. */
export function remainingMs(context: Context | undefined): number {
  if (typeof context?.getRemainingTimeInMillis !== 'function') return Number.POSITIVE_INFINITY
  return context.getRemainingTimeInMillis()
}

/** Hooks may do I/O of their own, but an answer must still leave the Lambda. Unit: ms. */
const MAX_HOOK_MS = 10_000
const ANSWER_RESERVE_MS = 200

/** Limit of a hook that runs between a payment's outcome and its answer. */
export function hookLimitMs(context: Context | undefined): number {
  return Math.min(MAX_HOOK_MS, remainingMs(context) - ANSWER_RESERVE_MS)
}

/** The call took longer than it may. */
class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
  readonly code = 'timeout'
}

/** A task that keeps the limit itself gets this much longer to say what it knows. Unit: ms. */
const GRACE_MS = 50

/**
 * Runs `task` for at most `timeoutMs`. Needed even where the task has its own timeout: an injected
 * facilitator may have none.
 */
export function withDeadline<T>(
  timeoutMs: number,
  task: (timeoutMs: number) => Promise<T>,
): Promise<T> {
  const limitMs = Math.max(1, timeoutMs)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DeadlineError()), limitMs + GRACE_MS)
    const ending =
      <A>(end: (about: A) => void) =>
      (about: A): void => {
        clearTimeout(timer)
        end(about)
      }
    attempt(task, limitMs).then(ending(resolve), ending(reject))
  })
}

/** A task that throws before it returns a promise fails like one whose promise rejects. */
async function attempt<T>(task: (timeoutMs: number) => Promise<T>, limitMs: number): Promise<T> {
  return task(limitMs)
}
