import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { InterceptorOutput } from '../../src/index.js'
import { startLambda, type Local } from '../../src/local/index.js'
import { KEY_ARN, startSecretsManager } from '../house/support/secrets-manager.js'
import { built, run } from '../support/built.js'
import { challengeOf, receiptOf, stack, textOf } from '../support/seller.js'
import { environment, installedSeller } from './support/installed-seller.js'
import { workFolder } from './support/local-command.js'
import { LocalStack } from './support/local-stack.js'

let folder: string
let printed: string | undefined
const started: LocalStack[] = []

beforeAll(async () => {
  await built()
  ;({ folder, printed } = await installedSeller(await workFolder()))
}, 120_000)
afterAll(() => Promise.all(started.map((one) => one.end())))

const npm = (name: string, more: NodeJS.ProcessEnv = {}) =>
  run('npm', ['run', name], { cwd: folder, env: environment(more) })

test('init installs what package.json names, and leaves that out of the next commands', () => {
  // Without a registry, the reason was printed.
  if (printed === undefined) return expect(folder).toMatch(/shop$/)
  expect(printed).toMatch(/\nInstalled its packages in \d+ s\.\nNext:\n {2}cd shop\n {2}npm test\n/)
})

/** Refuses connections to other machines, so that a test that needs one fails. */
const GUARD = `
import net from 'node:net'
const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...args) {
  const { host = 'localhost', path } = [args[0]].flat()[0] ?? {}
  const isHere = path !== undefined || ['localhost', '127.0.0.1', '::1'].includes(host)
  if (!isHere) throw new Error('a connection to ' + host)
  return connect.apply(this, args)
}`

test('its own tests pass, and connect to no other machine', async () => {
  const guard = path.join(folder, '../guard.mjs')
  await writeFile(guard, GUARD)
  const { stdout } = await npm('test', { NODE_OPTIONS: `--import ${guard}` })
  expect(stdout).toMatch(/^# pass 4$/m)
  expect(stdout).toMatch(/^# fail 0$/m)
})

test('TypeScript finds nothing wrong, and looks at every file', async () => {
  const { stdout } = await run('npm', ['run', 'check', '--', '--listFiles'], {
    ...{ cwd: folder, env: environment(), maxBuffer: 8 * 1024 * 1024 },
  })
  const files = stdout.match(/^\/.*$/gm) ?? []
  const own = files.filter((file) => !file.includes('/node_modules/'))
  const names = own.map((file) => path.relative(folder, file)).sort()
  expect(names).toEqual(['deploy/lambda.ts', 'src/handler.ts', 'test/handler.test.ts'])
})

const BOOTSTRAP = 'dist/local/lambda/bootstrap.js'

/** The two answers of a bundle: without payment, and with one. */
async function answersOf(local: Local, env: Record<string, string>) {
  const file = path.join(folder, 'dist/lambda/index.mjs')
  const shared = { NVM_PLAN_ID: local.planId, NVM_BACKEND_URL: local.url }
  const lambda = await startLambda({ file, bootstrap: BOOTSTRAP, env: { ...shared, ...env } })
  const answers: InterceptorOutput[] = []
  for (const token of [null, local.accessToken()]) {
    const event = local.paidEvent('tools___longest_word', { text: 'one two three' }, token)
    const payload = JSON.stringify(event)
    answers.push(JSON.parse(await lambda.invoke({ payload, timeoutMs: 30_000 })) as never)
  }
  await lambda.close()
  return answers
}

test('the bundle sells as a Lambda, with the key from the environment or from Secrets Manager', async () => {
  await npm('build')
  const local = await stack()
  const secrets = await startSecretsManager({ [KEY_ARN]: local.nvmApiKey })
  const secret = {
    NVM_API_KEY_SECRET_ARN: KEY_ARN,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'eu-west-1',
  }
  for (const env of [{ NVM_API_KEY: local.nvmApiKey }, secret]) {
    const [unpaid, paid] = await answersOf(local, env)
    expect(challengeOf(unpaid as InterceptorOutput)?.accepts).toMatchObject([
      { planId: local.planId },
    ])
    expect(textOf(paid as InterceptorOutput)).toBe('three')
    expect(receiptOf(paid as InterceptorOutput)).toMatchObject({ success: true })
  }
  expect(local.balance()).toBe(96n)
  await secrets.close()
})

test('local --watch sells it, the printed line pays in any terminal, and edits count at once', async () => {
  const cli = path.join(folder, 'node_modules/agentcore-x402/dist/cli.js')
  const command = `cd '${folder}' && exec '${process.execPath}' '${cli}' local --watch --port 0 --ledger`
  const local = new LocalStack('bash', ['-c', command], environment())
  started.push(local)
  await local.until(/^It sells src\/handler\.ts, as "agentcore-x402" in package\.json says\.$/m)
  const [, line = ''] = await local.until(/^# paid with 1 credit: result and receipt\n(curl .*)$/m)
  const pay = async (): Promise<string> =>
    (await run('bash', ['-c', line], { cwd: '/', env: { PATH: process.env['PATH'] } })).stdout
  const answer = await pay()
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(answer).toMatch(/^payment-response: \S+\r$/m)
  expect(answer).toContain('"text":"1"')
  await local.until(/gateway {6}Greeter___count_words {2}paid 1 credit, 99 left$/m)

  const file = path.join(folder, 'src/handler.ts')
  const source = await readFile(file, 'utf8')
  await writeFile(file, source.replace('String(words.length)', "'many'"))
  await local.until(/^reloaded src\/handler\.ts$/m)
  expect(await pay()).toContain('"text":"many"')
  await writeFile(file, source)
})
