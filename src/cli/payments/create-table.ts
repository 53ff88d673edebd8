import type { Command } from 'commander'
import { createPaymentTable } from '../../store/operator/create-table.js'
import type { OperatorTable } from '../../store/operator/operator-table.js'
import type { Work } from '../interruptible.js'
import { Output } from '../output/output.js'
import { type TableOptions, inTable, withTable } from './table-options.js'
import { pairs } from '../values.js'

interface CreateTableOptions extends TableOptions {
  readonly tags?: Record<string, string>
}

/** Adds `payments create-table`. */
export function createTableCommand(payments: Command): void {
  withTable(
    payments
      .command('create-table')
      .summary('create the table of payments')
      .description(
        'Creates the table, waits until it can be used, and turns deletion by time on. If the table is there, only ' +
          'what is missing is done.',
      ),
    ['create-table --table payments --tags team=tools', 'create-table --table payments --json'],
  )
    .option('--tags <key=value>', 'a tag of the table; may be given several times', pairs)
    .action((options: CreateTableOptions) =>
      inTable(options, (table, work) => create(table, options, work)),
    )
}

const HALF_DONE = 'The table may be there in part. Run the command again: it does what is missing.'

async function create(
  table: OperatorTable,
  { tags = {}, json }: CreateTableOptions,
  work: Work,
): Promise<void> {
  work.soFar = () => HALF_DONE
  const wait = (): void => {
    if (process.stderr.isTTY) process.stderr.write('The table is being created …\n')
  }
  const created = await createPaymentTable(table, tags, wait)
  const output = new Output()
  if (json) return output.json(created)
  return output.lines([
    created.wasThere ? 'The table was there.' : 'The table was created.',
    created.isTtlNew ? 'Deletion by time was turned on.' : 'Deletion by time was on.',
  ])
}
