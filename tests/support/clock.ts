import type { Local } from '../../src/local/index.js'

/** When it is in tests of payments that end at some time, however long the tests take. */
export const NOW_MS = Date.UTC(2026, 6, 1, 10)
export const now = (): number => NOW_MS

const clocks = new WeakMap<Local, () => number>()

/** Notes the clock of a stack, for its sellers and buyers to have the same. */
export function keepClock(local: Local, clock: (() => number) | undefined): void {
  if (clock !== undefined) clocks.set(local, clock)
}

/** The clock of a stack. */
export function clockOf(local: Local): () => number {
  return clocks.get(local) ?? Date.now
}

/** As payments write their time. Unit: seconds since the epoch. */
export function inSeconds(seconds: number, nowMs = NOW_MS): bigint {
  return BigInt(Math.floor(nowMs / 1000) + seconds)
}
