import { readdir } from 'node:fs/promises'
import { beforeAll, expect, test } from '@jest/globals'
import { built, run } from '../support/built.js'

let files: string[]

beforeAll(async () => {
  await built()
  const { stdout } = await run('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'])
  const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[]
  files = packed?.files.map((file) => file.path) ?? []
}, 60_000)

test('what is published is what users need, and nothing else', async () => {
  const rest = files.filter((file) => !/^dist\/[\w/-]+\.(js|d\.ts|js\.map)$/.test(file)).sort()
  const page = ['dist/page/index.html', 'dist/page/page.css']
  const pages = (await readdir('docs')).map((file) => `docs/${file}`).sort()
  expect(rest).toEqual(
    [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      ...page,
      ...pages,
      'package.json',
    ].sort(),
  )
})

test('every source has its code, types and map', async () => {
  const sources = (await readdir('src', { recursive: true })).filter((file) => file.endsWith('.ts'))
  const expected = sources.flatMap((file) => {
    // The page of the local stack runs in a browser. Nobody imports it.
    const ends = file.startsWith('page/') ? ['.js'] : ['.js', '.d.ts', '.js.map']
    return ends.map((end) => `dist/${file.replace(/\.ts$/, end)}`)
  })
  const found = files.filter((file) => /^dist\/.*\.(js|ts|map)$/.test(file))
  expect(found.sort()).toEqual(expected.sort())
})
