import { statSync } from 'node:fs'

/** What changes when a file is written or replaced. It is empty for a file that is not there. */
export function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false })
  return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`
}
