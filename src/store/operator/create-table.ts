import type { TableDescription } from '@aws-sdk/client-dynamodb'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import { TTL_ATTRIBUTE, tableDefinition } from '../table.js'
import type { OperatorTable } from './operator-table.js'

/** What was done. */
export interface CreatedTable {
  readonly wasThere: boolean
  /** Whether deletion by time was turned on now. */
  readonly isTtlNew: boolean
  readonly arn: string | undefined
}

/** How long a table may take until it can be used. Unit: s. */
const MAX_WAIT_SECONDS = 300

/**
 * Creates the table of `dynamoDbStore`, waits until it can be used, and turns deletion by time on. If the table is
 * there, only what is missing is done.
 *
 * @param onWait is called when there is something to wait for.
 * @throws PaymentUnavailableError if the table is there with other keys, or the request fails.
 */
export async function createPaymentTable(
  table: OperatorTable,
  tags: Readonly<Record<string, string>>,
  onWait: () => void,
): Promise<CreatedTable> {
  const name = table.place.table
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  const definition = { ...tableDefinition(name), ...(Tags.length > 0 && { Tags }) }
  const wasThere = !(await table.send('CreateTable', async (sdk, client) => {
    try {
      await client.send(new sdk.CreateTableCommand(definition))
      return true
    } catch (error) {
      if ((error as Error).name === 'ResourceInUseException') return false
      throw error
    }
  }))
  if (!wasThere) onWait()
  await table.send('DescribeTable', (sdk, client) =>
    sdk.waitUntilTableExists(
      { client, maxWaitTime: MAX_WAIT_SECONDS, minDelay: 1 },
      { TableName: name },
    ),
  )
  const found = await describeTable(table)
  requireSameKeys(name, found)
  return { wasThere, isTtlNew: await turnTtlOn(table), arn: found.TableArn }
}

/** @throws PaymentUnavailableError if the table has other keys than the store needs. */
function requireSameKeys(name: string, found: TableDescription): void {
  const wrong = wrongKeys(name, found)
  if (wrong.length === 0) return
  const what = `the table "${name}" exists, and is no table of payments: ${wrong.join('; ')}. Nothing was changed`
  throw new PaymentUnavailableError('store_unavailable', what)
}

/** Reads how a table is made. */
export async function describeTable(table: OperatorTable): Promise<TableDescription> {
  const { Table: found = {} } = await table.send('DescribeTable', (sdk, client) =>
    client.send(new sdk.DescribeTableCommand({ TableName: table.place.table })),
  )
  return found
}

/** What a table has otherwise than the store needs it. */
export function wrongKeys(name: string, found: TableDescription): string[] {
  const own = tableDefinition(name)
  const [index] = own.GlobalSecondaryIndexes ?? []
  const indexes = found.GlobalSecondaryIndexes ?? []
  const same = indexes.find(({ IndexName }) => IndexName === index?.IndexName)
  const typed = (one: Pick<TableDescription, 'AttributeDefinitions'>): string =>
    JSON.stringify(
      (one.AttributeDefinitions ?? [])
        .map(({ AttributeName = '', AttributeType = '' }) => `${AttributeName}:${AttributeType}`)
        .sort(),
    )
  const wrong = [
    ...(keysOf(found) === keysOf(own) ? [] : [`its key is ${keysOf(found)}, not ${keysOf(own)}`]),
    ...(same === undefined ? [`it has no index "${index?.IndexName ?? ''}"`] : []),
    ...(same !== undefined && keysOf(same) !== keysOf(index)
      ? [`the key of its index is ${keysOf(same)}, not ${keysOf(index)}`]
      : []),
  ]
  return wrong.length === 0 && typed(found) !== typed(own)
    ? ['its attributes have other types']
    : wrong
}

function keysOf(one: Pick<TableDescription, 'KeySchema'> | undefined): string {
  const keys = one?.KeySchema ?? []
  return keys
    .map(({ AttributeName = '', KeyType = '' }) => `${AttributeName} ${KeyType}`)
    .join(', ')
}

/** @returns whether it was off. */
async function turnTtlOn(table: OperatorTable): Promise<boolean> {
  const TableName = table.place.table
  if (await deletesByTime(table)) return false
  await table.send('UpdateTimeToLive', (sdk, client) =>
    client.send(
      new sdk.UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      }),
    ),
  )
  return true
}

/** Whether DynamoDB deletes items by time. */
export async function deletesByTime(table: OperatorTable): Promise<boolean> {
  const TableName = table.place.table
  const { TimeToLiveDescription: now } = await table.send('DescribeTimeToLive', (sdk, client) =>
    client.send(new sdk.DescribeTimeToLiveCommand({ TableName })),
  )
  return now?.TimeToLiveStatus === 'ENABLED' || now?.TimeToLiveStatus === 'ENABLING'
}
