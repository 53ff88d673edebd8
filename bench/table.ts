import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { startEngine } from '../tests/store/support/engine.js'
import { clientOf } from '../tests/store/support/table.js'

/** A table server in another process, some way off. */
export interface FarTable {
  /** Its trips take longer by the delay. */
  client: DynamoDBClient
  /** The same server without delay, to fill tables. */
  near: DynamoDBClient
  stop: () => Promise<void>
}

export async function startFarTable(delayMs: number): Promise<FarTable> {
  const engine = await startEngine()
  const { port } = new URL(engine.endpoint)
  const proxy = spawn(process.execPath, ['bench/delay-proxy.mjs', port, String(delayMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ownPort = await new Promise<string>((resolve, reject) => {
    proxy.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
    proxy.once('exit', () => reject(new Error('the proxy did not start')))
  })
  return {
    client: clientOf(`http://127.0.0.1:${ownPort}`),
    near: clientOf(engine.endpoint),
    async stop() {
      proxy.kill()
      await engine.stop()
    },
  }
}

/** The smallest write to a table: what a trip to the store costs at least. */
export function bareUpdate(client: DynamoDBClient, table: string): () => Promise<void> {
  return async () => {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: 'bench' } },
        UpdateExpression: 'SET n = :n',
        ExpressionAttributeValues: { ':n': { N: '1' } },
      }),
    )
  }
}

const PER_BATCH = 25

/** Fills a table with copies of what a sale left in it. */
export async function fill(client: DynamoDBClient, table: string, records: number): Promise<void> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table }))
  const sold = Items.find(({ kind, state }) => kind?.S === 'payment' && state?.S === 'settled')
  if (sold === undefined) throw new Error('nothing was sold yet')
  for (let i = 0; i < records; i += PER_BATCH) {
    const copies = Array.from({ length: Math.min(PER_BATCH, records - i) }, () => copyOf(sold))
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: copies } }))
  }
}

function copyOf(sold: Record<string, AttributeValue>) {
  return { PutRequest: { Item: { ...sold, pk: { S: randomUUID() } } } }
}

/** What one request to a table was, and what it cost. */
export interface Trip {
  name: string
  /** Write and read units, as the server counted them. */
  units: number
}

/** The same client, and a list of what it sends from now on. */
export function counted(client: DynamoDBClient): { client: DynamoDBClient; trips: Trip[] } {
  const trips: Trip[] = []
  const own = client.send.bind(client) as (command: Command, options: unknown) => Promise<Answer>
  const send = async (command: Command, options: unknown) => {
    const trip = { name: command.constructor.name.replace('Command', ''), units: 0 }
    trips.push(trip)
    command.input['ReturnConsumedCapacity'] = 'TOTAL'
    const answer = await own(command, options)
    trip.units = [answer.ConsumedCapacity ?? []]
      .flat()
      .reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0)
    return answer
  }
  return { client: { send } as unknown as DynamoDBClient, trips }
}

interface Command {
  input: Record<string, unknown>
}

interface Answer {
  ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[]
}
