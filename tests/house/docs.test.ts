import { readFile } from 'node:fs/promises'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import ts from 'typescript'

// Pages for people: their links lead somewhere, and their code is code.

const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'examples/README.md'],
  ...readdirSync('docs').map((file) => `docs/${file}`),
]

const blocksOf = (page: string) =>
  [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = '']) => code)

/** As GitHub names a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')

const anchorsOf = (page: string) =>
  [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))

describe.each(PAGES)('%s', (name) => {
  let page: string
  beforeAll(async () => {
    page = await readFile(name, 'utf8')
  })

  test('links to what is there', () => {
    const broken = [...page.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#')
        const target = file === '' ? name : path.join(path.dirname(name), file)
        if (!existsSync(target)) return true
        return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor)
      })
    expect(broken).toEqual([])
  })
})

test('the code in docs/durable-payments.md is TypeScript', async () => {
  const blocks = blocksOf(await readFile('docs/durable-payments.md', 'utf8'))
  const wrong = blocks.flatMap((code) => {
    const { diagnostics = [] } = ts.transpileModule(code, { reportDiagnostics: true })
    return diagnostics.map(({ messageText }) => messageText)
  })
  expect([blocks.length, wrong]).toEqual([3, []])
})

test('docs/durable-payments.md names every option of dynamoDbStore, save the clock', async () => {
  const page = await readFile('docs/durable-payments.md', 'utf8')
  const source = await readFile('src/store/dynamodb-store.ts', 'utf8')
  const [, known = ''] = /const OPTIONS[^{]+\{([^}]+)\}/.exec(source) ?? []
  const options = [...known.matchAll(/(\w+): true/g)].map(([, option = '']) => option)
  expect(options).toContain('keepClosedDays')
  const missing = options.filter((option) => !page.includes(`| \`${option}\` |`))
  expect(missing).toEqual(['now'])
})
