// Writes the pages of docs/ that are made from the source: node .config/run-ts.mjs .config/docs/write.ts
import { writeFile } from 'node:fs/promises'
import { PAGES } from './pages.js'

for (const [file, make] of Object.entries(PAGES)) await writeFile(file, await make())
