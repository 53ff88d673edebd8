import { setTimeout as timeout } from 'node:timers/promises'

/** Ends early, and without an error, when the signal aborts. */
export async function pauseUnlessAborted(seconds: number, signal: AbortSignal): Promise<void> {
  if (seconds === 0) return
  try {
    await timeout(seconds * 1000, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
