import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from '@jest/globals'
import { Payments } from '../../src/index.js'
import { built, run } from '../support/built.js'
import {
  CLI,
  runCommand,
  startCommand,
  workFolder,
  type LocalCommand,
} from './support/local-command.js'

beforeAll(() => built(), 60_000)

const KEYS = [
  ...['NVM_API_KEY', 'NVM_SUBSCRIBER_API_KEY', 'NVM_PLAN_ID', 'PAY_TO'],
  ...['PAYMENT_MANAGER_ARN', 'PAYMENT_CONNECTOR_ID'],
]
const keysOf = ({ variable }: LocalCommand) => KEYS.map(variable)

const paymentsOf = ({ variable }: LocalCommand) =>
  Payments.getInstance({
    nvmApiKey: variable('NVM_SUBSCRIBER_API_KEY'),
    backendUrl: variable('NVM_BACKEND_URL'),
  })
const balanceOf = async (command: LocalCommand): Promise<number> => {
  const { balance } = await paymentsOf(command).plans.getPlanBalance(
    command.variable('NVM_PLAN_ID'),
  )
  return Number(balance)
}

/** Calls the example with a token. @returns the answer's text. */
async function call({ variable }: LocalCommand, token: string): Promise<string> {
  const params = { name: 'Greeter___hello', arguments: { name: 'Ada' } }
  const answer = await fetch(`${variable('NVM_BACKEND_URL')}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'payment-signature': token },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  })
  const { result } = (await answer.json()) as { result: { content: { text: string }[] } }
  return result.content.map(({ text }) => text).join('\n')
}

/** The payment that a printed line fetches. */
const tokenOf = async ({ variable }: LocalCommand): Promise<string> =>
  (await fetch(`${variable('NVM_BACKEND_URL')}/try/credits`)).text()

test('a second start prints the same keys, and a payment of before is still good', async () => {
  const folder = await workFolder()
  const first = await startCommand(folder)
  const token = await tokenOf(first)
  expect(first.said()).toContain('stay in .agentcore-x402. To begin anew: --reset')
  expect(await call(first, token)).toBe('Hello, Ada!')
  await first.end('SIGINT')
  const second = await startCommand(folder)
  expect(keysOf(second)).toEqual(keysOf(first))
  expect(keysOf(second)).not.toContain('')
  expect(second.said()).toContain('the subscriber holds 99 credits')
  expect(await call(second, token)).toBe('Hello, Ada!')
  await second.end()
  const anew = await startCommand(folder, '--reset')
  expect(keysOf(anew).filter((key) => keysOf(first).includes(key))).toEqual([])
  expect(await balanceOf(anew)).toBe(100)
})

test('--no-folder keeps nothing', async () => {
  const folder = await workFolder()
  const first = await startCommand(folder, '--no-folder')
  const second = await startCommand(folder, '--no-folder')
  expect(first.said()).toContain('Keys, plan and balances end with it.')
  expect(keysOf(second).filter((key) => keysOf(first).includes(key))).toEqual([])
  await expect(stat(path.join(folder, '.agentcore-x402'))).rejects.toThrow('ENOENT')
})

test('two stacks in one folder: the second says so in one line, and the first goes on', async () => {
  const folder = await workFolder()
  const first = await startCommand(folder)
  const second = runCommand(folder, '--port', '0', '--ledger')
  expect(await second.ended()).toBe(2)
  expect(second.said()).toMatch(/^agentcore-x402: [^\n]+\n$/)
  expect(second.said()).toContain(`process ${first.child.pid}, another local stack, uses`)
  expect(await call(first, await tokenOf(first))).toBe('Hello, Ada!')
  await startCommand(folder, '--folder', 'other')
})

test('a module that cannot be loaded leaves the folder to the next start', async () => {
  const folder = await workFolder()
  const failed = runCommand(folder, '--port', '0', '--handler', 'none.mjs')
  expect(await failed.ended()).toBe(2)
  await expect(stat(path.join(folder, '.agentcore-x402/lock'))).rejects.toThrow('ENOENT')
})

test('killed at any moment, it leaves a whole file, and every answer that went out is in it', async () => {
  const folder = await workFolder()
  let before = await startCommand(folder, '--credits', '100000')
  const keys = keysOf(before)
  const token = await tokenOf(before)
  let paid = 0
  for (let round = 1; round <= 3; round++) {
    let isOver = false
    const payers = Array.from({ length: 4 }, async () => {
      while (!isOver) if ((await call(before, token).catch(() => '')) === 'Hello, Ada!') paid += 1
    })
    while (paid < 12 * round) await sleep(3)
    await sleep(2 * round)
    await before.end('SIGKILL')
    isOver = true
    await Promise.all(payers)
    before = await startCommand(folder)
    expect(keysOf(before)).toEqual(keys)
    const spent = 100_000 - (await balanceOf(before))
    expect(spent).toBeGreaterThanOrEqual(paid)
    // What was charged in the moment of the kill, without an answer: at most one call of each payer.
    expect(spent).toBeLessThanOrEqual(paid + 4 * round)
  }
}, 60_000)

test('--write-env writes what is printed otherwise, and keeps the lines of others', async () => {
  const folder = await workFolder()
  const file = path.join(folder, '.env')
  await writeFile(file, '# mine\nDATABASE=x y\r\nNVM_API_KEY=real', { mode: 0o644 })
  const printed = await startCommand(folder)
  await printed.end()
  const { said } = await startCommand(folder, '--write-env', '.env')
  expect(said()).not.toContain('export ')
  expect(said()).toContain('.env sets NVM_API_KEY in another line, too')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const text = await readFile(file, 'utf8')
  expect(text.startsWith('# mine\nDATABASE=x y\r\nNVM_API_KEY=real\n')).toBe(true)
  const shown = [...printed.said().matchAll(/^export (\w+)='(.*)'$/gm)]
  // Every start has its own port.
  const withoutPort = (value = '') => value.replace(/:\d{4,5}(?=$|\/)/, '')
  const program = 'for (const name of process.argv.slice(1)) console.log(process.env[name])'
  const names = shown.map(([, name = '']) => name)
  const read = await run(process.execPath, [`--env-file=${file}`, '-e', program, ...names], {
    env: {},
  })
  expect(read.stdout.trimEnd().split('\n').map(withoutPort)).toEqual(
    shown.map(([, , value]) => withoutPort(value)),
  )
  expect(names).toEqual(expect.arrayContaining([...KEYS, 'AWS_REGION', 'AWS_ACCESS_KEY_ID']))
})

test('--env-file writes into a file that exists, and Node refuses one that does not', async () => {
  const folder = await workFolder()
  const started = await run(process.execPath, [CLI, 'local', '--env-file', '.env'], {
    cwd: folder,
  }).catch((error: unknown) => error)
  expect(started).toMatchObject({ code: 9 })
  await writeFile(path.join(folder, '.env'), 'MINE=1\n')
  const { end } = await startCommand(folder, '--env-file', '.env')
  await end()
  const text = await readFile(path.join(folder, '.env'), 'utf8')
  expect(text).toMatch(/^MINE=1\n/)
  expect(text).toContain('NVM_PLAN_ID=')
})
