// .config/api/api.txt lists what every entry exports. It changes only together with CHANGELOG.md.
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import {
  LISTING,
  RELEASED,
  noteOf,
  undeclared,
  unreleasedIn,
} from '../../../.config/api/changes.js'
import { readDeclarations } from '../../../.config/api/entries.js'
import { exportsOf, listingOf, readListing } from '../../../.config/api/listing.js'
import { built } from '../../support/built.js'

await built()
const exports = exportsOf(readDeclarations())
const written = readFileSync(LISTING, 'utf8')
const section = unreleasedIn(readFileSync('CHANGELOG.md', 'utf8'))

test('the listing of the API is what the source exports; else run npm run api', () => {
  expect(exports.length).toBeGreaterThan(300)
  expect(written).toBe(listingOf(exports))
})

test('CHANGELOG.md names every export that was added, removed or changed since the release', () => {
  const released = readListing(readFileSync(RELEASED, 'utf8'))
  expect(released.length).toBeGreaterThan(300)
  expect(undeclared(released, readListing(written), section)).toEqual([])
})

test('CHANGELOG.md notes the listing that it tells of; npm run api prints the line', () => {
  expect(section.split('\n')).toContain(noteOf(written))
})

test('a listing is read as it was written', () => {
  expect(listingOf(readListing(written))).toBe(written)
})
