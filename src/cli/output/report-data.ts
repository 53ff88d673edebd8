import type { Unit } from './amounts.js'
import { csvLine } from './csv.js'
import { type Counts, type Group, OUTCOMES, byUnit } from './tally.js'
import { timeJson } from './times.js'

/** What a report is about. */
export interface Report {
  /** The first time at which its payments came. Unit: ms since the epoch. */
  readonly since: number
  /** The time before which they came. Unit: ms since the epoch. */
  readonly until: number
  readonly groups: readonly Group[]
  /** Whether some tools are counted together, because there are too many. */
  readonly hasOthers: boolean
  /** Payments without a time. They are not in the groups. */
  readonly undated: number
  /** Records of a later version. They are not in the groups. */
  readonly newer: number
}

/** A report for programs. Units are decimal strings, since a sum can be larger than a number holds. */
export function reportJson({ since, until, groups, undated, newer }: Report) {
  return {
    ...{ since: timeJson(since), until: timeJson(until) },
    totals: byUnit(groups).map(({ unit, total }) => ({ ...unitJson(unit), ...countsJson(total) })),
    groups: inOrder(groups).map(({ day, tool, unit, counts }) => {
      return { day, tool, ...unitJson(unit), ...countsJson(counts) }
    }),
    notCounted: { undated, newer },
  }
}

function unitJson({ name, planId, network, asset, decimals }: Unit) {
  return { unit: name, planId, network, asset, decimals }
}

function countsJson(counts: Counts) {
  return Object.fromEntries(
    OUTCOMES.map((outcome) => {
      const { payments, units } = counts[outcome]
      return [outcome, { payments, units: units.toString() }]
    }),
  )
}

const CSV_HEAD = csvLine([
  ...['day', 'tool', 'unit', 'plan', 'network', 'asset', 'decimals'],
  ...OUTCOMES.flatMap((outcome) => [outcome, `${outcome}_units`]),
])

/** A report as comma-separated values: a line for each day, tool and unit. */
export function reportCsv({ groups }: Report): string {
  const lines = inOrder(groups).map(({ day, tool, unit, counts }) =>
    csvLine([
      ...[day, tool, unit.name, unit.planId, unit.network, unit.asset, unit.decimals],
      ...OUTCOMES.flatMap((outcome) => {
        const { payments, units } = counts[outcome]
        return [payments, units.toString()]
      }),
    ]),
  )
  return CSV_HEAD + lines.join('')
}

function inOrder(groups: readonly Group[]): Group[] {
  const nameOf = ({ day, tool, unit }: Group): string => `${day} ${tool} ${unit.id}`
  return [...groups].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}
