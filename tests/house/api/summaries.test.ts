// What every export and every member of one is, is said above it. Not all have it yet: no new one comes without.
import { expect, test } from '@jest/globals'
import { readDeclarations } from '../../../.config/api/entries.js'
import { undocumented } from '../../../.config/api/undocumented.js'
import { built } from '../../support/built.js'

await built()

/** How many were without a summary when this was first counted. It only goes down. */
const WITHOUT = 10

test('no export and no member is added without a summary', () => {
  const found = undocumented(readDeclarations())
  expect(found).not.toContain('requiresPayment')
  expect(found.length).toBeLessThanOrEqual(WITHOUT)
})
