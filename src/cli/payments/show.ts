import type { Command } from 'commander'
import { OperatorPayments } from '../../store/operator/operator-payments.js'
import type { OperatorTable } from '../../store/operator/operator-table.js'
import type { SeenPayment } from '../../store/operator/seen-payment.js'
import { NothingFound } from '../ended.js'
import { type Work, readSoFar } from '../interruptible.js'
import { MAX_FOUND, MIN_PREFIX_CHARS, findPayments } from './find-payments.js'
import { Output } from '../output/output.js'
import { paymentJson } from '../output/payment-json.js'
import { paymentTable } from '../output/payment-table.js'
import { paymentText } from '../output/payment-text.js'
import { Progress } from '../output/progress.js'
import { type TableOptions, inTable, withTable } from './table-options.js'
import { DAY_MS } from '../values.js'

/** Adds `payments show`. */
export function showCommand(payments: Command): void {
  withTable(
    payments
      .command('show')
      .summary('find a payment, and say what became of it')
      .description(
        'Finds a payment and says what became of it. A whole key, or the id of a refund, is read at once. ' +
          'Anything else reads the whole table. Several payments are listed.',
      )
      .argument(
        '<id>',
        `key (or its first ${MIN_PREFIX_CHARS} characters or more), transaction, payer, payment id, refund id or correlation id`,
      ),
    [
      'show --table payments 0x3c5b7c1e…',
      'show --table payments pay_7d5d747be160e280',
      'show --table payments --json 5f8a2c0b-…',
    ],
  ).action((id: string, options: TableOptions) =>
    inTable(options, (table, work) => show({ table, work }, id, options)),
  )
}

async function show(
  { table, work }: { readonly table: OperatorTable; readonly work: Work },
  id: string,
  { json }: TableOptions,
): Promise<void> {
  const progress = new Progress()
  work.soFar = readSoFar(progress)
  // Nothing is closed here, so it does not matter how long closed records are kept.
  const payments = new OperatorPayments(table, DAY_MS)
  const lookup = { table, payments, progress }
  const found = await findPayments(lookup, id).finally(() => progress.end())
  if (found.length === 0) {
    throw new NothingFound(
      `no payment has this key, transaction, payer, payment id, refund id or correlation id. ` +
        'Closed payments are deleted after keepClosedDays, and other functions may use another table',
    )
  }
  const output = new Output()
  const [only] = found
  const whole = found.length === 1 && only && (await payments.read(only.record.key))
  if (whole) {
    await (json ? output.json(paymentJson(whole)) : output.lines(paymentText(whole, output)))
    return
  }
  const sorted = found.sort(byTime)
  if (json) return output.json({ payments: sorted.map(paymentJson) })
  const more = found.length >= MAX_FOUND ? ', and there may be more' : ''
  await output.lines([
    ...paymentTable(sorted, output),
    '',
    `${found.length} payments${more}. Show one of them by its key.`,
  ])
}

function byTime(a: SeenPayment, b: SeenPayment): number {
  return b.record.createdAt - a.record.createdAt
}
