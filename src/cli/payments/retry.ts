import type { Command } from 'commander'
import { OperatorPayments } from '../../store/operator/operator-payments.js'
import type { OperatorTable } from '../../store/operator/operator-table.js'
import type { SeenPayment } from '../../store/operator/seen-payment.js'
import { Ended, NothingFound } from '../ended.js'
import { UNKNOWN_CHANGE, type Work } from '../interruptible.js'
import { Output } from '../output/output.js'
import { type TableOptions, inTable, keepClosed, withTable } from './table-options.js'

interface RetryOptions extends TableOptions {
  readonly keepClosedDays: number
}

/** Adds `payments retry`. */
export function retryCommand(payments: Command): void {
  keepClosed(
    withTable(
      payments
        .command('retry')
        .summary('let the worker look for the outcome of a payment again, at once')
        .description(
          'Lets the worker look for the outcome of a payment in its next run. It takes payments whose outcome is not ' +
            'known, and payments that were given up. Those are searched for once more, for as long as a new payment.',
        )
        .argument('<key>', 'key of the payment'),
      ['retry --table payments 8Zr0dGq5…'],
    ),
  ).action((key: string, options: RetryOptions) =>
    inTable(options, (table, work) => retry({ table, work }, key, options)),
  )
}

const RETRIED: ReadonlySet<string> = new Set(['pending', 'unknown', 'dead'])

async function retry(
  { table, work }: { readonly table: OperatorTable; readonly work: Work },
  key: string,
  { json, keepClosedDays }: RetryOptions,
): Promise<void> {
  const payments = new OperatorPayments(table, keepClosedDays)
  const seen = await payments.read(key)
  if (seen === undefined) throw new NothingFound('no payment has this key')
  const { record } = seen
  if (!RETRIED.has(record.state)) {
    throw new Ended(
      `a payment that is "${record.state}" is not looked for: expected pending, unknown or dead. Nothing was written`,
    )
  }
  const nowMs = Date.now()
  const next = {
    ...record,
    state: record.state === 'dead' ? ('unknown' as const) : record.state,
    version: record.version + 1,
    ...{ attempts: 0, nextAttemptAt: 0, leaseUntil: 0, code: undefined },
    // The time in which its outcome is searched begins anew.
    ...{ createdAt: record.state === 'dead' ? nowMs : record.createdAt, changedAt: nowMs },
  }
  work.soFar = () => UNKNOWN_CHANGE
  if (!(await payments.replace(record, next))) {
    throw new Ended('another process has written the payment meanwhile. Look at it again')
  }
  const output = new Output()
  const hope = hopeOf(seen)
  return json ? output.json({ key, state: next.state, hope }) : output.lines([hope])
}

/** What the worker can still find out. */
function hopeOf({ record, hasPayment }: SeenPayment): string {
  const when = 'The worker looks for it in its next run.'
  if (hasPayment === true) return when
  const isNamed = record.transaction !== undefined || record.settlementId !== undefined
  const why = isNamed ? 'Its names alone are not enough to look it up' : 'It cannot be looked up'
  return `${when} ${why}, because the table does not hold the signed payment: it will be given up again. Ask the facilitator.`
}
