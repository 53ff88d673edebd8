// Fails if package-lock.json would not install elsewhere: an optional dependency without an entry
// (npm drops platform packages it could not fetch), or an address of one particular registry.
import { readFileSync } from 'node:fs'

const { packages } = JSON.parse(readFileSync(process.argv[2] ?? 'package-lock.json', 'utf8'))
const problems = []

for (const [path, entry] of Object.entries(packages)) {
  if (entry.resolved !== undefined && !entry.link)
    problems.push(`${path}: has a "resolved" address`)
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (!foldersAbove(path).some((folder) => `${folder}node_modules/${name}` in packages)) {
      problems.push(`${path}: optional dependency ${name} has no entry`)
    }
  }
}

/** Every folder whose node_modules a package at `path` can see, nearest first. */
function foldersAbove(path) {
  const parts = path === '' ? [] : path.split(/(?<=\/)(?=node_modules\/)/)
  const folders = parts.map((_, i) =>
    parts
      .slice(0, i + 1)
      .join('')
      .replace(/\/?$/, '/'),
  )
  return [...folders.reverse(), '']
}

for (const problem of problems) console.error(problem)
console.log(`lock file: ${Object.keys(packages).length} entries, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
