import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, beforeEach, expect, test } from '@jest/globals'
import { started } from '../local/support/gateway.js'
import { built, run } from '../support/built.js'
import { runCommand, startCommand, workFolder, type LocalCommand } from './support/local-command.js'

beforeAll(() => built(), 60_000)

let folder: string
beforeEach(async () => {
  folder = await workFolder()
  await mkdir(path.join(folder, 'node_modules'))
  await symlink(path.resolve('.'), path.join(folder, 'node_modules/agentcore-x402'))
  await write('package.json', '{"type":"module"}')
  await write('weather.js', seller)
  await write('words.js', `export const words = 'It rains.'`)
})

const write = (name: string, text: string): Promise<void> =>
  writeFile(path.join(folder, name), text)

const seller = `
import { Payments, requiresPayment } from 'agentcore-x402'
import { words } from './words.js'

const { NVM_API_KEY, NVM_PLAN_ID } = process.env
const payments = Payments.getInstance({ nvmApiKey: NVM_API_KEY })
const text = () => ({ content: [{ type: 'text', text: words }] })
export const handler = requiresPayment(async () => text(), { payments, planId: NVM_PLAN_ID, credits: 1 })
export const tools = [{ name: 'hello', description: words, inputSchema: { type: 'object' } }]
`

/** Runs the line that pays, as it was printed. */
const paid = async (command: LocalCommand): Promise<string> => {
  const [, line = ''] = /# paid with .*credit.*\n(curl .*)\n/.exec(command.said()) ?? []
  const { stdout } = await run('bash', ['-c', line])
  return /"text":"(.*?)"/.exec(stdout)?.[1] ?? stdout
}
const start = (...args: string[]) => startCommand(folder, '--handler', 'weather.js', ...args)

test('edit, save, and the same line pays for the new version; then break it, and mend it', async () => {
  const command = await start('--watch')
  expect(command.said()).toContain('# paid with 1 credit: result and receipt\n')
  expect(await paid(command)).toBe('It rains.')
  await command.until(/gateway +Greeter___hello +paid 1 credit, 99 left\n/)
  const before = command.said()
  await write('words.js', `export const words = 'It snows.'`)
  await command.until(/^reloaded weather\.js$/m)
  expect(await paid(command)).toBe('It snows.')
  await write('words.js', `// today\nexport const words = ;`)
  await command.until(
    /^cannot load weather\.js: SyntaxError: Unexpected token ';' at words\.js:2\. The last good one goes on$/m,
  )
  expect(await paid(command)).toBe('It snows.')
  await write('words.js', `export const words = 'The sun shines.'`)
  await command.until(/^reloaded weather\.js\n(.*\n)*reloaded weather\.js$/m)
  expect(await paid(command)).toBe('The sun shines.')
  expect(command.said().startsWith(before)).toBe(true)
})

test('other tools are listed after a change', async () => {
  const command = await start('--watch')
  const client = await started.client(`${command.variable('NVM_BACKEND_URL')}/mcp`)
  await write('words.js', `export const words = 'It snows.'`)
  await command.until(/^reloaded/m)
  const { tools } = await client.listTools()
  expect(tools.map(({ name, description }) => [name, description])).toContainEqual([
    'Greeter___hello',
    'It snows.',
  ])
})

test('Ctrl+C ends it and the process of the module, and says nothing', async () => {
  await write('words.js', `console.log('pid', process.pid)\nexport const words = 'It rains.'`)
  const command = await start('--watch')
  const said = command.said()
  const pid = Number(/^pid (\d+)$/m.exec(said)?.[1])
  expect(() => process.kill(pid, 0)).not.toThrow()
  // A terminal sends it to both.
  process.kill(pid, 'SIGINT')
  await command.end('SIGINT')
  expect([command.child.exitCode, command.said()]).toEqual([0, said])
  while (isThere(pid)) await new Promise((resolve) => setTimeout(resolve, 10))
})

test('a killed stack leaves no process of the module', async () => {
  await write('words.js', `console.log('pid', process.pid)\nexport const words = 'It rains.'`)
  const command = await start('--watch')
  await command.end('SIGKILL')
  const pid = Number(/^pid (\d+)$/m.exec(command.said())?.[1])
  while (isThere(pid)) await new Promise((resolve) => setTimeout(resolve, 10))
})

test('a killed stack leaves no process of the module either while a handler is busy for long', async () => {
  const endless = `async () => { console.log('spins in', process.pid); for (const end = Date.now() + 8000; Date.now() < end; ); }`
  await write('weather.js', seller.replace('async () => text()', endless))
  const command = await start('--watch')
  const call = paid(command).catch((error: unknown) => error)
  await command.until(/^spins in \d+$/m)
  const killedAt = Date.now()
  await command.end('SIGKILL')
  const pid = Number(/^spins in (\d+)$/m.exec(command.said())?.[1])
  while (isThere(pid)) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(Date.now() - killedAt).toBeLessThan(5000)
  expect(await call).toMatchObject({ code: 52 }) // curl: no answer
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('an interceptor of the user is loaded again, too', async () => {
  const answering = (
    text: string,
  ) => `export const handler = async ({ mcp: { gatewayRequest: { body } } }) => {
    const answer = { jsonrpc: '2.0', id: body.id, result: { content: [{ type: 'text', text: '${text}' }] } }
    return { interceptorOutputVersion: '1.0', mcp: { transformedGatewayResponse: { statusCode: 200, body: answer } } }
  }`
  await write('guard.js', answering('old'))
  const command = await startCommand(folder, '--interceptor', 'guard.js', '--watch')
  expect(await paid(command)).toBe('old')
  await write('guard.js', answering('new'))
  await command.until(/^reloaded guard\.js$/m)
  expect(await paid(command)).toBe('new')
})

test('without --watch, a change is not looked at', async () => {
  const command = await start()
  await write('words.js', `export const words = 'It snows.'`)
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(await paid(command)).toBe('It rains.')
  expect(command.said()).not.toContain('reloaded')
})

test('--watch without a module is wrong usage', async () => {
  const command = runCommand(folder, '--watch')
  expect(await command.ended()).toBe(2)
  expect(command.said()).toBe(
    'agentcore-x402: --watch needs --handler, --interceptor, or a handler in package.json: see agentcore-x402 init --help\n',
  )
})

test('--http at the last port is wrong usage: there is none after it', async () => {
  const command = runCommand(folder, '--http', '--port', '65535')
  expect(await command.ended()).toBe(2)
  expect(command.said()).toBe(
    'agentcore-x402: --http needs the port after that of --port. Expected less than 65535\n',
  )
})

test('a TypeScript module is sold as it is, with tsx', async () => {
  await symlink(path.resolve('node_modules/tsx'), path.join(folder, 'node_modules/tsx'))
  await write(
    'weather.ts',
    seller.replace('async () =>', 'async (): Promise<ReturnType<typeof text>> =>'),
  )
  const command = await startCommand(folder, '--handler', 'weather.ts', '--watch')
  expect(await paid(command)).toBe('It rains.')
  await write('words.js', `export const words = 'It snows.'`)
  await command.until(/^reloaded weather\.ts$/m)
  expect(await paid(command)).toBe('It snows.')
})
