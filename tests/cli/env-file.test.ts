import { mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, expect, test } from '@jest/globals'
import { writeEnvFile } from '../../src/cli/output/env-file.js'
import { workFolder } from './support/local-command.js'

const BEGIN = '# agentcore-x402 local: written at every start'
const END = '# end of agentcore-x402 local'

let folder: string
let file: string
beforeEach(async () => {
  folder = await workFolder()
  file = path.join(folder, '.env')
})
const text = (): Promise<string> => readFile(file, 'utf8')

test('a new file has our lines, and only its owner can read it', async () => {
  expect(await writeEnvFile(file, { A: '1', B: 'http://127.0.0.1:3001/x?y=z' })).toEqual({
    twice: [],
  })
  expect(await text()).toBe(`${BEGIN}\nA=1\nB='http://127.0.0.1:3001/x?y=z'\n${END}\n`)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['.env'])
})

test('our lines are replaced where they stand, and all others stay byte for byte', async () => {
  await writeFile(file, `X=1\n${BEGIN}\nA=old\nGONE=1\n${END}\n\nexport Y = 2\r\n#A=3`)
  await writeEnvFile(file, { A: 'new' })
  expect(await text()).toBe(`X=1\n${BEGIN}\nA=new\n${END}\n\nexport Y = 2\r\n#A=3`)
})

test.each<[string, string, string[]]>([
  ['another line before ours', 'A=1\n', ['A']],
  ['an exported line', 'export  A =1', ['A']],
  ['a comment', '# A=1\n', []],
  ['a longer name', 'AA=1\n', []],
])('%s is told as a variable that is set twice, if it is one', async (_, before, twice) => {
  await writeFile(file, before)
  expect(await writeEnvFile(file, { A: '2', B: '3' })).toEqual({ twice })
})

test.each<[string, string]>([
  ['AWS_PROFILE=mine\n', 'AWS_REGION=us-west-2'],
  ['AWS_ACCESS_KEY_ID=mine\nAWS_SECRET_ACCESS_KEY=s\n', 'AWS_REGION=us-west-2'],
  ['AWS_DEFAULT_REGION=eu-west-1\n', 'AWS_ACCESS_KEY_ID=local\nAWS_SECRET_ACCESS_KEY=local'],
])('credentials and region of the user stay the only ones: %j', async (before, ours) => {
  await writeFile(file, before)
  const credentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }
  await writeEnvFile(file, { AWS_REGION: 'us-west-2', ...credentials })
  expect(await text()).toBe(`${before}${BEGIN}\n${ours}\n${END}\n`)
})

test('a link stays a link', async () => {
  await writeFile(path.join(folder, 'real.env'), 'X=1\n')
  await symlink('real.env', file)
  await writeEnvFile(file, { A: '1' })
  expect(await readFile(path.join(folder, 'real.env'), 'utf8')).toContain('X=1\n# agentcore')
  expect((await readdir(folder)).sort()).toEqual(['.env', 'real.env'])
})

test.each([
  ['a folder', async () => void (await mkdir(file)), /EISDIR/],
  [
    'a file whose last line of ours is missing',
    () => writeFile(file, `${BEGIN}\nA=1\nMINE=2\n`),
    /^it has the line "# agentcore-x402 local.*", and no "# end of .*" after it/,
  ],
])('%s is left alone', async (_, make, message) => {
  await make()
  const before = await text().catch(() => undefined)
  await expect(writeEnvFile(file, { A: '2' })).rejects.toThrow(message)
  expect(await text().catch(() => undefined)).toBe(before)
})
