import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { dynamoDbStore } from '../../../src/store/index.js'
import { startLocal, type Local, type LocalOptions } from '../../../src/local/index.js'
import { examplePayment } from '../../../src/local/example-payment.js'
import type { Challenge } from '../../../src/client/index.js'
import { piped } from '../../cli/support/terminal.js'
import { describeTable } from '../../store/support/describe-table.js'
import { DYNOXIDE, startEngine } from '../../store/support/engine.js'
import { built } from '../../support/built.js'
import { toolCall } from '../../support/seller.js'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const { PATH = '' } = process.env
const WITH_ENGINE = `${path.dirname(DYNOXIDE.command)}${path.delimiter}${PATH}`

let folder: string
let local: Local | undefined
beforeEach(async () => {
  process.env['PATH'] = WITH_ENGINE
  folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-table-'))
})
afterEach(async () => {
  await local?.close()
  local = undefined
  await rm(folder, { recursive: true, force: true })
})
afterAll(() => void (process.env['PATH'] = PATH))

async function start(options: LocalOptions): Promise<Local> {
  await local?.close()
  local = await startLocal(options)
  return local
}

/** Buys the example for money, once. */
async function buy(from: Local): Promise<string> {
  const call = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${from.url}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(toolCall('Greeter___hello', { name: 'Ada' })),
    })
  const { result } = (await (await call({})).json()) as { result: { structuredContent: Challenge } }
  const made = await examplePayment(from.x402, result.structuredContent)
  if ('problem' in made) throw new Error(made.problem)
  return (await call({ 'payment-signature': made.payment })).text()
}

/** What `agentcore-x402 payments list` finds. */
async function listed({ table }: Local): Promise<{ state: string; tool: string }[]> {
  const place = ['--table', table?.name ?? '', '--endpoint-url', table?.endpoint ?? '']
  const { code, stdout, stderr } = await piped('list', ...place, '--json')
  if (code === 3) return []
  if (code !== 0) throw new Error(stderr)
  return (JSON.parse(stdout) as { payments: { state: string; tool: string }[] }).payments
}

describeTable('the table of the local stack', () => {
  beforeAll(built)

  test('has what the example sold, for the commands, and keeps it with the folder', async () => {
    const first = await start({ folder, table: true })
    expect(await buy(first)).toContain('Hello, Ada!')
    const settled = { state: 'settled', tool: 'Greeter___hello' }
    expect(await listed(first)).toMatchObject([settled])
    const again = await start({ folder, table: true })
    expect(await listed(again)).toMatchObject([settled])
    expect(again.table?.secret).toBe(first.table?.secret)
    expect(await listed(await start({ folder, table: true, reset: true }))).toEqual([])
  })

  test('is one for a handler of the user, too', async () => {
    const { table } = await start({ table: true })
    const { name = '', endpoint = '', secret = '' } = table ?? {}
    const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb')
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
    const client = new DynamoDBClient({ endpoint, region: 'us-west-2', credentials })
    const store = dynamoDbStore({ table: name, secret, client })
    expect(await store.read('unknown', Date.now())).toBeUndefined()
    client.destroy()
  })

  test('can be on a server that runs already, and is left there', async () => {
    const engine = await startEngine()
    const first = await start({ table: `${engine.endpoint}/` })
    expect(first.table?.endpoint).toBe(engine.endpoint)
    await buy(first)
    expect(await listed(await start({ table: engine.endpoint }))).toHaveLength(1)
    await engine.stop()
  })
})

test('without the option there is none', async () => {
  expect((await start({})).table).toBeUndefined()
})

test.each([
  'https://dynamodb.us-east-1.amazonaws.com',
  'http://10.0.0.1:8000',
  'file:///tmp/db',
  '127.0.0.1:8000',
  '',
])('a server elsewhere is refused: %j', async (table) => {
  await expect(start({ table })).rejects.toMatchObject({
    option: 'table',
    message: expect.stringContaining('expected the URL of a server on this machine'),
  })
})

test('what is neither a URL nor a yes or no is refused', async () => {
  await expect(start({ table: 8000 as never })).rejects.toMatchObject({
    option: 'table',
    message: expect.stringContaining('expected true, false or a URL'),
  })
})

test('without a server it says what to install', async () => {
  process.env['PATH'] = path.dirname('/bin/sh')
  await expect(start({ table: true })).rejects.toMatchObject({
    option: 'table',
    message: expect.stringMatching(/no server .* starts here: npm install @dynoxide\/\w+-\w+/),
  })
})

test('with a server that does not answer it names the address', async () => {
  await expect(start({ table: 'http://127.0.0.1:9' })).rejects.toMatchObject({
    option: 'table',
    message: expect.stringContaining('http://127.0.0.1:9'),
  })
})
