import type { Local } from '../../src/local/index.js'

/** The time in tests of payments that expire, however long the tests take. Unit: ms since the epoch. */
export const NOW_MS = Date.UTC(2026, 6, 1, 10)
export const now = (): number => NOW_MS

const clocks = new WeakMap<Local, () => number>()

/** Keeps the clock of a stack, so that its sellers and buyers have the same one. */
export function keepClock(local: Local, clock: (() => number) | undefined): void {
  if (clock !== undefined) clocks.set(local, clock)
}

/** The clock of a stack. */
export function clockOf(local: Local): () => number {
  return clocks.get(local) ?? Date.now
}

/** A time as payments write it. Unit: seconds since the epoch. */
export function inSeconds(seconds: number, nowMs = NOW_MS): bigint {
  return BigInt(Math.floor(nowMs / 1000) + seconds)
}
