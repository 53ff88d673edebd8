import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from '@jest/globals'
import { runAlone } from '../support/payment-manager.js'

const SDK = '@aws-sdk/client-bedrock-agentcore'

const folders: string[] = []
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

/** A project with what this package needs, and an SDK of these files. */
async function project(sdk?: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'without-sdk-'))
  folders.push(folder)
  const modules = path.join(folder, 'node_modules')
  await mkdir(path.join(modules, '@aws-sdk'), { recursive: true })
  await symlink(path.resolve('node_modules/zod'), path.join(modules, 'zod'))
  if (sdk === undefined) return folder
  await mkdir(path.join(modules, SDK))
  for (const [file, text] of Object.entries(sdk))
    await writeFile(path.join(modules, SDK, file), text)
  return folder
}

/** What a call comes to, and what a second one does after `between`. */
const calling = (between = '') => `
  import { writeFileSync } from 'node:fs'
  import { PaymentManager } from 'agentcore'
  const paymentManagerArn =
    'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/mine-abcdefghij'
  const manager = new PaymentManager({
    paymentManagerArn, userId: 'alice', maxAttempts: 1, endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  })
  const call = () => manager.listPaymentSessions().catch(({ code, message, cause }) =>
    console.log([code, message, cause?.message].join(' | ')))
  await call()
  ${between}
`

test('without the SDK a call says in one line what to install', async () => {
  const { stdout, stderr } = await runAlone(calling(), {}, await project())
  const [line = '', ...more] = stdout.trimEnd().split('\n')
  expect(line).toMatch(
    /^sdk_missing \| @aws-sdk\/client-bedrock-agentcore is not installed: npm install @aws-sdk\/client-bedrock-agentcore \| Cannot find package/,
  )
  expect([more, stderr]).toEqual([[], ''])
})

test('an SDK that is there the next time is found', async () => {
  const folder = await project({ 'package.json': '{"main":"index.mjs"}' })
  const main = path.join(folder, 'node_modules', SDK, 'index.mjs')
  const real = pathToFileURL(path.resolve('node_modules', SDK, 'dist-cjs/index.js')).href
  const text = `import sdk from ${JSON.stringify(real)}
    export const { BedrockAgentCoreClient, ListPaymentSessionsCommand } = sdk`
  const write = `writeFileSync(${JSON.stringify(main)}, ${JSON.stringify(text)}); await call()`
  const { stdout } = await runAlone(calling(write), {}, folder)
  const codes = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' | ')[0])
  expect(codes).toEqual(['sdk_missing', 'network_error'])
})

test.each([
  ['fails while it is loaded', 'throw new Error("half an update")', 'half an update'],
  ['lacks a package of its own', 'require("@aws-sdk/core")', "Cannot find module '@aws-sdk/core'"],
])('an SDK that %s is not said to be missing', async (_, source, why) => {
  const folder = await project({ 'package.json': '{"main":"index.cjs"}', 'index.cjs': source })
  const { stdout } = await runAlone(calling(), {}, folder)
  expect(stdout).toContain(`sdk_missing | ${SDK} cannot be loaded; see the cause | ${why}`)
})
