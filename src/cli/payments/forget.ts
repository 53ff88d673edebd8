import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { OperatorPayments } from '../../store/operator/operator-payments.js'
import type { OperatorTable } from '../../store/operator/operator-table.js'
import { Ended, NothingFound, UsageError } from '../ended.js'
import { UNKNOWN_CHANGE, type Work } from '../interruptible.js'
import { Output } from '../output/output.js'
import { type TableOptions, inTable, keepClosed, withTable } from './table-options.js'

interface ForgetOptions extends TableOptions {
  readonly keepClosedDays: number
  readonly force?: true
  readonly yes?: true
}

/** Adds `payments forget`. */
export function forgetCommand(payments: Command): void {
  keepClosed(
    withTable(
      payments
        .command('forget')
        .summary('delete what the table knows of a payment')
        .description(
          'Deletes what the table knows of a payment: who paid for what, the receipt and the kept answer. A hash stays, ' +
            'so that the same payment does not count as new.',
        )
        .argument('<key>', 'key of the payment'),
      ['forget --table payments 8Zr0dGq5…', 'forget --table payments --yes -- -Zr0dGq5…'],
    )
      .option('--force', 'also a payment that is open, or whose refund is due')
      .option('--yes', 'do not ask'),
  ).action((key: string, options: ForgetOptions) =>
    inTable(options, (table, work) => forget({ table, work }, key, options)),
  )
}

const ENDED: ReadonlySet<string> = new Set(['settled', 'refused', 'refunded', 'dead'])

async function forget(
  { table, work }: { readonly table: OperatorTable; readonly work: Work },
  key: string,
  { keepClosedDays, force, yes, json }: ForgetOptions,
): Promise<void> {
  const payments = new OperatorPayments(table, keepClosedDays)
  const seen = await payments.read(key)
  if (seen === undefined) throw new NothingFound('no payment has this key')
  const { record } = seen
  const hasEnded = ENDED.has(record.state) && (record.state !== 'settled' || record.isDelivered)
  if (!hasEnded && force !== true) {
    throw new Ended(
      `the payment is "${record.state}", so money may be owed or on its way. Nothing was deleted. --force deletes it all the same`,
    )
  }
  if (yes !== true) await confirm(record.state)
  work.soFar = () => UNKNOWN_CHANGE
  if (!(await payments.forget(record))) {
    throw new Ended('another process has written the payment meanwhile. Look at it again')
  }
  const output = new Output()
  return json
    ? output.json({ key, isForgotten: true })
    : output.lines(['The payment is forgotten.'])
}

async function confirm(state: string): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError('without a terminal, forget expects --yes')
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  // While it asks, the terminal sends Ctrl+C as a key.
  asking.once('SIGINT', () => process.emit('SIGINT'))
  try {
    const answer = await asking.question(`Forget this payment ("${state}")? [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw new Ended('nothing was deleted')
  } finally {
    asking.close()
  }
}
