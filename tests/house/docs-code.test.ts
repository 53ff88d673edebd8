import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import { Payments, isPlanRequirement, type WrappedHandler } from '../../src/index.js'
import { localContext, type Local } from '../../src/local/index.js'
import { built, run } from '../support/built.js'
import { challengeOf, receiptOf, stack } from '../support/seller.js'
import { complaintsOf } from './support/check-blocks.js'
import { SHIPPED_PAGES, blocksOf, type Block } from './support/pages.js'

// The code in the pages that ship: all of it compiles against the sources, and what needs no network runs.

const BLOCKS = SHIPPED_PAGES.flatMap(blocksOf)
const marked = (mark: string) => BLOCKS.filter((block) => block.mark === mark)
const named = (blocks: readonly Block[]) =>
  blocks.map((block) => [`${block.page}:${block.line}`, block] as const)

/** The handler that the page on testing tests. */
const GETTING_STARTED =
  marked('sells').find(({ page }) => page === 'docs/getting-started.md')?.code ?? ''

let local: Local
let folder: string
beforeAll(async () => {
  local = await stack({ credits: 1_000n })
  await mkdir('.cache', { recursive: true })
  folder = await mkdtemp(path.resolve('.cache/docs-'))
  Object.assign(process.env, {
    NVM_BACKEND_URL: local.url,
    NVM_API_KEY: local.nvmApiKey,
    NVM_SUBSCRIBER_API_KEY: local.subscriberApiKey,
    NVM_PLAN_ID: local.planId,
    PAY_TO: local.sellerAddress,
    POWERTOOLS_METRICS_DISABLED: 'true',
    AWS_LAMBDA_LOG_LEVEL: 'FATAL',
  })
  // What the pages explain in words.
  Object.assign(globalThis, {
    payments: Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url }),
    planId: local.planId,
    tool: async () => ({ content: [{ type: 'text', text: 'done' }] }),
  })
})
afterEach(() => {
  jest.restoreAllMocks()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a block as a module. */
async function load({ page, line, code }: Block): Promise<Record<string, unknown>> {
  const file = path.join(folder, `${page.replaceAll('/', '-')}-${line}.ts`)
  await writeFile(file, code.replaceAll('https://x402.org/facilitator', local.x402.url))
  return (await import(file)) as Record<string, unknown>
}

test('every block of TypeScript compiles', () => {
  const blocks = BLOCKS.filter(({ language }) => language === 'ts')
  expect(blocks.length).toBeGreaterThan(40)
  expect(complaintsOf(blocks)).toEqual([])
}, 120_000)

test('every block of code says its language, and how it is run where it is', () => {
  const known = [
    'ts',
    'ts sells',
    'ts runs',
    'js',
    'js runs',
    'js jest',
    'console',
    'json',
    'text',
    'python',
  ]
  const kinds = BLOCKS.map(({ language, mark }) => `${language} ${mark}`.trim())
  expect(kinds.filter((kind) => !known.includes(kind))).toEqual([])
  expect(marked('sells').length).toBeGreaterThan(15)
})

test.each(named(marked('sells')))('%s asks to be paid, and takes credits', async (_, block) => {
  jest.spyOn(console, 'log').mockReturnValue()
  const handler = (await load(block))['handler'] as WrappedHandler
  const call = (token?: null) =>
    handler(local.paidEvent('Target___hello', { name: 'Ada', text: 'abc' }, token), localContext())

  const { accepts = [] } = challengeOf(await call(null)) ?? {}
  expect(accepts).not.toEqual([])
  if (!accepts.some(isPlanRequirement)) return
  const output = await call()
  const { mcp } = output as { mcp: { transformedGatewayRequest?: unknown } }
  // An interceptor hands the paid call on.
  const isPaid = mcp.transformedGatewayRequest !== undefined || receiptOf(output)?.['success']
  expect(isPaid).toBe(true)
})

test.each(named(marked('runs')))('%s runs to its end', async (_, block) => {
  const log = jest.spyOn(console, 'log').mockReturnValue()
  await load(block)
  expect(inspect(log.mock.calls, { depth: 5 })).not.toContain("'unknown'")
})

test.each(named(marked('jest')))(
  '%s passes as the page says to run it',
  async (_, { line, code }) => {
    await built()
    const home = path.join(folder, `jest-${line}`)
    await mkdir(path.join(home, 'node_modules'), { recursive: true })
    await symlink(process.cwd(), path.join(home, 'node_modules/agentcore-x402'))
    await writeFile(path.join(home, 'package.json'), '{ "type": "module" }')
    await writeFile(path.join(home, 'handler.mjs'), GETTING_STARTED)
    await writeFile(path.join(home, 'handler.test.mjs'), code)
    const jestBin = path.resolve('node_modules/jest/bin/jest.js')
    const args = [
      '--experimental-vm-modules',
      jestBin,
      '--testMatch',
      '**/*.test.mjs',
      '--watchman=false',
    ]
    const { stderr } = await run(process.execPath, args, { cwd: home, timeout: 60_000 })
    const tests = code.match(/^test\(/gm)?.length ?? 0
    expect(tests).toBeGreaterThan(0)
    expect(stderr).toContain(`${tests} passed, ${tests} total`)
  },
  90_000,
)
