import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { built, run } from '../support/built.js'

let files: string[]

beforeAll(async () => {
  await built()
  const { stdout } = await run('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'])
  const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[]
  files = packed?.files.map((file) => file.path) ?? []
}, 60_000)

/** What `agentcore-x402 init` writes goes out as it is. */
const TEMPLATE = 'cli/init/template/'

const isCompiled = (file: string): boolean =>
  /^dist\/[\w/-]+\.(js|ts|map|js\.map|d\.ts)$/.test(file) && !file.startsWith(`dist/${TEMPLATE}`)

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter((one) => one.isFile())
    .map((one) => path.relative(folder, path.join(one.parentPath, one.name)))
}

test('what is published is what users need, and nothing else', async () => {
  const rest = files.filter((file) => !isCompiled(file)).sort()
  const page = ['dist/page/index.html', 'dist/page/page.css']
  const template = (await filesBelow(`src/${TEMPLATE}`)).map((file) => `dist/${TEMPLATE}${file}`)
  const pages = (await readdir('docs')).map((file) => `docs/${file}`).sort()
  expect(rest).toEqual(
    [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      ...page,
      ...pages,
      ...template,
      'package.json',
    ].sort(),
  )
})

test('every source has its code, types and map', async () => {
  const sources = (await filesBelow('src')).filter(
    (file) => file.endsWith('.ts') && !file.startsWith(TEMPLATE),
  )
  const expected = sources.flatMap((file) => {
    // The page of the local stack runs in a browser. Nobody imports it.
    const ends = file.startsWith('page/') ? ['.js'] : ['.js', '.d.ts', '.js.map']
    return ends.map((end) => `dist/${file.replace(/\.ts$/, end)}`)
  })
  const found = files.filter(isCompiled)
  expect(found.sort()).toEqual(expected.sort())
})
