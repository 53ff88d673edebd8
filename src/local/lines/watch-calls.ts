import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { LINES } from '../../logger.js'
import { EVENTS } from '../../seller/options/payment-events.js'
import { SERVED, followRequests, note, type Served } from '../http/journal.js'
import type { CallReport } from './call-report.js'
import { reportOf } from './report.js'

/**
 * Tells of every call that the local stacks of this process serve from now on. The default logger of sellers is silent
 * meanwhile.
 *
 * @returns a function that ends it
 */
export function watchCalls(listener: (report: CallReport) => void): () => void {
  const onServed = (served: unknown): void => {
    const report = reportOf(served as Served)
    if (report !== undefined) listener(report)
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
