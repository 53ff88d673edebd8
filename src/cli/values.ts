import { InvalidArgumentError } from 'commander'
import { UsageError } from './ended.js'

/** Reads a whole number. */
export function wholeNumber(flag: string, max: number, min = 0): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d{1,16}$/.test(text) && number >= min && number <= max) return number
    throw new UsageError(`${flag} expects a whole number from ${min} to ${max}`)
  }
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
export const DAY_MS = 86_400_000
const DAY = /^\d{4}-\d\d-\d\d$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z?$/

/** What `--since` and `--until` take, for the help. */
export const TIMES = 'a day or time in UTC, or how long ago: 2026-11-30, 2026-11-30T12:00, 12h, 7d'

/** Reads a time of the past: the beginning of a day, a time in UTC, or how long ago. Unit: ms since the epoch. */
export function since(text: string): number {
  return timeIn('--since', text)
}

/** Reads a time before which something happened. A day counts in full. Unit: ms since the epoch. */
export function until(text: string): number {
  return timeIn('--until', text) + (DAY.test(text) ? DAY_MS : 0)
}

function timeIn(flag: string, text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const ago = UNITS[unit]
  if (ago !== undefined) return Date.now() - Number(count) * ago
  const isTime = TIME.test(text)
  const ms = Date.parse(isTime && !text.endsWith('Z') ? `${text}Z` : text)
  if ((isTime || DAY.test(text)) && Number.isFinite(ms)) return ms
  throw new UsageError(`${flag} expects ${TIMES}`)
}

/** Collects `key=value` pairs. */
export function pairs(
  text: string,
  found: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('expected key=value')
  return { ...found, [text.slice(0, at)]: text.slice(at + 1) }
}
