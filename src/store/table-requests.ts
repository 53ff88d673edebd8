import { setTimeout as sleep } from 'node:timers/promises'
import type {
  DeleteItemCommandInput,
  DynamoDBClient,
  DynamoDBClientConfig,
  GetItemCommandInput,
  PutItemCommandInput,
  QueryCommandInput,
  QueryCommandOutput,
  TransactWriteItem,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { notLoaded } from '../errors/not-loaded.js'
import { PaymentUnavailableError, asError } from '../errors/payment-error.js'
import { withNames } from '../lazy.js'
import { countdown } from '../time/countdown.js'
import { limited } from '../time/limited.js'
import { VERSION } from '../version.js'
import type { Item } from './item.js'
import { type Condition, failedOn, isTransient, lostConditions } from './table-failure.js'

type Sdk = typeof import('@aws-sdk/client-dynamodb')

/** The outcome of a write. */
export interface Written {
  /** Whether every condition held, and everything was written. */
  readonly isDone: boolean
  /** The conditions of its parts, if one did not hold. */
  readonly conditions: readonly Condition[]
  /** The item, if the table was asked to return it. */
  readonly item: Item | undefined
  /** Whether it was sent more than once, so that an earlier try may have been carried out. */
  readonly isRepeated: boolean
}

/** A client of AWS's SDK: a `DynamoDBClient`, or a `DynamoDBDocumentClient` over one. */
export interface DynamoDbClient {
  /** Sends one command of AWS's SDK. */
  readonly send: (command: never, options?: never) => Promise<unknown>
}

/** The table that requests go to, and the client. */
export interface TableOptions {
  readonly table: string
  readonly client: DynamoDbClient | undefined
  /** How long one request may take, with all its tries. Unit: ms. */
  readonly timeoutMs: number
}

/** The limit of one try. It leaves time for another try if the connection is lost. Unit: ms. */
const TRY_MS = 1_000
const FIRST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 400

/**
 * Sends requests to one table. If a request fails for a reason that passes, it is sent again until the time is up.
 * Such reasons are throttling, a conflict of transactions, and a lost connection.
 *
 * Every method throws PaymentUnavailableError if the table cannot be reached, or refuses.
 */
export class TableRequests {
  readonly #options: TableOptions
  #loading: Promise<{ sdk: Sdk; client: DynamoDBClient }> | undefined

  constructor(options: TableOptions) {
    this.#options = options
  }

  /** Reads what was written last, by any container. */
  async get(key: Pick<GetItemCommandInput, 'Key'>): Promise<Item | undefined> {
    const input = { TableName: this.#options.table, ConsistentRead: true, ...key }
    const { output } = await this.#send('GetItem', (sdk, client, options) =>
      client.send(new sdk.GetItemCommand(input), options),
    )
    return output?.Item
  }

  /** Reads one page of an index, which may be late. */
  async query(query: Omit<QueryCommandInput, 'TableName'>): Promise<QueryPage> {
    const input = { TableName: this.#options.table, ...query }
    const { output } = await this.#send('Query', (sdk, client, options) =>
      client.send(new sdk.QueryCommand(input), options),
    )
    return output ?? {}
  }

  put(write: Omit<PutItemCommandInput, 'TableName'>): Promise<Written> {
    const input = { TableName: this.#options.table, ...RETURNED, ...write }
    return this.#write('PutItem', (sdk, client, options) =>
      client.send(new sdk.PutItemCommand(input), options),
    )
  }

  update(write: Omit<UpdateItemCommandInput, 'TableName'>): Promise<Written> {
    const input = { TableName: this.#options.table, ...RETURNED, ...write }
    return this.#write('UpdateItem', (sdk, client, options) =>
      client.send(new sdk.UpdateItemCommand(input), options),
    )
  }

  delete(write: Omit<DeleteItemCommandInput, 'TableName'>): Promise<Written> {
    const input = { TableName: this.#options.table, ...RETURNED, ...write }
    return this.#write('DeleteItem', (sdk, client, options) =>
      client.send(new sdk.DeleteItemCommand(input), options),
    )
  }

  /** @param writeId names the write, so that DynamoDB carries it out once however often it is sent. */
  transact(writeId: string, writes: readonly Part[]): Promise<Written> {
    const own = { TableName: this.#options.table, ...RETURNED }
    const TransactItems = writes.map((part) =>
      Object.fromEntries(Object.entries(part).map(([kind, input]) => [kind, { ...own, ...input }])),
    ) as TransactWriteItem[]
    const input = { TransactItems, ClientRequestToken: writeId }
    return this.#write('TransactWriteItems', (sdk, client, options) =>
      client.send(new sdk.TransactWriteItemsCommand(input), options),
    )
  }

  async #write(
    name: string,
    send: Send<{ Attributes?: Item | undefined; $metadata: object }>,
  ): Promise<Written> {
    const { output, conditions, isRepeated } = await this.#send(name, send)
    return { isDone: conditions.length === 0, conditions, item: output?.Attributes, isRepeated }
  }

  async #send<Output extends object>(name: string, send: Send<Output>): Promise<Sent<Output>> {
    const { sdk, client } = await this.#load()
    const leftMs = countdown(this.#options.timeoutMs)
    for (let tries = 1; ; tries++) {
      const limit = limited(name, Math.max(1, Math.min(TRY_MS, leftMs())))
      try {
        const output = await send(sdk, client, { abortSignal: limit.signal })
        return { output, conditions: [], isRepeated: tries > 1 || triesIn(output) > 1 }
      } catch (error) {
        const conditions = lostConditions(error)
        const isRepeated = tries > 1 || triesIn(error) > 1
        if (conditions !== undefined) return { output: undefined, conditions, isRepeated }
        const pauseMs = pauseAfter(tries)
        if (!isTransient(error) || leftMs() <= pauseMs) {
          throw failedOn(name, this.#options.table, error)
        }
        await sleep(pauseMs)
      } finally {
        limit.done()
      }
    }
  }

  #load(): Promise<{ sdk: Sdk; client: DynamoDBClient }> {
    return (this.#loading ??= this.#connect().catch((error: unknown) => {
      this.#loading = undefined
      throw error
    }))
  }

  async #connect(): Promise<{ sdk: Sdk; client: DynamoDBClient }> {
    const sdk = await loadSdk()
    const given = this.#options.client as DynamoDBClient | undefined
    // We repeat requests ourselves, because the SDK does not know how to repeat transactions.
    const config: DynamoDBClientConfig = {
      maxAttempts: 1,
      customUserAgent: [['agentcore-x402', VERSION]],
    }
    return { sdk, client: given ?? new sdk.DynamoDBClient(config) }
  }
}

