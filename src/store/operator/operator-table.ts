import type {
  DynamoDBClient,
  DynamoDBClientConfig,
  QueryCommandInput,
  ScanCommandInput,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { notLoaded } from '../../errors/not-loaded.js'
import { PaymentUnavailableError, asError } from '../../errors/payment-error.js'
import { VERSION } from '../../version.js'
import { isLoopback } from '../../wire/loopback.js'
import type { Item } from '../item.js'
import { lostConditions } from '../table-failure.js'
import { operatorFailure } from './operator-failure.js'

type Sdk = typeof import('@aws-sdk/client-dynamodb')

/** Where a table is. */
export interface TablePlace {
  readonly table: string
  readonly region: string | undefined
  readonly endpoint: string | undefined
}

/** Items of one request. */
export interface ItemPage {
  readonly items: readonly Item[]
  /** How many items were read, also those that the filter left out. */
  readonly read: number
  /** Where the next request goes on. `undefined` if nothing is left. */
  readonly next: Item | undefined
}

/**
 * The table, for the commands of an operator. It may scan and wait, so no call of a seller uses it. The SDK repeats
 * requests that fail for a reason that passes.
 *
 * Every method throws PaymentUnavailableError if the table cannot be reached, or refuses.
 */
export class OperatorTable {
  readonly place: TablePlace
  readonly #sdk: Sdk
  readonly #client: DynamoDBClient

  private constructor(place: TablePlace, sdk: Sdk, client: DynamoDBClient) {
    this.place = place
    this.#sdk = sdk
    this.#client = client
  }

  static async open(place: TablePlace): Promise<OperatorTable> {
    const sdk = await loadSdk()
    return new OperatorTable(place, sdk, new sdk.DynamoDBClient(configOf(place)))
  }

  /** Reads what was written last. */
  async get(pk: string): Promise<Item | undefined> {
    const input = { TableName: this.place.table, ConsistentRead: true, Key: { pk: { S: pk } } }
    const { Item: item } = await this.send('GetItem', (sdk, client) =>
      client.send(new sdk.GetItemCommand(input)),
    )
    return item
  }

  async scan(input: Omit<ScanCommandInput, 'TableName'>): Promise<ItemPage> {
    const page = await this.send('Scan', (sdk, client) =>
      client.send(new sdk.ScanCommand({ TableName: this.place.table, ...input })),
    )
    return pageOf(page)
  }

  async query(input: Omit<QueryCommandInput, 'TableName'>): Promise<ItemPage> {
    const page = await this.send('Query', (sdk, client) =>
      client.send(new sdk.QueryCommand({ TableName: this.place.table, ...input })),
    )
    return pageOf(page)
  }

  /**
   * Writes an item, if the condition holds. The write has a name, so that a write whose reply was lost is known again.
   *
   * @returns whether it was written.
   */
  async update(
    input: Omit<UpdateItemCommandInput, 'TableName'>,
    writeId: string,
  ): Promise<boolean> {
    const write = {
      ...{ TableName: this.place.table, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const },
      ...input,
    }
    return this.#unlessLost('UpdateItem', writeId, (sdk, client) =>
      client.send(new sdk.UpdateItemCommand(write)),
    )
  }

  async delete(pk: string): Promise<void> {
    const input = { TableName: this.place.table, Key: { pk: { S: pk } } }
    await this.send('DeleteItem', (sdk, client) => client.send(new sdk.DeleteItemCommand(input)))
  }

  /** Sends any request. */
  async send<Output>(
    operation: string,
    request: (sdk: Sdk, client: DynamoDBClient) => Promise<Output>,
  ): Promise<Output> {
    try {
      return await request(this.#sdk, this.#client)
    } catch (error) {
      const { table, endpoint } = this.place
      throw operatorFailure({ operation, table, endpoint }, error)
    }
  }

  close(): void {
    this.#client.destroy()
  }

  async #unlessLost(
    operation: string,
    writeId: string,
    request: (sdk: Sdk, client: DynamoDBClient) => Promise<unknown>,
  ): Promise<boolean> {
    let isLost = false
    await this.send(operation, async (sdk, client) => {
      try {
        await request(sdk, client)
      } catch (error) {
        const [condition] = lostConditions(error) ?? []
        if (condition === undefined) throw error
        isLost = condition.item?.['writeId']?.S !== writeId
      }
    })
    return !isLost
  }
}

async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-dynamodb')
  } catch (cause) {
    const why = notLoaded('@aws-sdk/client-dynamodb', cause)
    throw new PaymentUnavailableError('store_unavailable', why, { cause: asError(cause) })
  }
}

function configOf({ region, endpoint }: TablePlace): DynamoDBClientConfig {
  const config: DynamoDBClientConfig = {
    maxAttempts: 6,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000 },
    customUserAgent: [['agentcore-x402', VERSION]],
    ...(region !== undefined && { region }),
  }
  if (endpoint === undefined) return config
  return {
    ...config,
    endpoint,
    ...(isLoopback(new URL(endpoint).hostname) && ofThisMachine(region)),
  }
}

/** A server of this machine needs neither region nor credentials, and real ones do not go there by accident. */
export function ofThisMachine(region: string | undefined): DynamoDBClientConfig {
  const { AWS_REGION: inEnvironment, AWS_ACCESS_KEY_ID: accessKey } = process.env
  return {
    ...(region === undefined && inEnvironment === undefined && { region: 'us-east-1' }),
    ...(accessKey === undefined && {
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  }
}

interface Answered {
  Items?: Item[] | undefined
  ScannedCount?: number | undefined
  LastEvaluatedKey?: Item | undefined
}

function pageOf({
  Items: items = [],
  ScannedCount: read = 0,
  LastEvaluatedKey,
}: Answered): ItemPage {
  return { items, read, next: LastEvaluatedKey }
}
