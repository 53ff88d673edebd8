import type { Command } from 'commander'
import type { OperatorTable } from '../../store/operator/operator-table.js'
import { NothingFound, UsageError } from '../ended.js'
import { type Work, readSoFar } from '../interruptible.js'
import { Output } from '../output/output.js'
import { Progress } from '../output/progress.js'
import { type Report, reportCsv, reportJson } from '../output/report-data.js'
import { reportText } from '../output/report-text.js'
import { Tally, dayOf } from '../output/tally.js'
import { type TableOptions, inTable, withTable } from './table-options.js'
import { DAY_MS, TIMES, since, until } from '../values.js'
import { wantedPages } from './wanted-pages.js'

interface ReportOptions extends TableOptions {
  readonly since?: number
  readonly until?: number
  readonly csv?: true
}

/** How many days are reported if nothing else is said, with the day of today. */
const DEFAULT_DAYS = 7

/** Adds `payments report`. */
export function reportCommand(payments: Command): void {
  withTable(
    payments
      .command('report')
      .summary('revenue, refusals and refunds by day and by tool')
      .description(
        'Sums the payments of a period by the day on which they came, by tool, and by asset or plan. Amounts of ' +
          'different assets or plans are never added. The whole table is read.',
      )
      .addHelpText('after', EXPLANATION),
    [
      'report --table payments',
      'report --table payments --since 2026-11-01 --until 2026-11-30 --csv > november.csv',
      'report --table payments --since 30d --json | jq .totals',
    ],
  )
    .option(
      '--since <time>',
      `payments that came since: ${TIMES} (default: 7 days, with today)`,
      since,
    )
    .option('--until <time>', 'payments that came until: the same (default: now)', until)
    .option('--csv', 'print comma-separated values: a line for each day, tool, and asset or plan')
    .action((options: ReportOptions) =>
      inTable(options, (table, work) => report(table, options, work)),
    )
}

const EXPLANATION = `
Revenue is what was settled. Refunds are not part of it.
  settled     the buyer was charged
  refused     the work was done, and the facilitator refused to charge
  refunded    it was charged, the work failed, and you marked it as paid back
  refund_due  it was charged, the work failed, and you owe the buyer a refund
  open        it has not ended yet
  dead        it was given up: nobody knows whether the buyer was charged
The amount of a payment that was not charged is what was asked for.

Only payments with a record in the table are counted. There is no record of
- a call without a name that was paid with a reusable token, unless its outcome
  was unknown or a refund is due,
- a payment that was refused before the work, or whose work failed without a
  charge: its record is deleted, so it does not count as refused,
- a payment that you have made the table forget,
- a payment that expired more than 90 days ago (keepClosedDays).
The record of a pay-as-you-go plan says that 0 credits were charged.
To check your revenue, compare it with the facilitator's ledger.`

async function report(table: OperatorTable, options: ReportOptions, work: Work): Promise<void> {
  const { json, csv } = options
  if (csv && json) throw new UsageError('--csv cannot be used with --json')
  const nowMs = Date.now()
  const { since: from = firstDay(nowMs), until: to = nowMs } = options
  if (from >= to) throw new UsageError('--since expects a time before --until')
  const progress = new Progress()
  work.soFar = readSoFar(progress)
  const found = await counted(table, { from, to }, progress).finally(() => progress.end())
  const output = new Output()
  if (json) await output.json(reportJson(found))
  else if (csv) await output.write(reportCsv(found))
  else await output.lines(reportText(found, output, nowMs))
  if (found.groups.length === 0) throw new NothingFound('no payment was found in this period')
}

/** The beginning of the first day that is reported. */
function firstDay(nowMs: number): number {
  return Date.parse(dayOf(nowMs)) - (DEFAULT_DAYS - 1) * DAY_MS
}

async function counted(
  table: OperatorTable,
  { from, to }: { readonly from: number; readonly to: number },
  progress: Progress,
): Promise<Report> {
  const tally = new Tally()
  const counts = { read: 0, undated: 0, newer: 0 }
  for await (const page of wantedPages(table, { since: from, until: to, orUndated: true })) {
    counts.read += page.read
    counts.newer += page.newer
    progress.show(counts.read, 'items read')
    for (const { payment } of page.payments) {
      if (payment.record.createdAt === 0) counts.undated += 1
      else tally.add(payment.record)
    }
  }
  const { groups, hasOthers } = tally
  return { since: from, until: to, groups, hasOthers, ...counts }
}
