import type { Unit } from './amounts.js'
import type { Output } from './output.js'
import { plainText } from './plain-text.js'
import { grouped } from './progress.js'
import type { Report } from './report-data.js'
import { type Counted, plotLines, totalLines } from './report-tables.js'
import { cut, wrapped } from './table-text.js'
import {
  type Counts,
  OUTCOMES,
  OTHER_TOOLS,
  type UnitReport,
  byUnit,
  dayOf,
  noCounts,
  sumOf,
  sumsBy,
} from './tally.js'
import { timeText } from './times.js'

/** In a longer period, days without payments are left out. */
const MAX_EMPTY_DAYS = 100
/** Other tools are shown as one. */
const MAX_TOOLS = 20
const DAY_MS = 86_400_000
/** How long records are kept if the seller does not set `keepClosedDays`. */
const KEPT_DAYS = 90
/** Where lines of a text end, without a terminal. Unit: columns. */
const TEXT_COLUMNS = 100

/** Says what became of the payments of a period, for a person: for each asset or plan, by day and by tool. */
export function reportText(report: Report, output: Output, nowMs = Date.now()): string[] {
  const { since, until, groups } = report
  const columns = output.columns ?? TEXT_COLUMNS
  const heading = `Payments from ${timeText(since)} to ${timeText(until)} UTC`
  return [
    ...wrapped(heading, columns),
    ...byUnit(groups).flatMap((one) => ['', ...unitLines(one, report, output)]),
    '',
    ...notesOf(report, nowMs).flatMap((note) =>
      wrapped(note, columns).map((line) => output.paint('dim', line)),
    ),
  ]
}

function unitLines({ unit, groups, total }: UnitReport, report: Report, output: Output): string[] {
  const columns = output.columns ?? TEXT_COLUMNS
  const outcomes = OUTCOMES.filter((outcome) => total[outcome].payments > 0)
  const table = (name: string, rows: readonly Counted[]): string[] =>
    plotLines(name, rows, { unit, outcomes }, output)
  const [byDay, byTool] = [sumsBy(groups, ({ day }) => day), sumsBy(groups, ({ tool }) => tool)]
  return [
    ...wrapped(titleOf(unit), columns)
      .flatMap((line) => cut(line, columns))
      .map((line) => output.paint('bold', line)),
    ...totalLines(total, { unit, outcomes }, output),
    '',
    ...table('DAY', daysOf(byDay, report)),
    '',
    ...table('TOOL', toolsOf(byTool)),
  ]
}

function titleOf({ id, name, of }: Unit): string {
  if (id === '') return 'Payments whose amount is not recorded'
  const where = name === 'credits' ? 'of' : 'on'
  return plainText(`${name} ${where} ${of}`)
}

/** The days of the period, in order. */
function daysOf(sums: ReadonlyMap<string, Counts>, { since, until }: Report): Counted[] {
  const first = Date.parse(dayOf(since))
  const count = Math.ceil((until - first) / DAY_MS)
  const days =
    count > MAX_EMPTY_DAYS
      ? [...sums.keys()].sort()
      : Array.from({ length: count }, (_, at) => dayOf(first + at * DAY_MS))
  return days.map((day) => ({ name: day, counts: sums.get(day) ?? noCounts() }))
}

/** The tools, the one that earned most first. */
function toolsOf(sums: ReadonlyMap<string, Counts>): Counted[] {
  const tools = [...sums].map(([name, counts]) => ({ name: plainText(name), counts }))
  const sorted = tools.sort((a, b) => byRevenue(a.counts, b.counts))
  if (sorted.length <= MAX_TOOLS) return sorted
  const rest = sorted.slice(MAX_TOOLS - 1)
  const name = `(${rest.length} other tools)`
  return [...sorted.slice(0, MAX_TOOLS - 1), { name, counts: sumOf(rest) }]
}

function byRevenue(a: Counts, b: Counts): number {
  const [one, other] = [a.settled, b.settled]
  if (one.units !== other.units) return one.units > other.units ? -1 : 1
  return other.payments - one.payments
}

/** Says what the report lacks, and why. */
function notesOf({ since, hasOthers, undated, newer }: Report, nowMs: number): string[] {
  const isOld = since < nowMs - KEPT_DAYS * DAY_MS
  return [
    'Not counted: calls without a name that were paid with a reusable token, and payments that were refused before the work. "payments report --help" says more.',
    ...(isOld
      ? [
          'Records are deleted some time after their payment has expired: after 90 days, if you did not set keepClosedDays. So earlier days lack payments.',
        ]
      : []),
    ...(hasOthers ? [`There are too many tools: ${OTHER_TOOLS} are the rest of them.`] : []),
    ...(undated === 0
      ? []
      : [
          `${grouped(undated)} more without a time were written by an early version: they are not counted.`,
        ]),
    ...(newer === 0
      ? []
      : [
          `${grouped(newer)} more were written by a later version of agentcore-x402: update this command.`,
        ]),
  ]
}
