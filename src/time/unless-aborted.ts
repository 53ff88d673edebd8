/**
 * The outcome of a task, or the reason of the signal as soon as it aborts: for what takes no signal, or does
 * not mind it. The task itself goes on. A leaf; it imports nothing of ours.
 */
export async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  task: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return task()
  signal.throwIfAborted()
  let abort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error)
  })
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([task(), aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
