import { isDeepStrictEqual } from 'node:util'
import { expect, test } from '@jest/globals'
import { canonicalJson } from '../../src/wire/canonical-json.js'
import { fc } from '../support/random-cases.js'

/** As it is after a way over the network. */
const json = fc.jsonValue({ noUnicodeString: false }).map((value): unknown => overTheWire(value))
const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown

/** The same value, its members written the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, member]) => [name, turned(member)])
  return Object.fromEntries(entries.reverse())
}

test('the order of members does not count', () => {
  fc.assert(
    fc.property(json, (value) => expect(canonicalJson(turned(value))).toBe(canonicalJson(value))),
  )
})

test('values that differ have texts that differ', () => {
  const pairs = fc.tuple(json, json)
  fc.assert(
    fc.property(pairs, ([one, other]) => {
      const isSame = isDeepStrictEqual(one, other)
      expect(canonicalJson(one) === canonicalJson(other)).toBe(isSame)
    }),
  )
})

test.each<[string, unknown, unknown]>([
  ['a number and its text', 1, '1'],
  ['nothing and its word', null, 'null'],
  ['an empty list and an empty object', [], {}],
  ['one list and two', [[1, 2]], [[1], 2]],
  ['a list of texts and their text', ['a', 'b'], ['a"1:b']],
  ['a member and its name', { a: 'b' }, ['a', 'b']],
  ['a member further in', { a: { b: 1 }, c: 2 }, { a: { b: 1, c: 2 } }],
  ['texts with signs of the form', 'x,', 'x'],
])('%s are told apart', (_, one, other) => {
  expect(canonicalJson(one)).not.toBe(canonicalJson(other))
})

test('more names than are sorted by hand are in order as well', () => {
  const names = Array.from({ length: 40 }, (_, at) => [`name ${(at * 7) % 40}`, at])
  const value = Object.fromEntries(names) as unknown
  expect(canonicalJson(turned(value))).toBe(canonicalJson(value))
})

test('a value that is nested 100 000 deep has a text', () => {
  const text = '['.repeat(100_000) + ']'.repeat(100_000)
  expect(canonicalJson(JSON.parse(text)).length).toBeGreaterThan(100_000)
})
