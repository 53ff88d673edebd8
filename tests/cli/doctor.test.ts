import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Wish } from '../../src/cli/doctor/examine.js'
import type { Finding } from '../../src/cli/doctor/finding.js'
import { loadHandler } from '../../src/cli/doctor/load-handler.js'
import { wholeEnvironment } from '../../src/local/environment.js'
import type { Local } from '../../src/local/index.js'
import { built, run } from '../support/built.js'
import { stack } from '../support/seller.js'
import { IS_INSTALLED, startEngine, type Engine } from '../store/support/engine.js'
import { goodGateway, startAwsApi, type ReportedGateway } from './support/aws-api.js'
import { startOthers } from './support/other-servers.js'
import { OTHERS } from './support/strange-answers.js'
import {
  HANDLER_MISTAKES,
  SERVICE_MISTAKES,
  TABLE_MISTAKES,
  URL_MISTAKES,
  selling,
  type Places,
  type Planted,
} from './support/planted-mistakes.js'
import { GATEWAY_MISTAKES } from './support/planted-gateways.js'
import { createTables } from './support/tables.js'

const CLI = path.resolve('dist/cli.js')
const gateways = new Map<string, ReportedGateway>()
const places = { tables: { good: '', lasting: '', other: '', endpoint: '' } } as Places
let environment: Record<string, string>
let local: Local
let folder: string
let engine: Engine | undefined
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  await built()
  folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-doctor-'))
  const plan = { minAmount: 1n, maxAmount: 5n, creditsPerOrder: 10n }
  local = await stack({ plan })
  const [others, aws] = await Promise.all([startOthers(OTHERS), startAwsApi(gateways)])
  closing.push(others.close, aws.close)
  if (IS_INSTALLED) {
    engine = await startEngine()
    places.tables = { ...(await createTables(engine.endpoint)), endpoint: engine.endpoint }
  }
  Object.assign(places, { local: local.url, planId: local.planId, others: others.url })
  environment = {
    ...wholeEnvironment(local),
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: aws.url,
    AWS_ENDPOINT_URL_IAM: aws.url,
  }
}, 60_000)
afterAll(async () => {
  await Promise.all(closing.map((close) => close()))
  await engine?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Writes a handler's module. */
async function moduleOf(text: string): Promise<string> {
  const file = path.join(folder, `handler-${Math.random().toString(36).slice(2)}.mjs`)
  const index = pathToFileURL(path.resolve('dist/index.js')).href
  const head = `import { HTTPFacilitatorClient, Payments, createLambdaHandler, requiresPayment } from '${index}'
const plan = { payments: Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY }), planId: process.env.NVM_PLAN_ID, credits: 1 }
`
  await writeFile(file, head + text)
  return file
}

interface Examined {
  code: number
  isGood: boolean
  findings: Finding[]
  printed: string
}

async function doctor(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Examined> {
  const all = { PATH: process.env['PATH'] ?? '', ...environment, ...env }
  const options = { env: all, timeout: 30_000 }
  const ended = await run(process.execPath, [CLI, 'doctor', '--json', ...args], options).then(
    (output) => ({ code: 0, ...output }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  )
  const { code, stdout, stderr } = ended
  const parsed = JSON.parse(stdout) as Pick<Examined, 'isGood' | 'findings'>
  return { ...parsed, code, printed: stdout + stderr }
}

/** What one process finds of every mistake. A process for each would take a minute. */
let all: Map<string, Finding[]>
beforeAll(async () => {
  const planted = [...HANDLER_MISTAKES, ...SERVICE_MISTAKES, ...GATEWAY_MISTAKES, ...URL_MISTAKES]
  const cases = await Promise.all([...planted, ...(IS_INSTALLED ? TABLE_MISTAKES : [])].map(caseOf))
  const file = path.join(folder, 'cases.json')
  await writeFile(file, JSON.stringify(cases))
  const script = ['.config/run-ts.mjs', 'tests/cli/support/examine-all.ts', file]
  const { stdout, stderr } = await run(process.execPath, script, { timeout: 60_000 })
  expect(stdout + stderr).not.toContain(environment['NVM_API_KEY'])
  all = new Map(JSON.parse(stdout) as [string, Finding[]][])
}, 90_000)

async function caseOf({ name, handler, wish, env, gateway }: Planted) {
  const id = `g-${name.replaceAll(/\W+/g, '-')}`
  if (gateway !== undefined) {
    const reported = goodGateway(id)
    gateway(reported)
    gateways.set(id, reported)
  }
  const whole: Partial<Wish> = {
    ...(handler !== undefined && { handler: await moduleOf(handler(places)) }),
    ...(gateway !== undefined && { gatewayId: id }),
    ...wish?.(places),
  }
  return { name, wish: whole, env: { ...environment, ...env?.(places) } }
}

function isNamed({ name, found }: Planted): void {
  const { level, check, message, cure } = found
  const named = all.get(name)?.filter((one) => one.level === level && one.check === check)
  expect(named?.map((one) => one.message).join('\n')).toMatch(message)
  expect(named?.map((one) => one.cure).join('\n')).toMatch(cure)
}

test('a setup without a mistake has none, and the exit code says so', async () => {
  const id = 'g-good'
  gateways.set(id, goodGateway(id))
  const handler = await moduleOf(
    `${selling("{ tools: { 'weather___forecast': { credits: 2 } } }", 'createLambdaHandler')}
     export const tools = [{ name: 'weather___forecast', description: '', inputSchema: { type: 'object' } }]`,
  )
  const args = ['--handler', handler, '--gateway-id', id, '--url', `${places.local}/mcp`]
  const { code, findings, isGood } = await doctor([...args, '--tool', 'Greeter___hello'])
  expect({ code, isGood }).toEqual({ code: 0, isGood: true })
  const wrong = findings.filter(({ level, check }) => level !== 'ok' && check !== 'node')
  expect(wrong.map(({ message }) => message.replace(/^.* \$/, '$'))).toEqual([
    'payments are remembered by each container alone, and forgotten with it',
    '$0.01 on eip155:84532, a test network',
  ])
  const checks = new Set(findings.map(({ check }) => check))
  expect([...checks]).toEqual([
    ...['node', 'key', 'handler', 'plan', 'clock', 'price', 'table'],
    ...['gateway', 'interceptors', 'role', 'target', 'url', 'challenge'],
  ])
})

describe('a handler with a mistake', () => {
  test.each(HANDLER_MISTAKES)('$name is named, with the cure', isNamed)
})
describe('a key, a plan or a facilitator with a mistake', () => {
  test.each(SERVICE_MISTAKES)('$name is named, with the cure', isNamed)
})
describe('a Gateway with a mistake', () => {
  test.each(GATEWAY_MISTAKES)('$name is named, with the cure', isNamed)
})
describe('a URL with a mistake', () => {
  test.each(URL_MISTAKES)('$name is named, with the cure', isNamed)
})
describe('a table with a mistake', () => {
  if (!IS_INSTALLED) {
    test.skip('the engine is not installed: npm run peers', () => undefined)
    return
  }
  test.each(TABLE_MISTAKES)('$name is named, with the cure', isNamed)

  test('a table without a mistake has none', async () => {
    const { good, endpoint } = places.tables
    const { findings } = await doctor(['--table', good, '--endpoint-url', endpoint])
    expect(findings).toContainEqual({
      level: 'ok',
      check: 'table',
      message: `the table "${good}" has the keys and the index of payments, and deletes by time`,
    })
  })
})

test('every mistake that fails ends the command with 1, and a person reads one line and the cure', async () => {
  const env = { PATH: process.env['PATH'] ?? '', ...environment, NVM_PLAN_ID: '40404' }
  const ended = run(process.execPath, [CLI, 'doctor'], { env }).catch((error: unknown) => error)
  const { code, stdout } = (await ended) as { code: number; stdout: string }
  expect(code).toBe(1)
  expect(stdout).toMatch(/^fail {2}plan {10}the plan '40404' does not exist/m)
  expect(stdout).toMatch(/^ {20}Copy the id from the Nevermined app\./m)
  expect(stdout).toMatch(/\n\n\d ok, 1 warn, 1 fail\. No money was moved\.\n$/)
})

test('a module that never ends to load is given up', async () => {
  const file = path.join(folder, 'endless.mjs')
  await writeFile(file, 'await new Promise(() => undefined)')
  const { found } = await loadHandler(file, 100)
  expect(found).toMatchObject({
    level: 'fail',
    message: `${file} was not loaded within 0.1 s`,
  })
})

test('the key is tried once, however many plans are sold', async () => {
  const other = local.ledger.addPlan({}).planId
  const plans = selling(`{ planId: undefined, planIds: [plan.planId, '${other}'] }`)
  const { findings } = await doctor(['--handler', await moduleOf(plans)])
  const of = (check: string) => findings.filter((one) => one.check === check)
  expect(of('plan').map(({ level }) => level)).toEqual(['ok', 'ok'])
  expect(of('key').map(({ message }) => message)).toEqual([
    expect.stringContaining('NVM_API_KEY is a key'),
    'the facilitator of the plan takes the key',
  ])
})

test('no credit is taken, and nothing is settled', async () => {
  const { findings } = await doctor(['--handler', await moduleOf(selling('{}'))])
  expect(findings.map(({ message }) => message)).toContain(
    'the facilitator of the plan takes the key',
  )
  expect(local.balance()).toBe(100n)
})

test.each([
  [['--url', 'api.example.com'], '--url expects an http or https URL'],
  [['--tool', 'x'], '--tool needs --url'],
  [
    ['--gatway-id', 'x'],
    "unknown option '--gatway-id' (Did you mean --gateway-id?); see agentcore-x402 doctor --help",
  ],
])('the arguments %j are refused', async (args, message) => {
  const ended = run(process.execPath, [CLI, 'doctor', ...args]).catch((error: unknown) => error)
  expect(await ended).toMatchObject({ code: 2, stdout: '', stderr: `agentcore-x402: ${message}\n` })
})
