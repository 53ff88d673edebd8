import type { Command } from 'commander'
import { markRefunded } from '../../seller/records/mark-refunded.js'
import { OperatorPayments } from '../../store/operator/operator-payments.js'
import type { OperatorTable } from '../../store/operator/operator-table.js'
import { UNKNOWN_CHANGE, type Work } from '../interruptible.js'
import { Output } from '../output/output.js'
import { type TableOptions, inTable, keepClosed, withTable } from './table-options.js'

interface RefundedOptions extends TableOptions {
  readonly keepClosedDays: number
}

/** Adds `payments refunded`. */
export function refundedCommand(payments: Command): void {
  keepClosed(
    withTable(
      payments
        .command('refunded')
        .summary('note that a refund was paid back')
        .description(
          'Notes that you have paid a refund back. It moves no money. A second time changes nothing.',
        )
        .argument('<id>', 'id of the refund, as onRefundDue, the log and "payments show" name it'),
      ['refunded --table payments 8Zr0…Yk.3f2b9c1d7e60'],
    ),
  ).action((id: string, options: RefundedOptions) =>
    inTable(options, (table, work) => refunded({ table, work }, id, options)),
  )
}

async function refunded(
  { table, work }: { readonly table: OperatorTable; readonly work: Work },
  id: string,
  { json, keepClosedDays }: RefundedOptions,
): Promise<void> {
  const store = new OperatorPayments(table, keepClosedDays).asStore()
  work.soFar = () => UNKNOWN_CHANGE
  const marked = await markRefunded(store, id)
  const output = new Output()
  if (json) return output.json(marked)
  const done = marked.wasRefunded
    ? 'It was marked as paid back before. Nothing was written.'
    : 'The refund is marked as paid back.'
  return output.lines([done])
}
