import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, beforeEach, expect, test } from '@jest/globals'
import { built } from '../support/built.js'
import { runCommand, startCommand, workFolder } from './support/local-command.js'

beforeAll(() => built(), 60_000)

const seller = `
import { Payments, requiresPayment } from 'agentcore-x402'
const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
export const handler = requiresPayment(() => 'Sunny', { payments, planId: process.env.NVM_PLAN_ID, credits: 3 })
`

let folder: string
beforeEach(async () => {
  folder = await workFolder()
  await mkdir(path.join(folder, 'node_modules'))
  await symlink(path.resolve('.'), path.join(folder, 'node_modules/agentcore-x402'))
  await write('weather.mjs', seller)
})

const write = (name: string, text: string): Promise<void> =>
  writeFile(path.join(folder, name), text)
const name = (own: unknown): Promise<void> =>
  write('package.json', JSON.stringify({ 'agentcore-x402': own }))

test('the handler that package.json names is sold, and the first lines say so', async () => {
  await name({ handler: 'weather.mjs' })
  for (const flags of [[], ['--watch']]) {
    const command = await startCommand(folder, ...flags)
    const [, second] = command.said().split('\n')
    expect(second).toBe('It sells weather.mjs, as "agentcore-x402" in package.json says.')
    expect(command.said()).toContain('# paid with 3 credits: result and receipt\n')
    await command.end()
  }
})

test.each([
  ['--handler', 'other.mjs'],
  ['--interceptor', 'other.mjs'],
])('an option that says what is sold comes first: %s', async (...option) => {
  await name({ handler: 'none.mjs' })
  await write('other.mjs', seller.replace('credits: 3', 'credits: 4'))
  const { said } = await startCommand(folder, ...option)
  expect(said()).not.toContain('in package.json says')
})

test.each([['{}'], ['{"name":"weather"}'], ['[]'], ['null']])(
  'a package.json that names no handler changes nothing: %s',
  async (text) => {
    await write('package.json', text)
    const { said } = await startCommand(folder)
    expect(said()).toContain('# paid with 1 credit: result and receipt\n')
    expect(said()).not.toContain('It sells')
  },
)

test.each<[string, unknown, RegExp]>([
  [
    'a module that is not there',
    { handler: 'none.mjs' },
    /^agentcore-x402: cannot load none\.mjs, given for "agentcore-x402" in package\.json: [^\n]*none\.mjs[^\n]*\n$/,
  ],
  [
    'no text',
    { handler: 5 },
    /^agentcore-x402: "agentcore-x402" in package\.json is \{"handler":5\}\. Expected the path of a module: [^\n]+\n$/,
  ],
  [
    'no object',
    'weather.mjs',
    /^agentcore-x402: "agentcore-x402" in package\.json is "weather\.mjs"\./,
  ],
  [
    'a member with another name',
    { handlr: 'weather.mjs' },
    /^agentcore-x402: "agentcore-x402" in package\.json is \{"handlr":"weather\.mjs"\}\./,
  ],
])('%s in package.json is wrong usage', async (_, own, message) => {
  await name(own)
  const command = runCommand(folder, '--watch', '--port', '0')
  expect(await command.ended()).toBe(2)
  expect(command.said()).toMatch(message)
})

test('a package.json that is no JSON is named', async () => {
  await write('package.json', '{,}')
  const command = runCommand(folder)
  expect(await command.ended()).toBe(2)
  expect(command.said()).toMatch(/^agentcore-x402: package\.json cannot be read: [^\n]+\n$/)
})
