import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import type { InterceptorOutput } from '../../src/index.js'
import { built, run as runProgram } from '../support/built.js'
import { challengeOf, receiptOf, stack, textOf } from '../support/seller.js'

let folder: string
let tarball: string

beforeAll(async () => {
  await built()
  folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-package-'))
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const [packed] = JSON.parse((await run('npm', pack)).stdout) as PackedFiles[]
  tarball = path.join(folder, packed?.filename ?? '')
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module", "private": true }')
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']
  await run('npm', ['install', ...flags, tarball], { cwd: folder })
  await cp('tests/package-smoke', folder, { recursive: true })
}, 90_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs without coverage: for what is installed elsewhere it means nothing, and costs much. */
function run(
  program: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const env = { ...process.env, ...options.env }
  delete env['NODE_V8_COVERAGE']
  return runProgram(program, args, { ...options, env })
}

interface PackedFiles {
  filename: string
}

test.each([
  ['publint', ['node_modules/publint/src/cli.js', 'run', '--strict'], /All good!/],
  [
    'attw',
    ['node_modules/@arethetypeswrong/cli/dist/index.js', '--profile', 'esm-only'],
    /"agentcore-x402\/local"\s+node16 \(from ESM\): 🟢/,
  ],
])(
  '%s finds nothing wrong',
  async (_, args, verdict) => {
    const { stdout } = await run(process.execPath, [...args, tarball])
    expect(stdout).toMatch(verdict)
  },
  30_000,
)

/** Runs a module where the package is installed, and nothing that it only can use. */
function runInstalled(script: string) {
  return run(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder })
}

async function namesOf(entry: string): Promise<string[]> {
  const script = `console.log(JSON.stringify(Object.keys(await import('agentcore-x402${entry}'))))`
  const { stdout, stderr } = await runInstalled(script)
  expect(stderr).toBe('')
  return JSON.parse(stdout) as string[]
}

test('the seller is imported by name, with the names it promises', async () => {
  expect(await namesOf('')).toEqual([
    'AgentCoreInterceptor',
    'HTTPFacilitatorClient',
    'MCP_METHODS',
    'OptionsError',
    'PaymentConflictError',
    'PaymentError',
    'PaymentRefusedError',
    'PaymentRequiredError',
    'PaymentUnavailableError',
    'PaymentUsedError',
    'Payments',
    'PaymentsError',
    'RefundError',
    'SettlementUnknownError',
    'X402_HEADERS',
    'composeInterceptors',
    'createInterceptor',
    'createLambdaHandler',
    'isAssetRequirement',
    'isPlanRequirement',
    'markRefunded',
    'memoryStore',
    'requiresPayment',
  ])
})

test('so is the local stack', async () => {
  expect(await namesOf('/local')).toEqual([
    'LambdaError',
    'localContext',
    'startFunctionUrl',
    'startGateway',
    'startLambda',
    'startLocal',
    'startPaymentsService',
  ])
})

test('so is what tests agents, without Strands', async () => {
  expect(await namesOf('/testing')).toEqual([
    'OptionsError',
    'PaymentError',
    'recordingPayer',
    'scriptedModel',
  ])
})

test('so is what pays', async () => {
  expect(await namesOf('/client')).toEqual([
    'OptionsError',
    'PaidCallError',
    'PaymentError',
    'PaymentLimitError',
    'createBudget',
    'payerOf',
    'payingAxios',
    'payingFetch',
    'payingMcp',
    'receiptOf',
  ])
})

