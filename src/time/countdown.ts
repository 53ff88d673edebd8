/** Counts down in real time: a given clock that stands still must not make a call endless. */
export function countdown(timeoutMs: number): () => number {
  const until = performance.now() + timeoutMs
  return () => until - performance.now()
}

/** A fair share of the time, so that an attempt that hangs leaves some time for the others. */
export function share(leftMs: number, among: number): number {
  return Math.max(1, Math.ceil(leftMs / among))
}
