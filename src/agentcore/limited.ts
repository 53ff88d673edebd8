import { OptionsError, PaymentError } from '../errors.js'

/** A signal for one call, and `done` to be called when it is over. */
export interface Limit {
  signal: AbortSignal
  done: () => void
}

/** Aborts with the reason of any of the signals, or when the time is up. `AbortSignal.any` came with Node 20.3. */
export function limited(
  operation: string,
  timeoutMs: number | undefined,
  ...signals: readonly (AbortSignal | undefined)[]
): Limit {
  const controller = new AbortController()
  const undo: (() => void)[] = []
  for (const signal of signals) {
    if (signal === undefined) continue
    if (!(signal instanceof AbortSignal)) {
      throw new OptionsError('abortSignal', 'expected an AbortSignal')
    }
    const abort = () => controller.abort(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    undo.push(() => signal.removeEventListener('abort', abort))
  }
  if (timeoutMs !== undefined) {
    const timeUp = () =>
      controller.abort(new PaymentError('timeout', `${operation}: no answer in time`))
    const timer = setTimeout(timeUp, timeoutMs)
    undo.push(() => clearTimeout(timer))
  }
  return { signal: controller.signal, done: () => undo.forEach((one) => one()) }
}

/** Does not wait for what takes no signal, like the search for credentials. */
export async function unlessAborted<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  let abort = () => {}
  const aborted = new Promise<void>((resolve) => {
    abort = () => resolve() // not with the event
  })
  signal.addEventListener('abort', abort)
  try {
    const first = await Promise.race([task().then((value) => ({ value })), aborted])
    if (first !== undefined) return first.value
  } finally {
    signal.removeEventListener('abort', abort)
  }
  throw signal.reason
}
