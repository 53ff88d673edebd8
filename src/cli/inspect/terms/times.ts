import { timeAway } from '../../output/times.js'
import { toAmount } from '../../../wire/amounts.js'

/** Later times are no seconds. It is the year 5138. */
const MAX_SECONDS = 1e11

/** A time on the wire, in seconds since the epoch. `undefined` if it is none. Unit of the result: ms. */
export function timeOf(seconds: unknown): number | undefined {
  const number = typeof seconds === 'number' ? seconds : Number(toAmount(seconds) ?? Number.NaN)
  return number >= 0 && number < MAX_SECONDS ? number * 1000 : undefined
}

/** Whether a time was written in milliseconds by mistake. */
export function isInMilliseconds(seconds: unknown): boolean {
  const number = typeof seconds === 'number' ? seconds : Number(toAmount(seconds) ?? Number.NaN)
  return number >= MAX_SECONDS && number < MAX_SECONDS * 1000
}

/** `2026-11-30 17:05 UTC (in 3 hours)`. 0 is no bound. */
export function timeWords(seconds: unknown, nowMs: number): string | undefined {
  const ms = timeOf(seconds)
  if (ms === undefined) return undefined
  return ms === 0 ? 'the beginning of time' : timeAway(ms, nowMs)
}

/** How far away a time is: `3 minutes`. */
export function distance(ms: number, nowMs: number): string {
  return /\((?:in )?(.*?)(?: ago)?\)$/.exec(timeAway(ms, nowMs))?.[1] ?? ''
}
