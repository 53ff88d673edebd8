// Lists what every entry exports: node .config/run-ts.mjs .config/api/write.ts
//   --released   after a release: what is listed now is what was released
import { readFileSync, writeFileSync } from 'node:fs'
import { LISTING, RELEASED, noteOf, undeclared, unreleasedIn } from './changes.js'
import { readDeclarations } from './entries.js'
import { exportsOf, listingOf, readListing } from './listing.js'

const exports = exportsOf(readDeclarations())
const listing = listingOf(exports)
writeFileSync(LISTING, listing)
if (process.argv.includes('--released')) writeFileSync(RELEASED, listing)

const text = unreleasedIn(readFileSync('CHANGELOG.md', 'utf8'))
const missing = undeclared(readListing(readFileSync(RELEASED, 'utf8')), exports, text)
if (missing.length > 0) console.log(`CHANGELOG.md does not name yet: ${missing.join(', ')}`)
if (!text.includes(noteOf(listing))) console.log(`note in CHANGELOG.md: ${noteOf(listing)}`)
