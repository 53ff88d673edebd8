import type { Mistake } from '../errors/mistake.js'

/** Payments bear this much. An answer takes a moment, too. Unit: ms. */
const TOLERATED_MS = 60_000

/**
 * The mistake of a clock that differs from the one of a server.
 *
 * @param date the header `Date` of an answer of the server
 * @param now the clock of this machine. Unit: ms since the epoch.
 * @returns `undefined` if the clocks agree, or the server does not say its time.
 */
export function clockMistake(
  date: string | undefined,
  now: number,
  url: string,
): Mistake | undefined {
  const offMs = now - Date.parse(date ?? '')
  if (Number.isNaN(offMs) || Math.abs(offMs) <= TOLERATED_MS) return undefined
  const off = lengthOf(Math.abs(offMs))
  return {
    code: 'clock_off',
    field: 'clock',
    problem: `the clock of this machine is ${off} ${offMs > 0 ? 'ahead of' : 'behind'} the clock of ${url}`,
    expected: 'clocks that differ by less than a minute, since payments are valid for minutes',
    cure: 'Set the clock, or let NTP set it. In tests, check the option now.',
  }
}

function lengthOf(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return minutes === 1 ? 'a minute' : `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
