import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeEach, expect, test } from '@jest/globals'
import { OptionsError } from '../../../src/index.js'
import { startLocal } from '../../../src/local/index.js'
import { Locked, takeLock } from '../../../src/local/kept/lock.js'

const folders: string[] = []
let folder: string
beforeEach(async () => {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-folder-'))
  folders.push(parent)
  folder = path.join(parent, 'kept')
})
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true, force: true }))))

const inFolder = (name: string): string => path.join(folder, name)
const started = async (options: { reset?: boolean } = {}): Promise<void> => {
  const local = await startLocal({ folder, ...options })
  await local.close()
}
const refusal = async (): Promise<string> => {
  const error: unknown = await startLocal({ folder }).then(
    (local) => local.close(),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(OptionsError)
  return (error as Error).message
}
/** Changes the state that was kept. */
const edit = async (change: (text: string) => string): Promise<void> => {
  const text = await readFile(inFolder('state.json'), 'utf8')
  await writeFile(inFolder('state.json'), change(text))
}

test('only the owner can read the folder, and git ignores it', async () => {
  await mkdir(folder, { mode: 0o755 })
  const local = await startLocal({ folder })
  expect((await readdir(folder)).sort()).toEqual(['.gitignore', 'lock', 'state.json'])
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  for (const name of await readdir(folder)) {
    expect([name, (await stat(inFolder(name))).mode & 0o777]).toEqual([name, 0o600])
  }
  expect(await readFile(inFolder('.gitignore'), 'utf8')).toBe('*\n')
  await local.close()
  expect((await readdir(folder)).sort()).toEqual(['.gitignore', 'state.json'])
})

test('the second stack in a folder says who uses it, until the first one ends', async () => {
  const first = await startLocal({ folder })
  expect(await refusal()).toContain(`process ${process.pid}, another local stack, uses ${folder}`)
  await first.close()
  await started()
})

test.each<[string, string]>([
  ['of a process that has ended', JSON.stringify({ pid: 2 ** 30, startedAt: 0 })],
  ['of an earlier process with the same id', JSON.stringify({ pid: process.pid, startedAt: 1 })],
  ['that names no process', '{"pid":"me"}'],
  ['that is broken', '{"pid":'],
  ['that is empty', ''],
])('a lock %s does not count', async (_, lock) => {
  await mkdir(folder)
  await writeFile(inFolder('lock'), lock)
  await started()
  expect((await readdir(folder)).sort()).toEqual(['.gitignore', 'state.json'])
})

test('of many that start at once over an old lock, one gets the folder', async () => {
  await mkdir(folder)
  for (let round = 0; round < 40; round++) {
    await writeFile(inFolder('lock'), JSON.stringify({ pid: 2 ** 30, startedAt: round }))
    const starts = Array.from({ length: 12 }, () => takeLock(inFolder('lock')))
    const ends = await Promise.allSettled(starts)
    const taken = ends.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const others = ends.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    expect(taken).toHaveLength(1)
    expect(others.filter((error) => !(error instanceof Locked))).toEqual([])
    await taken[0]?.()
    expect(await readdir(folder)).toEqual([])
  }
})

test.each<[string, (text: string) => string, RegExp]>([
  ['is cut off', (text) => text.slice(0, -40), /state\.json is no JSON, so it is broken/],
  ['is empty', () => '', /state\.json is no JSON/],
  ['is of another program', () => '{"name":"a"}', /state\.json was not written by agentcore-x402/],
  [
    'is of a later version',
    (text) => text.replace('"format":1', '"format":2'),
    /state\.json was written by another version of agentcore-x402/,
  ],
  [
    'lacks something',
    (text) => text.replace('"spentNonces":[],', ''),
    /state\.json is broken at books\.spentNonces/,
  ],
  [
    'has another kind of value',
    (text) => text.replace('"priceCents":"100"', '"priceCents":"1e2"'),
    /state\.json is broken at books\.plans/,
  ],
])('a file that %s is named, with the cure, and reset begins anew', async (_, change, words) => {
  await started()
  await edit(change)
  const message = await refusal()
  expect(message).toMatch(words)
  expect(message).toContain('Begin anew with --reset (in code: reset: true)')
  await started({ reset: true })
  await started()
})

test('a draft that a killed process left is no state', async () => {
  await started()
  const state = async () => JSON.parse(await readFile(inFolder('state.json'), 'utf8')) as unknown
  const before = await state()
  await writeFile(inFolder('state.json.draft'), '{"agentcore')
  await started()
  expect(await state()).toEqual(before)
})

test('a folder with files of others is left alone', async () => {
  await mkdir(folder)
  await writeFile(inFolder('package.json'), '{}')
  expect(await refusal()).toContain('holds files of others, such as package.json')
  expect(await readdir(folder)).toEqual(['package.json'])
})

test('a folder that cannot be made is named', async () => {
  await writeFile(folder, 'a file')
  expect(await refusal()).toMatch(/kept cannot be used: E[A-Z]+/)
  folder = path.join(folder, 'below')
  expect(await refusal()).toMatch(/below cannot be used: ENOTDIR/)
})

test('a link to a folder is followed', async () => {
  const real = `${folder}-real`
  await mkdir(real)
  await symlink(real, folder)
  await started()
  expect((await readdir(real)).sort()).toEqual(['.gitignore', 'state.json'])
})
