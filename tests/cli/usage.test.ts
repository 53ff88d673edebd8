import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { built, run } from '../support/built.js'

const CLI = path.resolve('dist/cli.js')

let folder: string
beforeAll(async () => {
  await built()
  folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-usage-'))
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each([[['--help']], [['-h']], [['help']], [[]]])(
  'the arguments %j print the commands',
  async (args) => {
    const { stdout, stderr } = await run(process.execPath, [CLI, ...args])
    expect(stdout).toMatch(/^Usage: agentcore-x402 \[options\] \[command\]/)
    expect(stdout).toMatch(/^ {2}local .*start a local stack/m)
    expect(stderr).toBe('')
  },
)

test('the version is that of the package', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
  const { stdout } = await run(process.execPath, [CLI, '--version'])
  expect(stdout).toBe(`${version}\n`)
})

test.each([[['local', '--help']], [['local', '-h']], [['help', 'local']]])(
  'the arguments %j print the usage',
  async (args) => {
    const { stdout, stderr } = await run(process.execPath, [CLI, ...args])
    expect(stdout).toMatch(/^Usage: agentcore-x402 local \[options\]/)
    const flags = [
      '--port',
      '--delay-ms',
      '--credits',
      '--ledger',
      '--handler',
      '--target',
      '--interceptor',
      '--folder',
      '--no-folder',
      '--reset',
      '--write-env',
      '--help',
    ]
    for (const flag of flags) {
      expect(stdout).toContain(flag)
    }
    expect(stderr).toBe('')
  },
)

test.each(['18.20.8', '19.9.0', '16.20.2'])(
  'under Node %s the command says which Node it needs, and does nothing',
  async (node) => {
    const versions = path.join(folder, 'old-node.mjs')
    await writeFile(
      versions,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } })`,
    )
    for (const args of [['local', '--port', '0'], ['--help'], []]) {
      const ended = run(process.execPath, ['--import', versions, CLI, ...args], { timeout: 3_000 })
      const failure = (await ended.catch((error: unknown) => error)) as Record<string, unknown>
      expect(failure).toMatchObject({
        code: 2,
        stdout: '',
        stderr: `agentcore-x402: needs Node 20 or later, but this is Node ${node}\n`,
      })
    }
  },
)

test.each([
  [['locl'], "unknown command 'locl' (Did you mean local?); see agentcore-x402 --help"],
  [
    ['local', '--prot'],
    "unknown option '--prot' (Did you mean --port?); see agentcore-x402 local --help",
  ],
  [
    ['payments', 'lst'],
    "unknown command 'lst' (Did you mean list?); see agentcore-x402 payments --help",
  ],
  [
    ['payments', 'show', 'x', '--tabel', 'y'],
    "unknown option '--tabel' (Did you mean --table?); see agentcore-x402 payments show --help",
  ],
])('the arguments %j are answered with the nearest that exists', async (args, message) => {
  const ended = run(process.execPath, [CLI, ...args]).catch((error: unknown) => error)
  expect(await ended).toMatchObject({ code: 2, stderr: `agentcore-x402: ${message}\n` })
})

test('every command has examples, and says what its exit codes mean', async () => {
  const named = async (...path: string[]): Promise<string[]> => {
    const { stdout } = await run(process.execPath, [CLI, ...path, '--help'])
    const listed = /^Commands:\n((?: {2}.*\n)*)/m.exec(stdout)?.[1] ?? ''
    const names = [...listed.matchAll(/^ {2}([\w-]+) .*$/gm)].map(([, name = '']) => name)
    if (names.length === 0) {
      expect(stdout).toContain(`Examples:\n  $ agentcore-x402 ${path.join(' ')}`)
      expect(stdout).toMatch(/^Exit codes: 0 .*2 wrong usage.*130 interrupted\.$/m)
      return [path.join(' ')]
    }
    const below = names.filter((name) => name !== 'help').map((name) => named(...path, name))
    return (await Promise.all(below)).flat()
  }
  const commands = await named()
  expect(commands).toContain('payments create-table')
  expect(commands).toContain('local')
})
