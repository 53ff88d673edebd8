// Every export has a summary above it, and so has every member of an export.
import { expect, test } from '@jest/globals'
import { readDeclarations } from '../../../.config/api/entries.js'
import { undocumented } from '../../../.config/api/undocumented.js'
import { built } from '../../support/built.js'

await built()

test('no export and no member of one is without a summary', () => {
  const declarations = readDeclarations()
  const exported = declarations.entries.flatMap(({ exported: names }) => [...names.keys()])
  expect(exported).toContain('requiresPayment')
  expect(undocumented(declarations)).toEqual([])
})
