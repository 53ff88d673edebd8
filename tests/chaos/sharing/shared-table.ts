import { setTimeout as sleep } from 'node:timers/promises'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type DynamoDbClient, dynamoDbStore } from '../../../src/store/index.js'
import { SECRET, clientOf, createTable, itemsOf } from '../../store/support/table.js'
import type { Life } from './life.js'
import type { TableFault } from './outages.js'

/** A table that the containers of one lane share, and what happens to their requests. */
export class SharedTable {
  readonly #client: DynamoDBClient
  readonly #table: string
  #faults: ReadonlyMap<number, TableFault> = new Map()
  #requests = 0
  #isDown = false
  /** What has happened on this visit, and to which requests. */
  hits: { fault: TableFault; step: string }[] = []

  private constructor(client: DynamoDBClient, table: string) {
    this.#client = client
    this.#table = table
  }

  static async open(endpoint: string): Promise<SharedTable> {
    const client = clientOf(endpoint)
    return new SharedTable(client, await createTable(client))
  }

  /** A visit begins. */
  begin(faults: ReadonlyMap<number, TableFault>): void {
    this.#faults = faults
    this.#requests = 0
    this.#isDown = false
    this.hits = []
  }

  /** The store of one container. */
  storeOf(life: Life, now: () => number): ReturnType<typeof dynamoDbStore> {
    const send = (command: Command, options: never): Promise<unknown> => {
      const step = stepOf(command)
      return life.reach(step, () => this.#carryOut(step, () => this.#send(command, options)))
    }
    const client = { send } as unknown as DynamoDbClient
    return dynamoDbStore({ table: this.#table, secret: SECRET, client, now, timeoutMs: 30_000 })
  }

  #send(command: Command, options: never): Promise<unknown> {
    return this.#client.send(command as never, options)
  }

  async #carryOut(step: string, send: () => Promise<unknown>): Promise<unknown> {
    const fault = this.#isDown ? 'down' : this.#faults.get(this.#requests++)
    if (fault === undefined) return send()
    this.hits.push({ fault, step })
    switch (fault) {
      case 'slow':
        await sleep(5)
        return send()
      case 'duplicate':
        await send().catch(() => undefined)
        return send()
      case 'reply lost':
        await send()
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
      case 'down after':
        this.#isDown = true
        await send()
        throw failure('AccessDeniedException')
      case 'down':
        this.#isDown = true
        throw failure('AccessDeniedException')
      case 'throttled':
        throw failure('ProvisionedThroughputExceededException')
      case 'conflict':
        throw failure('TransactionConflictException')
    }
  }

  /** The records of payments, as they lie in the table. */
  async records() {
    const items = await itemsOf(this.#client, this.#table)
    return items.filter(({ kind }) => kind?.S === 'payment')
  }

  close(): void {
    this.#client.destroy()
  }
}

function failure(name: string): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } })
}

interface Command {
  constructor: { name: string }
  input: Input
}

interface Input {
  Item?: Attributes
  ExpressionAttributeValues?: Attributes
  TransactItems?: { Put?: Input; Update?: Input }[]
}
type Attributes = Record<string, { S?: string; BOOL?: boolean }>

/** E.g. `UpdateItem settling`. What is settled and not delivered yet is `paid`. */
function stepOf({ constructor, input }: Command): string {
  const operation = constructor.name.replace(/Command$/, '')
  const [first] = input.TransactItems ?? []
  const { Item, ExpressionAttributeValues: values } = first?.Put ?? first?.Update ?? input
  const state = (Item?.['state'] ?? values?.[':state'])?.S
  if (state === undefined) return operation
  const isDelivered = (Item?.['isDelivered'] ?? values?.[':isDelivered'])?.BOOL
  return `${operation} ${state === 'settled' && isDelivered === false ? 'paid' : state}`
}