test('so is what speaks to AWS, without its SDK', async () => {
  expect(await namesOf('/agentcore')).toEqual([
    'AwsError',
    'DEFAULT_MAX_RESULTS',
    'InsufficientBudget',
    'InvalidPaymentInstrument',
    'MppChallengeSelectionError',
    'NETWORK_PREFERENCES',
    'OptionsError',
    'PaymentClient',
    'PaymentConnectorProvisionMode',
    'PaymentConnectorStatus',
    'PaymentConnectorType',
    'PaymentError',
    'PaymentInstrumentConfigurationRequired',
    'PaymentInstrumentNotFound',
    'PaymentManager',
    'PaymentManagerCreationFailed',
    'PaymentManagerStatus',
    'PaymentSessionConfigurationRequired',
    'PaymentSessionExpired',
    'PaymentSessionNotFound',
    'PaymentType',
    'PaymentsAuthorizerType',
    'ResourceFailed',
    'WaitTimeout',
    'extractChallenges',
    'isMppPaymentRequired',
    'parseWwwAuthenticate',
    'selectChallenge',
  ])
})

test.each([
  [
    `new PaymentManager({
      paymentManagerArn: 'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/a-1234567890',
      userId: 'ada',
    }).listPaymentSessions()`,
    '@aws-sdk/client-bedrock-agentcore',
  ],
  [`new PaymentClient().listPaymentManagers()`, '@aws-sdk/client-bedrock-agentcore-control'],
])('a call without the SDK gets one line that says what to install: %#', async (call, sdk) => {
  const { stdout } = await runInstalled(`
    import { PaymentClient, PaymentManager } from 'agentcore-x402/agentcore'
    const error = await ${call}.catch((thrown) => thrown)
    console.log(error.name, error.code, error.message)`)
  expect(stdout).toBe(`PaymentError sdk_missing ${sdk} is not installed: npm install ${sdk}\n`)
})

test('so are what keeps payments in DynamoDB, and its worker, without its SDK', async () => {
  expect(await namesOf('/dynamodb')).toEqual([
    'OptionsError',
    'PaymentError',
    'TTL_ATTRIBUTE',
    'dynamoDbStore',
    'tableDefinition',
  ])
  const worker = ['OptionsError', 'PaymentError', 'createSettlementWorker']
  expect(await namesOf('/worker')).toEqual(worker)
})

test('a DynamoDB store without the SDK says at its first use, in one line, what to install', async () => {
  const { stdout } = await runInstalled(`
    import { dynamoDbStore } from 'agentcore-x402/dynamodb'
    const store = dynamoDbStore({ table: 'payments', secret: 'x'.repeat(32) })
    const error = await store.read('a', 0).catch((thrown) => thrown)
    console.log(error.name, error.code, error.message)`)
  const sdk = '@aws-sdk/client-dynamodb'
  const line = `PaymentUnavailableError store_unavailable ${sdk} is not installed: npm install ${sdk}`
  expect(stdout).toBe(`${line}\n`)
})

test('the command of the installed package runs', async () => {
  const { stdout } = await run('npx', ['--no-install', 'agentcore-x402', '--help'], { cwd: folder })
  expect(stdout).toMatch(/^Usage: agentcore-x402 /)
})

test('what is not exported cannot be imported', async () => {
  const script = `await import('agentcore-x402/dist/seller/events/parse.js')`
  const inner = run(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder })
  await expect(inner).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED')
})

const CONSUMER = ['handler.ts', 'tests-of-the-seller.ts', 'buyer.ts']

/** What does not compile, beside the consumer: the compiler takes seconds to start. */
const WRONG = {
  'wrong-type.ts': `import { Payments } from 'agentcore-x402'\nexport const n: number = Payments\n`,
  'wrong-name.ts': `export { nothing } from 'agentcore-x402/client'\n`,
}

/** Lines of the compiler about files of a strict consumer. */
async function complaints(module: string, sources: string[]): Promise<string[]> {
  const args = ['.config/check-consumer.mjs', folder, module, ...sources]
  const { stdout } = await run(process.execPath, args).catch((error: unknown) => {
    const failed = error as { code: unknown; stdout: string; stderr: string }
    // It fails with 1 where something does not compile, and where it could not look.
    if (failed.code !== 1 || failed.stderr !== '') throw error
    return failed
  })
  return stdout.split('\n').filter((line) => line !== '')
}

