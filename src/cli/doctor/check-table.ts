import { deletesByTime, describeTable, wrongKeys } from '../../store/operator/create-table.js'
import { OperatorTable, type TablePlace } from '../../store/operator/operator-table.js'
import { PaymentError } from '../../errors/payment-error.js'
import { type Finding, findingsOf } from './finding.js'
import type { Sold } from './sold.js'

/** A table, if one is named. */
export type PerhapsTable = Omit<TablePlace, 'table'> & { readonly table: string | undefined }

const { ok, warn, fail } = findingsOf('table')

/** Checks where payments are remembered: that containers share it, and that the table is one of payments. */
export async function checkTable(
  { store }: Sold,
  { table, region, endpoint }: PerhapsTable,
): Promise<Finding[]> {
  const name = store?.name ?? table
  if (name !== undefined && (store === undefined || store.isShared)) {
    return checkPlace({ table: name, region, endpoint })
  }
  if (store === undefined) return []
  if (store.isShared)
    return [ok('payments are kept in a store of your own, which is not looked at')]
  const cure =
    'Give paymentStore: dynamoDbStore({ table, secret }), as in docs/durable-payments.md. Then a payment survives a crash, and no container sells it twice.'
  return [warn('payments are remembered by each container alone, and forgotten with it', cure)]
}

const CREATE = 'Run: npx agentcore-x402 payments create-table --table'

async function checkPlace(place: TablePlace): Promise<Finding[]> {
  try {
    const table = await OperatorTable.open(place)
    try {
      return await look(table)
    } finally {
      table.close()
    }
  } catch (error) {
    if (!(error instanceof PaymentError)) throw error
    return [
      fail(error.message, `${CREATE} ${place.table}, or mend region, credentials and permissions.`),
    ]
  }
}

async function look(table: OperatorTable): Promise<Finding[]> {
  const name = table.place.table
  const found = await describeTable(table)
  const wrong = wrongKeys(name, found)
  if (wrong.length > 0) {
    const cure = `Take another name, and run: npx agentcore-x402 payments create-table --table <name>`
    return [fail(`the table "${name}" is no table of payments: ${wrong.join('; ')}`, cure)]
  }
  if (found.TableStatus !== 'ACTIVE') {
    return [
      warn(
        `the table "${name}" is ${found.TableStatus ?? 'in no state'}`,
        'Wait until it is ACTIVE.',
      ),
    ]
  }
  if (!(await deletesByTime(table))) {
    const what = `the table "${name}" does not delete by time, so records stay for ever`
    return [warn(what, `${CREATE} ${name}. It turns deletion by time on.`)]
  }
  return [ok(`the table "${name}" has the keys and the index of payments, and deletes by time`)]
}
