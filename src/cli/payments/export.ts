import { type Command, Option } from 'commander'
import { PaymentError } from '../../errors/payment-error.js'
import type { PaymentState } from '../../seller/options/payment-record.js'
import type { OperatorTable } from '../../store/operator/operator-table.js'
import type { PaymentPage } from '../../store/operator/payment-pages.js'
import { Ended, NothingFound, UsageError } from '../ended.js'
import type { Work } from '../interruptible.js'
import { commandLines, flagsOf } from '../output/command-lines.js'
import { STATES } from '../output/meanings.js'
import { Output } from '../output/output.js'
import { CSV_HEAD, paymentCsv, paymentJson } from '../output/payment-json.js'
import { Progress, grouped } from '../output/progress.js'
import { timeJson } from '../output/times.js'
import { type TableOptions, inTable, tableFlags, withTable } from './table-options.js'
import { TIMES, since, until } from '../values.js'
import { wantedPages } from './wanted-pages.js'

interface ExportOptions extends TableOptions {
  readonly state?: PaymentState
  readonly since?: number
  readonly until?: number
  readonly next?: string
  readonly csv?: true
}

/** Adds `payments export`. */
export function exportCommand(payments: Command): void {
  withTable(
    payments
      .command('export')
      .summary('write all payments, one a line')
      .description(
        'Writes payments to stdout, one a line, in the order of the table. Comma-separated values with a first line of ' +
          'names are the default. With --json each line is one JSON object. Nothing secret or encrypted is written. ' +
          'If the export ends early, it prints the command that goes on; --next leaves the line of names out.',
      ),
    [
      'export --table payments > payments.csv',
      'export --table payments --since 2026-11-01 --until 2026-11-30 > november.csv',
      'export --table payments --state settled --json | jq -r .transaction',
    ],
  )
    .addOption(new Option('--state <state>', 'payments in this state').choices(STATES))
    .option('--since <time>', `payments that came since: ${TIMES}`, since)
    .option('--until <time>', 'payments that came until: the same', until)
    .option('--next <place>', 'where an earlier export ended')
    .option('--csv', 'write comma-separated values (the default)')
    .action((options: ExportOptions) =>
      inTable(options, (table, work) => new Export(table, options).run(work)),
    )
}

/** An export, and how far it has come. */
class Export {
  readonly #table: OperatorTable
  readonly #options: ExportOptions
  readonly #output = new Output()
  readonly #progress = new Progress(!this.#output.isTerminal)
  #written = 0
  #read = 0
  #newer = 0
  /** Behind the last payment that the reader has taken. */
  #place: string | undefined
  #isWriting = false

  constructor(table: OperatorTable, options: ExportOptions) {
    this.#table = table
    this.#options = options
    this.#place = options.next
  }

  async run(work: Work): Promise<void> {
    const { json, csv, next } = this.#options
    if (csv && json) throw new UsageError('--csv cannot be used with --json')
    work.soFar = () => `Nothing was changed. ${this.#soFar()}`
    try {
      if (!json && next === undefined) await this.#output.write(CSV_HEAD)
      await this.#writeAll()
    } catch (error) {
      if (!(error instanceof PaymentError)) throw error
      throw new Ended(`${error.message}. ${this.#soFar()}`)
    } finally {
      this.#progress.end()
    }
    if (this.#newer > 0) {
      process.stderr.write(
        `${grouped(this.#newer)} more were written by a later version of agentcore-x402: update this command.\n`,
      )
    }
    if (this.#written === 0 && next === undefined) throw new NothingFound('no payment was found')
  }

  async #writeAll(): Promise<void> {
    const { state, since: from, until: to, next: after } = this.#options
    const pages = wantedPages(this.#table, { state, since: from, until: to, after })
    for await (const page of pages) {
      this.#isWriting = true
      await this.#output.write(this.#textOf(page))
      this.#isWriting = false
      this.#written += page.payments.length
      this.#read += page.read
      this.#newer += page.newer
      this.#place = page.payments.at(-1)?.after ?? this.#place
      this.#progress.show(this.#read, `items read, ${grouped(this.#written)} payments written`)
    }
  }

  #textOf({ payments }: PaymentPage): string {
    const lines = payments.map(({ payment }) =>
      this.#options.json ? `${JSON.stringify(paymentJson(payment))}\n` : paymentCsv(payment),
    )
    return lines.join('')
  }

  /** Says how many payments the reader has, and how to get the others. */
  #soFar(): string {
    if (this.#place === undefined) return 'No payment was written.'
    const { state, since: from, until: to, json } = this.#options
    const flags = flagsOf({
      state,
      since: timeJson(from),
      until: timeJson(to),
      json: json && '',
      next: this.#place,
    })
    const command = commandLines(
      'export',
      [...tableFlags(this.#options), ...flags],
      process.stderr.columns,
    )
    const cut = this.#isWriting ? ' A part of the next ones may follow them.' : ''
    return [`${grouped(this.#written)} payments were written.${cut} To go on:`, ...command].join(
      '\n',
    )
  }
}
