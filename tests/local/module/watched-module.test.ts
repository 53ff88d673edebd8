import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { localContext } from '../../../src/local/index.js'
import type { WatchedModule as Type } from '../../../src/local/module/watched-module.js'
import { built } from '../../support/built.js'
import { workFolder } from '../../cli/support/local-command.js'

let WatchedModule: typeof Type
let folder: string
let said: string[]
beforeAll(async () => {
  await built()
  const file = pathToFileURL(path.resolve('dist/local/module/watched-module.js')).href
  ;({ WatchedModule } = (await import(file)) as { WatchedModule: typeof Type })
}, 60_000)
beforeEach(async () => {
  folder = await workFolder()
  said = []
})

const write = (name: string, text: string): Promise<void> =>
  writeFile(path.join(folder, name), text)
const modules: Type[] = []
afterEach(() => {
  for (const module of modules.splice(0)) module.close()
})
const load = async (name: string): Promise<Type> => {
  const file = path.join(folder, name)
  const module = await WatchedModule.load(
    { file, isFollowed: false, output: 'stderr' },
    {
      onLoaded: (tools) => said.push(`loaded ${JSON.stringify(tools ?? null)}`),
      onFailed: (why) => said.push(`failed ${why}`),
      onEnded: (how) => said.push(`ended ${how}`),
    },
  )
  modules.push(module)
  return module
}
/** Waits for the next thing that is said. */
const next = async (): Promise<string> => {
  const mine = said
  while (mine.length === 0) await sleep(5)
  return mine.shift() ?? ''
}
const call = async ({ handler }: Type, event: unknown = {}, timeoutMs = 10_000) =>
  handler(event, localContext(timeoutMs))
const answers = (expression: string): string => `export const handler = (event) => ${expression}`

test('the handler gets event and context, and its answer comes back as from Lambda', async () => {
  await write(
    'a.mjs',
    `export const handler = async (event, context) => ({ event, left: context.getRemainingTimeInMillis(), name: context.functionName, none: undefined })
     export const tools = [{ name: 'a' }]`,
  )
  const module = await load('a.mjs')
  expect(module.tools).toEqual([{ name: 'a' }])
  const answer = (await call(module, { n: [1, null] })) as Record<string, unknown>
  expect(answer).toEqual({ event: { n: [1, null] }, left: expect.any(Number), name: 'local' })
  expect(answer['left']).toBeGreaterThan(5_000)
})

test.each<[string, string, (word: string) => string]>([
  ['b.mjs', `import { word } from './b.mjs'`, (word) => `export const word = '${word}'`],
  ['b.cjs', `import { word } from './c.cjs'`, (word) => `exports.word = '${word}'`],
  [
    'b.json',
    `import { createRequire } from 'node:module'; const { word } = createRequire(import.meta.url)('./b.json')`,
    (word) => `{"word":"${word}"}`,
  ],
])('a change of what it imports, %s, is seen by the next call', async (name, line, textOf) => {
  await write('c.cjs', `exports.word = require('./b.cjs').word`)
  await write(name, textOf('old'))
  await write('a.mjs', `${line}\n${answers('word')}`)
  const module = await load('a.mjs')
  expect(await call(module)).toBe('old')
  await write(name, textOf('new'))
  expect(await next()).toBe('loaded null')
  expect(await call(module)).toBe('new')
})

test('a file that replaces another one is seen, as editors save', async () => {
  await write('a.mjs', answers('1'))
  const module = await load('a.mjs')
  for (const number of [2, 3]) {
    await write('draft', answers(`${number}`))
    await rename(path.join(folder, 'draft'), path.join(folder, 'a.mjs'))
    expect(await next()).toBe('loaded null')
    expect(await call(module)).toBe(number)
  }
})

test('a file of a package is not watched', async () => {
  await mkdir(path.join(folder, 'node_modules/b'), { recursive: true })
  await write('node_modules/b/index.js', 'exports.word = 1')
  await write('a.mjs', `import { word } from 'b'\n${answers('word')}`)
  await load('a.mjs')
  await write('node_modules/b/index.js', 'exports.word = 2')
  await sleep(500)
  expect(said).toEqual([])
})

