import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const PARENT_CHECK_MS = 300

/**
 * Calls back once when this process has to end: on a signal, or when the shell that npm ran it in is gone,
 * which passes no signal on.
 *
 * @returns stops listening
 */
export function onInterruption(callback) {
  const handlers = SIGNALS.map((signal) => [signal, () => end(128 + constants.signals[signal])])
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid !== parent) end(128 + constants.signals.SIGTERM)
  }, PARENT_CHECK_MS)
  timer.unref()
  // A parent that is not npm may end without a meaning, e.g. a shell that somebody logs out of.
  if (process.env.npm_lifecycle_event === undefined) clearInterval(timer)
  for (const [signal, handler] of handlers) process.on(signal, handler)
  return stop

  function end(exitCode) {
    stop()
    callback(exitCode)
  }
  function stop() {
    clearInterval(timer)
    for (const [signal, handler] of handlers) process.off(signal, handler)
  }
}