let ofNodeNext: Promise<string[]> | undefined
async function withWrong(): Promise<string[]> {
  for (const [file, source] of Object.entries(WRONG)) {
    await writeFile(path.join(folder, file), source)
  }
  return complaints('NodeNext', [...CONSUMER, ...Object.keys(WRONG)])
}

test.each(['NodeNext', 'Preserve'])(
  'a strict consumer compiles with module %s',
  async (module) => {
    const lines = await (module === 'NodeNext'
      ? (ofNodeNext ??= withWrong())
      : complaints(module, CONSUMER))
    expect(lines.filter((line) => !line.startsWith('wrong-'))).toEqual([])
  },
  60_000,
)

test.each([
  ['a wrong type', 'wrong-type.ts'],
  ['a name that is not exported', 'wrong-name.ts'],
])(
  'what does not compile is seen: %s',
  async (_, file) => {
    const lines = (await (ofNodeNext ??= withWrong())).filter((line) => line.startsWith(file))
    expect(lines).toEqual([expect.stringMatching(/^wrong-\w+\.ts\(\d+,\d+\): error TS\d+/)])
  },
  60_000,
)

test('a bundle for Lambda sells', async () => {
  const outdir = path.join(folder, 'bundle')
  await writeFile(path.join(folder, 'no-form-data.js'), 'export default class FormData {}')
  await build({
    absWorkingDir: folder,
    entryPoints: ['handler.ts'],
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    splitting: true,
    outdir,
    outExtension: { '.js': '.mjs' },
    alias: { 'form-data': './no-form-data.js' },
    banner: {
      js: `import { createRequire } from 'node:module';const require = createRequire(import.meta.url);`,
    },
    logLevel: 'error',
  })
  const local = await stack()
  const events = [
    local.paidEvent('hello', { name: 'Ada' }, null),
    local.paidEvent('hello', { name: 'Ada' }),
  ]
  const script = `
    const { handler } = await import('./bundle/handler.mjs')
    const outputs = []
    for (const event of ${JSON.stringify(events)}) outputs.push(await handler(event, {}))
    console.log(JSON.stringify(outputs))`
  const env = {
    ...process.env,
    NVM_API_KEY: local.nvmApiKey,
    NVM_PLAN_ID: local.planId,
    NVM_BACKEND_URL: local.url,
  }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: folder,
    env,
  })
  const [unpaid, paid] = JSON.parse(stdout) as [InterceptorOutput, InterceptorOutput]
  expect(challengeOf(unpaid)?.accepts).toMatchObject([{ planId: local.planId }])
  expect(textOf(paid)).toBe(`Hello, Ada! 5 credits from ${local.subscriberAddress}`)
  expect(receiptOf(paid)).toMatchObject({ success: true })
  expect(local.balance()).toBe(95n)
}, 30_000)

test('without the SDK of Strands, its entry says what to install', async () => {
  const script = `await import('agentcore-x402/strands').catch(({ name, code, message }) =>
    console.log(JSON.stringify([name, code, message])))`
  const { stdout } = await runInstalled(script)
  expect(JSON.parse(stdout)).toEqual([
    'PaymentError',
    'sdk_missing',
    '@strands-agents/sdk is not installed: npm install @strands-agents/sdk',
  ])
})

test('the entry for Strands has the names of its module, for who imports and who requires it', async () => {
  const script = (load: string) =>
    `const names = Object.keys(${load}).sort(); console.log(JSON.stringify(names))`
  const imported = await run(process.execPath, [
    ...['--input-type=module', '--eval'],
    script(`await import('agentcore-x402/strands')`),
  ])
  const required = await run(process.execPath, [
    ...['--input-type=commonjs', '--eval'],
    script(`require('agentcore-x402/strands')`),
  ])
  const own = Object.keys(await import('../../src/strands/index.js')).sort()
  const names = (text: string) =>
    (JSON.parse(text) as string[]).filter((it) => it !== 'module.exports')
  expect(names(imported.stdout)).toEqual(own)
  expect(names(required.stdout)).toEqual(own)
})