test.each([
  [
    'a syntax error',
    `const one = 1\nexport const word = ;`,
    /^failed SyntaxError: Unexpected token ';' at .*b\.mjs:2$/,
  ],
  [
    'a name that is not exported',
    'export const other = 1',
    /^failed SyntaxError: .* does not provide an export named 'word' at .*a\.mjs:1$/,
  ],
  [
    'an error of its own',
    `\n\nthrow new TypeError('no database')\nexport const word = 1`,
    /^failed TypeError: no database at .*b\.mjs:3$/,
  ],
  [
    'an address in its message',
    `throw new Error('no answer of 127.0.0.1:5432')\nexport const word = 1`,
    /^failed Error: no answer of 127\.0\.0\.1:5432 at .*b\.mjs:1$/,
  ],
  ['a thrown text', `throw 'no database'\nexport const word = 1`, /^failed Error: no database/],
  [
    'an end of the process',
    `process.exit(3)\nexport const word = 1`,
    /^failed the process of the module has ended: exit code 3$/,
  ],
])('with %s, the last good one goes on until the next change', async (_, text, why) => {
  await write('b.mjs', `export const word = 'good'`)
  await write('a.mjs', `import { word } from './b.mjs'\n${answers('word')}`)
  const module = await load('a.mjs')
  await write('b.mjs', text)
  expect(await next()).toMatch(why)
  expect(await call(module)).toBe('good')
  await write('b.mjs', `export const word = 'better'`)
  expect(await next()).toBe('loaded null')
  expect(await call(module)).toBe('better')
})

test('a module that was not found is loaded when it is there', async () => {
  await write('a.mjs', answers('1'))
  const module = await load('a.mjs')
  await write('a.mjs', `import { word } from './b.mjs'\n${answers('word')}`)
  expect(await next()).toMatch(/^failed Error: Cannot find module '.*b\.mjs'/)
  await write('b.mjs', `export const word = 'found'`)
  expect(await next()).toBe('loaded null')
  expect(await call(module)).toBe('found')
})

test.each([
  [`throw new Error('no database')`, 'Error: no database at '],
  ['export const handler = 7', 'it has no export "handler"'],
  ['export const handler = (a, b, done) => done()', 'its handler takes a callback'],
])('a first load that fails is an error: %s', async (text, message) => {
  await write('a.mjs', text)
  await expect(load('a.mjs')).rejects.toThrow(message)
})

test('a call that is under way is answered by the module that it called', async () => {
  const slow = (word: string) =>
    `export const handler = () => new Promise((resolve) => setTimeout(() => resolve('${word}'), 1000))`
  await write('a.mjs', slow('old'))
  const module = await load('a.mjs')
  const under = call(module)
  await write('a.mjs', answers(`'new'`))
  expect(await next()).toBe('loaded null')
  expect(await call(module)).toBe('new')
  expect(await under).toBe('old')
})

test('an error of the handler keeps its name, message and place', async () => {
  await write('a.mjs', `export const handler = () => {\n  throw new RangeError('too far')\n}`)
  const error = (await call(await load('a.mjs')).then(
    undefined,
    (thrown: unknown) => thrown,
  )) as Error
  expect([error.name, error.message]).toEqual(['RangeError', 'too far'])
  expect(error.stack).toMatch(/a\.mjs:2:9/)
})

test('an answer that is no JSON is an error, and the next call is answered', async () => {
  await write('a.mjs', answers('(event.big ? 1n : 2)'))
  const module = await load('a.mjs')
  await expect(call(module, { big: true })).rejects.toThrow('BigInt')
  expect(await call(module)).toBe(2)
})

test.each([
  ['never ends', 'for (;;);', /SIGKILL/],
  ['ends the process', 'process.exit(4)', /exit code 4/],
])('a handler that %s fails its call, and the next call starts it again', async (_, line, how) => {
  await write(
    'a.mjs',
    `export const handler = (event) => { if (event.bad) ${line}; return 'good' }`,
  )
  const module = await load('a.mjs')
  await expect(call(module, { bad: true }, 300)).rejects.toThrow(how)
  expect(await next()).toMatch(how)
  expect(await call(module)).toBe('good')
  expect(await next()).toBe('loaded null')
})

