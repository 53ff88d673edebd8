import { setTimeout as timeout } from 'node:timers/promises'

/** The time, and how it passes. */
export interface Clock {
  /** Unit: ms since the epoch. */
  now: () => number
  /** May end early when the signal aborts. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

export const realClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => timeout(ms, undefined, signal === undefined ? {} : { signal }),
}

/** Sleeps, and throws the reason of the signal as soon as it aborts, whoever made the clock. */
export async function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  if (ms <= 0) return
  let wake = () => {}
  const woken = new Promise<void>((resolve) => {
    wake = () => resolve()
  })
  signal?.addEventListener('abort', wake)
  try {
    await Promise.race([clock.sleep(ms, signal), woken])
  } finally {
    signal?.removeEventListener('abort', wake)
  }
  signal?.throwIfAborted()
}
