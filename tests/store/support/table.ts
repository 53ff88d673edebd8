import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { tableDefinition } from '../../../src/store/index.js'

const BINARY = path.resolve('tests/peers/node_modules/@dynoxide/linux-x64/dynoxide')

/** Whether the engine is installed. */
export const IS_INSTALLED = existsSync(BINARY)

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

/** A secret of tests. */
export const SECRET = 'a secret of tests, long enough to be one'

/** A DynamoDB-compatible server of its own. */
export interface Engine {
  endpoint: string
  /** Ends it as a crash would. */
  stop: () => Promise<void>
}

/** Starts the engine on a port that is free. It keeps everything in memory. */
export async function startEngine(): Promise<Engine> {
  const port = await freePort()
  const child = spawn(BINARY, ['--host', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  const endOurs = (): void => void child.kill('SIGKILL')
  process.once('exit', endOurs)
  const endpoint = `http://127.0.0.1:${port}`
  await answering(endpoint, child)
  return {
    endpoint,
    async stop() {
      process.removeListener('exit', endOurs)
      endOurs()
      await ended
    },
  }
}

/** A client as a Lambda has one, of the engine. */
export function clientOf(endpoint: string, maxAttempts = 1): DynamoDBClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts })
}

/** @returns the name of a table without items. */
export async function createTable(client: DynamoDBClient): Promise<string> {
  const name = `payments-${randomUUID()}`
  await client.send(new CreateTableCommand(tableDefinition(name)))
  return name
}

/** Every item of a table, as the engine holds it. */
export async function itemsOf(client: DynamoDBClient, table: string) {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table }))
  return Items
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function answering(endpoint: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(endpoint, { method: 'POST' }).catch(() => undefined)
    if (answer !== undefined) return
    await sleep(10)
  }
  throw new Error('the DynamoDB engine did not start')
}
