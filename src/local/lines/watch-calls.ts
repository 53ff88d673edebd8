import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { LINES } from '../../logger.js'
import { EVENTS } from '../../seller/options/payment-events.js'
import { SERVED, followRequests, note, type Served } from '../http/journal.js'
import type { CallReport } from './call-report.js'
import { reportOf } from './report.js'

/** Hears of a call, and of everything that is known of it. */
export type CallListener = (report: CallReport, served: Served) => void

/** Everybody who hears of calls. What is noted is noted once, however many there are. */
const listeners = new Set<CallListener>()
let stop: () => void

/**
 * Tells of every call that the local stacks of this process serve from now on. The default logger of sellers is silent
 * meanwhile.
 *
 * @returns a function that ends it
 */
export function watchCalls(listener: CallListener): () => void {
  if (listeners.size === 0) stop = startNoting()
  listeners.add(listener)
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) stop()
  }
}

function startNoting(): () => void {
  const onServed = (served: unknown): void => {
    const report = reportOf(served as Served)
    if (report === undefined) return
    for (const listener of listeners) listener(report, served as Served)
  }
  const onLine = (line: unknown): void => note({ kind: 'logged', line })
  const onEvent = (event: unknown): void => note({ kind: 'happened', event })
  const all = [
    [SERVED, onServed],
    [LINES, onLine],
    [EVENTS, onEvent],
  ] as const
  for (const [{ name }, on] of all) subscribe(name, on)
  const unfollow = followRequests()
  return () => {
    unfollow()
    for (const [{ name }, on] of all) unsubscribe(name, on)
  }
}
