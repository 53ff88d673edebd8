import { randomUUID } from 'node:crypto'
import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { tableDefinition } from '../../../src/store/index.js'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

/** A secret of tests. */
export const SECRET = 'a secret of tests, long enough to be one'

/** Makes a client of the engine, as a Lambda has one. */
export function clientOf(endpoint: string, maxAttempts = 1): DynamoDBClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts })
}

/**
 * Makes a table without items.
 *
 * @returns its name
 */
export async function createTable(client: DynamoDBClient): Promise<string> {
  const name = `payments-${randomUUID()}`
  await client.send(new CreateTableCommand(tableDefinition(name)))
  return name
}

/** Every item of a table, as the engine holds it. */
export async function itemsOf(client: DynamoDBClient, table: string) {
  const found: Record<string, AttributeValue>[] = []
  let ExclusiveStartKey: Record<string, AttributeValue> | undefined
  do {
    const page = await client.send(new ScanCommand({ TableName: table, ExclusiveStartKey }))
    found.push(...(page.Items ?? []))
    ExclusiveStartKey = page.LastEvaluatedKey
  } while (ExclusiveStartKey !== undefined)
  return found
}

/** The same client, but its requests wait for one another. */
export function oneAtATime(client: DynamoDBClient): DynamoDBClient {
  const own = client.send.bind(client) as (...given: unknown[]) => Promise<unknown>
  let last: Promise<unknown> = Promise.resolve()
  const send = (...given: unknown[]) => {
    const next = last.then(() => own(...given))
    last = next.catch(() => undefined)
    return next
  }
  return Object.assign(client, { send })
}