test('many calls at once are served by one process', async () => {
  await write('a.mjs', `let n = 0\nexport const handler = async () => [process.pid, (n += 1)]`)
  const module = await load('a.mjs')
  const all = (await Promise.all(Array.from({ length: 20 }, () => call(module)))) as number[][]
  expect(new Set(all.map(([pid]) => pid)).size).toBe(1)
  expect(new Set(all.map(([, n]) => n)).size).toBe(20)
})

describe('TypeScript', () => {
  const TYPED = `enum Word { Hello = 'hello' }
import { end } from './b.js'
export const handler = (event: unknown): string => Word.Hello + end`

  test('tsx runs it, if it is installed beside the module', async () => {
    await mkdir(path.join(folder, 'node_modules'))
    await symlink(path.resolve('node_modules/tsx'), path.join(folder, 'node_modules/tsx'))
    await write('package.json', '{"type":"module"}')
    await write('b.ts', `export const end: string = '!'`)
    await write('a.ts', TYPED)
    const module = await load('a.ts')
    expect(await call(module)).toBe('hello!')
    await write('b.ts', `export const end: string = '?'`)
    expect(await next()).toBe('loaded null')
    expect(await call(module)).toBe('hello?')
    await write('b.ts', `export const end: string = ;`)
    expect(await next()).toMatch(/b\.ts:1:\d+: ERROR: Unexpected ";"/)
  })

  const strips = (process.features as { typescript?: unknown }).typescript !== undefined
  test(`Node runs it without tsx, or says what to install: ${strips ? 'runs it' : 'says so'}`, async () => {
    await write('package.json', '{"type":"module"}')
    await write('a.ts', `export const handler = (event: unknown): string => 'hello'`)
    if (!strips) return expect(load('a.ts')).rejects.toThrow('npm install --save-dev tsx')
    expect(await call(await load('a.ts'))).toBe('hello')
    await write('b.ts', TYPED)
    await expect(load('b.ts')).rejects.toThrow('npm install --save-dev tsx')
  })
})

test('a module that is deleted is a failure, and comes back', async () => {
  await write('a.mjs', answers('1'))
  const module = await load('a.mjs')
  await rm(path.join(folder, 'a.mjs'))
  expect(await next()).toMatch(/^failed Error: Cannot find module/)
  expect(await call(module)).toBe(1)
  await write('a.mjs', answers('2'))
  expect(await next()).toBe('loaded null')
  expect(await call(module)).toBe(2)
})

test('a module that never loads is given up, and a change after that counts', async () => {
  await write('a.mjs', answers('1'))
  const file = path.join(folder, 'a.mjs')
  const module = await WatchedModule.load(
    { file, isFollowed: false, output: 'stderr', maxLoadMs: 2_000 },
    {
      onLoaded: () => said.push('loaded'),
      onFailed: (why) => said.push(why),
      onEnded: () => undefined,
    },
  )
  modules.push(module)
  await write('a.mjs', `setInterval(() => 0, 1000)\nawait new Promise(() => 0)\n${answers('2')}`)
  expect(await next()).toBe('it was not loaded within 2 s')
  expect(await call(module)).toBe(1)
  await write('a.mjs', answers('3'))
  expect(await next()).toBe('loaded')
  expect(await call(module)).toBe(3)
})

test('calls of a module that has ended, and cannot be started again, fail at once', async () => {
  await write('a.mjs', answers('process.exit(7)'))
  const module = await load('a.mjs')
  await expect(call(module)).rejects.toThrow('exit code 7')
  expect(await next()).toBe('ended exit code 7')
  await write('a.mjs', 'export const none = 1')
  for (let calls = 0; calls < 3; calls += 1) {
    await expect(call(module, {}, 600_000)).rejects.toThrow(/channel|ended/i)
  }
  await write('a.mjs', answers('8'))
  while ((await next()) !== 'loaded null');
  expect(await call(module)).toBe(8)
})
