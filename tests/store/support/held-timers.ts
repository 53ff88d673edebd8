import { AsyncLocalStorage } from 'node:async_hooks'
import type { Caller } from './world.js'

/**
 * A timer that is not longer than this may end while a call is carried out. Limits are longer, and never end.
 * Unit: ms.
 */
const SHORT_MS = 1_000

/**
 * Makes the timers of a call part of the schedule. A short timer becomes a request like all others, and a
 * long one never ends.
 *
 * @param caller whose call sets a timer now
 * @returns a function that undoes it
 */
export function holdTimers(caller: () => Caller | undefined): () => void {
  const { setTimeout, clearTimeout } = globalThis
  const held = new Map<unknown, Caller>()
  globalThis.setTimeout = ((task: () => void, ms = 0) => {
    const whose = caller()
    if (whose === undefined) return setTimeout(task, ms)
    const timer = { unref: () => timer, ref: () => timer, hasRef: () => true }
    if (ms > SHORT_MS) return timer
    held.set(timer, whose)
    whose.pending.push({
      ...{ id: timer, name: 'a while', carryOut: () => undefined },
      answer: AsyncLocalStorage.bind(task),
      fail: () => undefined,
    })
    return timer
  }) as typeof setTimeout
  globalThis.clearTimeout = ((timer: never) => {
    const whose = held.get(timer)
    held.delete(timer)
    const at = whose?.pending.findIndex(({ id }) => id === timer) ?? -1
    if (at >= 0) whose?.pending.splice(at, 1)
    else clearTimeout(timer)
  }) as typeof clearTimeout
  return () => Object.assign(globalThis, { setTimeout, clearTimeout })
}
