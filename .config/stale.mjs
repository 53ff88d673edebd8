import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** @returns the first file of src/ that dist/ does not hold as it is now, or undefined. */
export function newerThanDist() {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  return sources
    .filter((file) => /\.(ts|html|css)$/.test(file))
    .find((file) => {
      const compiled = path.join('dist', file.replace(/\.ts$/, '.js'))
      return changedMs(compiled) < changedMs(path.join('src', file))
    })
}

function changedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
