import { OptionsError, PaymentError } from '../errors/payment-error.js'

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
