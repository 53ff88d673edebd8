import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { nameFor, problemOfName } from '../../src/cli/init/package-json.js'
import { built, run } from '../support/built.js'
import { CLI, workFolder } from './support/local-command.js'
import { LocalStack } from './support/local-stack.js'
import { whyNoTerminal } from './support/terminal.js'

beforeAll(() => built(), 60_000)

let folder: string
beforeEach(async () => void (folder = await workFolder()))

/** Runs the command, and takes its end as it is. */
async function init(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const options = { cwd: folder, env: { ...process.env, ...env } }
  const ended = run(process.execPath, [CLI, 'init', ...args], options)
  const {
    code = 0,
    stdout,
    stderr,
  } = (await ended.catch((error: unknown) => error)) as {
    code?: number
    stdout: string
    stderr: string
  }
  return { code, stdout, stderr }
}

/** The files in the folder, with their texts. */
async function texts(): Promise<Record<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = found.filter((one) => one.isFile())
  const read = files.map(async ({ parentPath, name }) => {
    const file = path.join(parentPath, name)
    return [path.relative(folder, file), await readFile(file, 'utf8')] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

const FILES = [
  'package.json',
  '.gitignore',
  'README.md',
  'tsconfig.json',
  'src/handler.ts',
  'test/handler.test.ts',
  'deploy/build.mjs',
  'deploy/lambda.ts',
  'deploy/template.yaml',
]
const NEXT = ['npm install', 'npm test', 'npx agentcore-x402 local --watch']
const lines = (list: readonly string[]): string => list.map((one) => `  ${one}\n`).join('')

interface Package {
  name: string
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}
const packageIn = async (below = '.'): Promise<Package> =>
  JSON.parse(await readFile(path.join(folder, below, 'package.json'), 'utf8')) as Package

describe('what it writes', () => {
  test('the files are listed, and so are the next commands', async () => {
    const { code, stdout, stderr } = await init([])
    expect(stdout).toBe(`Wrote a seller into .:\n${lines(FILES)}Next:\n${lines(NEXT)}`)
    expect([code, stderr]).toEqual([0, ''])
    expect(Object.keys(await texts()).sort()).toEqual([...FILES].sort())
  })

  test('a folder that is not there is made, and its name goes into the files', async () => {
    const { stdout } = await init(['deep/My Shop'])
    expect(stdout).toContain(`Next:\n${lines(["cd 'deep/My Shop'", ...NEXT])}`)
    expect((await packageIn('deep/My Shop')).name).toBe('my-shop')
    const readme = (await texts())['deep/My Shop/README.md'] ?? ''
    expect(readme).toMatch(/^# my-shop\n/)
    expect(readme.split('\n')).toHaveLength(11)
  })

  test('with --json, a program reads what was done', async () => {
    const { stdout } = await init(['shop', '--name', '@acme/tools', '--json'])
    expect(JSON.parse(stdout)).toEqual({
      folder: 'shop',
      name: '@acme/tools',
      written: FILES,
      kept: [],
      next: ['cd shop', ...NEXT],
    })
  })

  test('the packages are those that our own tests run with', async () => {
    await init([])
    const { dependencies, devDependencies } = await packageIn()
    const ours = JSON.parse(await readFile('package.json', 'utf8')) as Package & { version: string }
    const deployed = JSON.parse(await readFile('examples/deploy/package.json', 'utf8')) as Package
    const known = { ...ours.devDependencies, ...deployed.dependencies }
    expect(dependencies).toEqual({ 'agentcore-x402': `^${ours.version}` })
    const pinned = Object.keys(devDependencies).map((name) => [name, `^${known[name]}`])
    expect(devDependencies).toEqual(Object.fromEntries(pinned))
  })

  test.each([
    ['1.2.3', '1.2.3'],
    ['x402.tgz', 'file:../x402.tgz'],
    ['./x402.tgz', 'file:../x402.tgz'],
    ['https://packages.example/x402.tgz', 'https://packages.example/x402.tgz'],
  ])('--package %s is written as %s', async (given, wanted) => {
    await writeFile(path.join(folder, 'x402.tgz'), '')
    await init(['shop', '--package', given])
    expect((await packageIn('shop')).dependencies).toEqual({ 'agentcore-x402': wanted })
  })
})

describe('the name', () => {
  test.each([
    ['Señor Übel', 'senor-ubel'],
    ['.hidden', 'hidden'],
    ['a__b--c', 'a-b-c'],
    ['日本', 'paid-tools'],
    ['tsx', 'paid-tools'],
    ['agentcore-x402', 'paid-tools'],
    ['node_modules', 'node-modules'],
  ])('of the folder %s is %s', (given, wanted) => {
    expect(nameFor(given)).toBe(wanted)
    expect(problemOfName(wanted)).toBeUndefined()
  })

  test.each([
    ['Shop', 'expected lower-case letters'],
    ['', 'expected lower-case letters'],
    ['.shop', 'expected lower-case letters'],
    ['@acme/', 'expected lower-case letters'],
    ['a b', 'expected lower-case letters'],
    ['typescript', 'another package has this name'],
    ['agentcore-x402', 'another package has this name'],
    ['x'.repeat(215), 'it has more than 214 characters'],
  ])('cannot be "%s"', (name, why) => {
    expect(problemOfName(name)).toMatch(why)
  })

  test('that cannot be is wrong usage, and nothing is written', async () => {
    const { code, stdout, stderr } = await init(['--name', 'Shop'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      /^agentcore-x402: --name: expected lower-case letters[^\n]+, but got "Shop"\n$/,
    )
    expect(await texts()).toEqual({})
  })
})

describe('what is there already', () => {
  test('a file in the way: all such files are listed, and nothing is written', async () => {
    await mkdir(path.join(folder, 'src'))
    const before = { 'README.md': 'mine', 'src/handler.ts': '// mine' }
    for (const [name, text] of Object.entries(before)) {
      await writeFile(path.join(folder, name), text)
    }
    const { code, stdout, stderr } = await init([])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      `agentcore-x402: nothing was written, since . has these files already:\n${lines(['README.md', 'src/handler.ts'])}` +
        'Choose an empty folder, e.g.: agentcore-x402 init shop\n',
    )
    expect(await texts()).toEqual(before)
  })

  test('a file in the place of a folder is in the way, too', async () => {
    await writeFile(path.join(folder, 'test'), 'mine')
    const { code, stderr } = await init([])
    expect([code, stderr.split('\n')[1]]).toEqual([1, '  test'])
    expect(await texts()).toEqual({ test: 'mine' })
  })

  test('a new repository is no obstacle: .git and .gitignore stay as they are', async () => {
    await mkdir(path.join(folder, '.git'))
    await writeFile(path.join(folder, '.git/HEAD'), 'ref')
    await writeFile(path.join(folder, '.gitignore'), 'mine')
    const { code, stdout } = await init([])
    expect(code).toBe(0)
    expect(stdout).toContain('It has this file already, which was not changed:\n  .gitignore\n')
    expect(await texts()).toMatchObject({ '.git/HEAD': 'ref', '.gitignore': 'mine' })
  })

  test('a second run changes nothing', async () => {
    await init([])
    const before = await texts()
    expect((await init([])).code).toBe(1)
    expect(await texts()).toEqual(before)
  })

  test('a place where nothing can be written is named', async () => {
    await writeFile(path.join(folder, 'file'), '')
    const { code, stdout, stderr } = await init(['file/shop'])
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: 'agentcore-x402: cannot write into file/shop (ENOTDIR). Nothing was written\n',
    })
  })

  test('a disk that takes no more: what was written before is removed', async () => {
    const line = `ulimit -f 3; exec '${process.execPath}' '${CLI}' init shop`
    const ended = await run('bash', ['-c', line], { cwd: folder }).catch((error: unknown) => error)
    expect(ended).toMatchObject({
      code: 1,
      stderr: 'agentcore-x402: cannot write into shop (EFBIG). Nothing was written\n',
    })
    expect(await readdir(folder)).toEqual([])
  })
})

describe('--install that fails', () => {
  const servers: ReturnType<typeof createServer>[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })

  /** A registry of packages. @param status `undefined`: it never answers. */
  async function registry(status?: number) {
    const server = createServer((_, response) => {
      if (status !== undefined) response.writeHead(status).end('{}')
    })
    servers.push(server.listen(0, '127.0.0.1'))
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    return { server, env: npm(url) }
  }
  const npm = (url: string): NodeJS.ProcessEnv => ({
    npm_config_registry: url,
    npm_config_fetch_retries: '0',
    npm_config_cache: path.join(folder, 'cache'),
  })
  const END = 'The files are written: run npm install again\n'

  test('no registry can be reached: it says so, after what npm said, and the files stay', async () => {
    const { code, stdout, stderr } = await init(['shop', '--install'], npm('http://127.0.0.1:9/'))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^npm error code ECONNREFUSED\n/)
    expect(stderr).toContain(
      `\nagentcore-x402: npm install failed: npm cannot reach its registry, e.g. since this machine has no network. ${END}`,
    )
    expect(existsSync(path.join(folder, 'shop/src/handler.ts'))).toBe(true)
  })

  test('the registry does not have a package', async () => {
    const { env } = await registry(404)
    const { code, stderr } = await init(['shop', '--install'], env)
    expect(code).toBe(1)
    expect(stderr).toContain(
      `npm install failed: the registry does not have a package. With --package, npm takes agentcore-x402 from elsewhere. ${END}`,
    )
  })

  test('a signal that only the command gets ends npm, too', async () => {
    const { server, env } = await registry()
    const asked = once(server, 'connection') as Promise<[NodeJS.EventEmitter]>
    const options = { cwd: folder, env: { ...process.env, ...env } }
    const child = spawn(process.execPath, [CLI, 'init', 'shop', '--install'], options)
    const [connection] = await asked
    const closed = once(connection, 'close')
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([130, null])
    await closed
  })

  const why = whyNoTerminal()
  if (why !== undefined) console.warn(`skipped: npm install in a terminal (${why})`)
  const testTerminal = why === undefined ? test : test.skip

  testTerminal('a terminal shows how long it takes, and Ctrl+C says what was done', async () => {
    const { env } = await registry()
    const shop = path.join(folder, 'shop')
    const command = `stty cols 100; exec '${process.execPath}' '${CLI}' init '${shop}' --install`
    const args = ['--quiet', '--return', '--command', command, '/dev/null']
    const stack = new LocalStack('script', args, env)
    await stack.find('progress', () => /npm installs the packages: 1 s/.exec(stack.printed))
    expect(await stack.end()).toBe(130)
    expect(stack.printed).toContain(
      'agentcore-x402: interrupted. The files are written. To install the packages, run: npm install\n',
    )
    expect(existsSync(path.join(shop, 'package.json'))).toBe(true)
  })
})
