import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { OperatorTable } from '../../../src/store/operator/operator-table.js'
import { createPaymentTable } from '../../../src/store/operator/create-table.js'
import { tableDefinition } from '../../../src/store/table.js'

/** Creates a table of payments, one that keeps everything for ever, and one of something else. */
export async function createTables(endpoint: string) {
  const names = { good: 'payments', lasting: 'lasting', other: 'other' }
  const region = 'us-west-2'
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, region, credentials })
  const table = await OperatorTable.open({ table: names.good, region, endpoint })
  await createPaymentTable(table, {}, () => undefined)
  table.close()
  await client.send(new CreateTableCommand(tableDefinition(names.lasting)))
  await client.send(
    new CreateTableCommand({
      TableName: names.other,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  )
  client.destroy()
  return names
}
