import { readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import ts from 'typescript'
import { optionsPage, readSections } from '../../.config/docs/options/page.js'
import { OptionsReader, type OptionDoc, type TypePlace } from '../../.config/docs/options/read.js'

// docs/options.md is made from the comments above the options, so that the two cannot differ.

let options: OptionDoc[]
beforeAll(() => {
  options = readSections().flatMap((section) => section.options)
}, 120_000)

test('docs/options.md is as the source says; if it is not, run: npm run docs', async () => {
  expect(readFileSync('docs/options.md', 'utf8')).toBe(await optionsPage())
}, 120_000)

test('every option says what it is for', () => {
  expect(options.length).toBeGreaterThan(150)
  expect(options.filter(({ parts }) => parts.length === 0).map(({ origin }) => origin)).toEqual([])
})

test('every option that may be left out says what holds then', () => {
  const silent = options.filter((one) => one.need === 'optional' && one.default === undefined)
  expect(silent.map(({ origin }) => origin)).toEqual([])
})

test('every number and every amount says its unit', () => {
  const numbers = options.filter(({ isNumber }) => isNumber)
  expect(numbers.length).toBeGreaterThan(30)
  expect(numbers.filter(({ unit }) => unit === undefined).map(({ origin }) => origin)).toEqual([])
})

/** Types whose options are AWS's, but for the few that another type has as well. */
const OF_AWS = /^(Create|Update|Delete)Payment(Manager|Connector)Options$/

test('every type of options that an entry exports is on the page', () => {
  const places = ENTRIES.flatMap(exportedOptions).filter(({ type }) => !OF_AWS.test(type))
  expect(places.length).toBeGreaterThan(25)
  const reader = new OptionsReader(places.map(({ file }) => file))
  const exported = places.flatMap((place) => reader.optionsOf(place).map(({ origin }) => origin))
  const listed = new Set(options.map(({ origin }) => origin))
  expect(exported.filter((origin) => !listed.has(origin))).toEqual([])
}, 120_000)

const ENTRIES = ['', 'client/', 'agentcore/', 'store/', 'strands/', 'local/'].map(
  (folder) => `src/${folder}index.ts`,
)

/** Where the options are declared that an entry exports. */
function exportedOptions(entry: string): TypePlace[] {
  const source = ts.createSourceFile(entry, readFileSync(entry, 'utf8'), ts.ScriptTarget.Latest)
  return source.statements.flatMap((node) => {
    if (!ts.isExportDeclaration(node) || node.exportClause === undefined) return []
    const { moduleSpecifier: from, exportClause } = node
    if (!ts.isNamedExports(exportClause) || !from || !ts.isStringLiteral(from)) return []
    const file = path.join(path.dirname(entry), from.text.replace(/\.js$/, '.ts'))
    return exportClause.elements
      .map(({ name, propertyName }) => (propertyName ?? name).text)
      .filter((type) => /(Options|Limits|Settings|Assumptions)$/.test(type))
      .map((type) => placeOf(file, type))
  })
}

/** A file may hand on what another one declares. */
function placeOf(file: string, type: string): TypePlace {
  const text = readFileSync(file, 'utf8')
  const [, from] =
    new RegExp(`export type \\{[^}]*\\b${type}\\b[^}]*\\} from '(.+?)'`).exec(text) ?? []
  if (from === undefined) return { file, type }
  return placeOf(path.join(path.dirname(file), from.replace(/\.js$/, '.ts')), type)
}
