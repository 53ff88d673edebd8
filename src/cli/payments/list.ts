import { type Command, Option } from 'commander'
import type { PaymentState } from '../../seller/options/payment-record.js'
import type { OperatorTable } from '../../store/operator/operator-table.js'
import type { Placed } from '../../store/operator/payment-pages.js'
import { sameId } from '../../wire/amounts.js'
import { NothingFound, UsageError } from '../ended.js'
import { type Work, readSoFar } from '../interruptible.js'
import { STATES } from '../output/meanings.js'
import { Output } from '../output/output.js'
import { CSV_HEAD, namesOf, paymentCsv, paymentJson } from '../output/payment-json.js'
import { paymentTable } from '../output/payment-table.js'
import { Progress, grouped } from '../output/progress.js'
import { timeJson } from '../output/times.js'
import { commandLines, flagsOf } from '../output/command-lines.js'
import { type TableOptions, inTable, tableFlags, withTable } from './table-options.js'
import { TIMES, since, until, wholeNumber } from '../values.js'
import { PAGE_ITEMS, wantedPages } from './wanted-pages.js'

interface ListOptions extends TableOptions {
  readonly state?: PaymentState
  readonly tool?: string
  readonly payer?: string
  readonly since?: number
  readonly until?: number
  readonly limit: number
  readonly next?: string
  readonly csv?: true
}

const DEFAULT_LIMIT = 50
/** A page is sorted in memory. */
const MAX_LIMIT = 1_000

/** Adds `payments list`. */
export function listCommand(payments: Command): void {
  withTable(
    payments
      .command('list')
      .summary('list payments, page by page')
      .description(
        'Lists payments, the newest first within a page. A table has no order by time, so a page is not ' +
          'newer than the next one. The states of open payments, refunds due and dead payments are read by the index, ' +
          'other lists read the table.',
      ),
    [
      'list --table payments --state refund_due',
      'list --table payments --tool search --since 7d --limit 200',
      'list --table payments --json | jq -r ".payments[].transaction"',
    ],
  )
    .addOption(new Option('--state <state>', 'payments in this state').choices(STATES))
    .option('--tool <name>', 'payments for this tool, method or path')
    .option('--payer <address>', 'payments of this payer')
    .option('--since <time>', `payments that came since: ${TIMES}`, since)
    .option('--until <time>', 'payments that came until: the same', until)
    .option('--limit <n>', 'how many payments', wholeNumber('--limit', MAX_LIMIT, 1), DEFAULT_LIMIT)
    .option('--next <place>', 'where an earlier list ended')
    .option('--csv', 'print comma-separated values')
    .action((options: ListOptions) => inTable(options, (table, work) => list(table, options, work)))
}

async function list(table: OperatorTable, options: ListOptions, work: Work): Promise<void> {
  if (options.csv && options.json) throw new UsageError('--csv cannot be used with --json')
  const progress = new Progress()
  work.soFar = readSoFar(progress)
  const found = await collected(table, options, progress).finally(() => progress.end())
  const output = new Output()
  const { placed, next } = found
  const payments = placed
    .map(({ payment }) => payment)
    .sort((a, b) => b.record.createdAt - a.record.createdAt)
  if (options.json) {
    await output.json({ payments: payments.map(paymentJson), next })
  } else if (options.csv) {
    await output.write(CSV_HEAD + payments.map(paymentCsv).join(''))
  } else if (payments.length > 0) {
    await output.lines(paymentTable(payments, output))
  }
  const isNext = options.next !== undefined
  const notes = notesOf(found, options, output.columns)
  if (options.json || options.csv) process.stderr.write(notes.map((line) => `${line}\n`).join(''))
  else if (payments.length > 0 || isNext) await output.lines(['', ...notes])
  // Behind the last payment, an empty page is the end of a list that was found.
  if (payments.length === 0 && next === undefined && !isNext)
    throw new NothingFound('no payment was found')
}

interface Collected {
  readonly placed: readonly Placed[]
  /** Where to go on. `undefined` if nothing is left. */
  readonly next: string | undefined
  readonly newer: number
}

async function collected(
  table: OperatorTable,
  options: ListOptions,
  progress: Progress,
): Promise<Collected> {
  const placed: Placed[] = []
  const counts = { read: 0, newer: 0 }
  let next: string | undefined
  for await (const page of pagesOf(table, options)) {
    counts.read += page.read
    counts.newer += page.newer
    progress.show(counts.read, 'items read')
    const wanted = page.payments.filter((one) => isWanted(one, options))
    const room = options.limit - placed.length
    placed.push(...wanted.slice(0, room))
    if (placed.length < options.limit) continue
    next = placed.at(-1)?.after
    break
  }
  return { placed, next, newer: counts.newer }
}

function pagesOf(table: OperatorTable, options: ListOptions) {
  const { state, tool, payer, limit, since: from, until: to, next: after } = options
  const isSparse = tool !== undefined || payer !== undefined || state !== undefined
  const pageItems = isSparse ? PAGE_ITEMS : Math.min(limit, PAGE_ITEMS)
  return wantedPages(table, { state, since: from, until: to, after, pageItems })
}

function isWanted({ payment }: Placed, { tool, payer }: ListOptions): boolean {
  const names = namesOf(payment)
  if (tool !== undefined && names.tool !== tool) return false
  return payer === undefined || (names.payer !== undefined && sameId(names.payer, payer))
}

function notesOf(
  { placed, next, newer }: Collected,
  options: ListOptions,
  columns: number | undefined,
): string[] {
  const many = `${grouped(placed.length)} ${placed.length === 1 ? 'payment' : 'payments'}`
  const flags = [...tableFlags(options), ...filterFlags(options), `--next ${next ?? ''}`]
  return [
    ...(next === undefined
      ? [`${many}, newest first.${options.next === undefined ? '' : ' This was the last page.'}`]
      : [
          `${many}, newest first on this page. There may be more:`,
          ...commandLines('list', flags, columns),
        ]),
    ...(newer === 0
      ? []
      : [`${newer} more were written by a later version of agentcore-x402: update this command.`]),
  ]
}

function filterFlags(options: ListOptions): string[] {
  const { since: from, until: to } = options
  return flagsOf({
    ...{ state: options.state, tool: options.tool, payer: options.payer },
    since: timeJson(from),
    until: timeJson(to),
    limit: options.limit === DEFAULT_LIMIT ? undefined : String(options.limit),
    csv: options.csv && '',
    json: options.json && '',
  })
}
