import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { run } from '../support/built.js'
import { PAGES, SHIPPED_PAGES, anchorsOf, linksOf, proseOf } from './support/pages.js'

// Pages for people: their links lead somewhere, here and in the package, and they are short. Lint measures their sentences.

describe.each(PAGES)('%s', (page) => {
  test('links to what is there', () => {
    const broken = linksOf(page).filter(({ target, anchor }) => {
      if (!existsSync(target)) return true
      return anchor !== undefined && !anchorsOf(target).includes(anchor)
    })
    expect(broken).toEqual([])
  })
})

interface PackedFiles {
  files: { path: string }[]
}

let packed: Set<string>
beforeAll(async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'])
  const [{ files } = { files: [] }] = JSON.parse(stdout) as PackedFiles[]
  packed = new Set(files.map((file) => file.path))
}, 60_000)

test.each([...SHIPPED_PAGES, 'CHANGELOG.md'])(
  '%s is in the package, with what it links to',
  (page) => {
    const links = linksOf(page).map(({ target }) => target)
    expect([page, ...links].filter((file) => !packed.has(file))).toEqual([])
  },
)

test('the README leads to every page of docs/', () => {
  const led = new Set(linksOf('README.md').map(({ target }) => target))
  expect(SHIPPED_PAGES.filter((page) => page !== 'README.md' && !led.has(page))).toEqual([])
})

test('no page names a repository that nobody knows, or a file of the source as a link', () => {
  const { repository } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    repository?: unknown
  }
  expect(repository).toBeUndefined()
  const links = SHIPPED_PAGES.flatMap((page) => linksOf(page))
  expect(links.filter(({ target }) => /^(src|examples|tests)\//.test(target))).toEqual([])
})

test('examples that pages name are there', () => {
  const named = SHIPPED_PAGES.flatMap((page) =>
    [...proseOf(page).matchAll(/`(examples\/[\w./-]+)`/g)].map(([, file = '']) => file),
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((file) => !existsSync(file))).toEqual([])
})

test('the README is read in five minutes', () => {
  const text = readFileSync('README.md', 'utf8')
  expect(text.split('\n').length - 1).toBeLessThanOrEqual(150)
  expect(text.split(/\s+/).length).toBeLessThanOrEqual(1_200)
})

/** Where things are looked up, and nobody reads from the top. */
const REFERENCES = ['docs/options.md', 'docs/errors.md', 'CHANGELOG.md']
const READ_PAGES = PAGES.filter((page) => !REFERENCES.includes(page))

test.each(READ_PAGES)('%s has at most 1 800 words', (page) => {
  expect(readFileSync(page, 'utf8').split(/\s+/).length).toBeLessThanOrEqual(1_800)
})

test('docs/durable-payments.md names every option of dynamoDbStore, save the clock', () => {
  const page = readFileSync('docs/durable-payments.md', 'utf8')
  const source = readFileSync('src/store/dynamodb-store.ts', 'utf8')
  const [, known = ''] = /const OPTIONS[^{]+\{([^}]+)\}/.exec(source) ?? []
  const options = [...known.matchAll(/(\w+): true/g)].map(([, option = '']) => option)
  expect(options).toContain('keepClosedDays')
  const missing = options.filter((option) => !page.includes(`| \`${option}\` |`))
  expect(missing).toEqual(['now'])
})

test('docs/operating.md quotes lines that are logged', () => {
  const page = readFileSync('docs/operating.md', 'utf8')
  const rows = page.split('\n').filter((line) => /^\| (ERROR|WARN|INFO|DEBUG) /.test(line))
  const quoted = rows.flatMap((row) =>
    [...(row.split('|')[2] ?? '').matchAll(/`([^`…]+)…?`/g)].map(([, text = '']) => text),
  )
  expect(quoted.length).toBeGreaterThan(15)
  const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(`src/${file}`, 'utf8'))
    .join('\n')
  // `onAfterSettle threw` and the like are made of the name of the hook.
  const logged = (text: string) => source.includes(text.replace(/^on\w+ threw$/, ' threw'))
  expect(quoted.filter((text) => !logged(text))).toEqual([])
})