/** A page of an index. */
export type QueryPage = Pick<QueryCommandOutput, 'Items' | 'Count' | 'LastEvaluatedKey'>

/** One write of a transaction. */
export type Part =
  | { Put: Unnamed<'Put'> }
  | { Update: Unnamed<'Update'> }
  | { Delete: Unnamed<'Delete'> }
type Unnamed<Kind extends 'Put' | 'Update' | 'Delete'> = Omit<
  NonNullable<TransactWriteItem[Kind]>,
  'TableName'
>

type Send<Output> = (
  sdk: Sdk,
  client: DynamoDBClient,
  options: { abortSignal: AbortSignal },
) => Promise<Output>

interface Sent<Output> {
  output: Output | undefined
  conditions: readonly Condition[]
  isRepeated: boolean
}

const RETURNED = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const

async function loadSdk(): Promise<Sdk> {
  try {
    return withNames(await import('@aws-sdk/client-dynamodb'))
  } catch (cause) {
    const why = notLoaded('@aws-sdk/client-dynamodb', cause)
    throw new PaymentUnavailableError('store_unavailable', why, { cause: asError(cause) })
  }
}

/** How often the seller's own client sent a request. */
function triesIn(about: unknown): number {
  const { $metadata } = about as { $metadata?: { attempts?: number } }
  return $metadata?.attempts ?? 1
}

/** How long to wait before the next try. It is random, so that two writers that met do not meet again. Unit: ms. */
function pauseAfter(tries: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)
  return longest / 2 + (Math.random() * longest) / 2
}
