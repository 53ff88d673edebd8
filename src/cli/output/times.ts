/** A time as `2026-11-30 17:05`, in UTC. @param ms since the epoch; 0 is not known. */
export function timeText(ms: number): string {
  return ms === 0 ? '–' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}

/** A time for programs; `undefined` if it is not known. */
export function timeJson(ms: number | undefined): string | undefined {
  return ms === undefined || ms === 0 ? undefined : new Date(ms).toISOString()
}

const UNITS = [
  { ms: 86_400_000, name: 'day' },
  { ms: 3_600_000, name: 'hour' },
  { ms: 60_000, name: 'minute' },
  { ms: 1_000, name: 'second' },
] as const

/** A time, and how far away it is: `2026-11-30 17:05 UTC (in 3 hours)`. */
export function timeAway(ms: number, nowMs: number): string {
  const away = Math.abs(ms - nowMs)
  const unit = UNITS.find((one) => away >= one.ms) ?? UNITS[3]
  const count = Math.round(away / unit.ms)
  const words = `${count} ${unit.name}${count === 1 ? '' : 's'}`
  return `${timeText(ms)} UTC (${ms > nowMs ? `in ${words}` : `${words} ago`})`
}
