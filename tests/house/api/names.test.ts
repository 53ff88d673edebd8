// A consumer can name every type that a signature of the package mentions.
import { expect, test } from '@jest/globals'
import { readDeclarations } from '../../../.config/api/entries.js'
import { unnamedTypes } from '../../../.config/api/unnamed-types.js'
import { built } from '../../support/built.js'

await built()
const declarations = readDeclarations()

/** Types that need no name of their own, and why. */
const NEEDS_NONE: Readonly<Record<string, string>> = {
  DistributiveOmit: 'an operation on types; what it makes is AgentCoreOptions',
}

test.each(declarations.entries.map((entry) => [entry.name, entry] as const))(
  'every type in the signatures of %s can be imported',
  (_, entry) => {
    expect(entry.exported.size).toBeGreaterThan(5)
    const unnamed = unnamedTypes(declarations, entry)
    expect(unnamed.filter((one) => !Object.hasOwn(NEEDS_NONE, one.split(' ')[0] ?? ''))).toEqual([])
  },
)

test('what needs no name is still there', () => {
  const all = declarations.entries.flatMap((entry) => unnamedTypes(declarations, entry))
  const names = all.map((one) => one.split(' ')[0])
  for (const name of Object.keys(NEEDS_NONE)) expect(names).toContain(name)
})
