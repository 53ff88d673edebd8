import { createHash } from 'node:crypto'
import type { Export } from './listing.js'

/** What every entry exports now. */
export const LISTING = '.config/api/api.txt'
/** What every entry exported at the last release; before the first one, when the listing was begun. */
export const RELEASED = '.config/api/api-released.txt'

/** The section of CHANGELOG.md about what is not released yet. */
export function unreleasedIn(changelog: string): string {
  const [, section = ''] = /^## Unreleased\n([^]*?)(?=^## |$(?![^]))/m.exec(changelog) ?? []
  return section
}

/** The line by which CHANGELOG.md says which API it tells of. A change of the API makes it another line. */
export function noteOf(listing: string): string {
  return `<!-- api: ${createHash('sha256').update(listing).digest('hex').slice(0, 12)} -->`
}

/**
 * Exports that were added, removed or changed, and that a section of CHANGELOG.md does not name as code.
 *
 * @returns `Name of ./entry`
 */
export function undeclared(
  before: readonly Export[],
  now: readonly Export[],
  section: string,
): string[] {
  const code = (section.match(/`[^`\n]+`/g) ?? []).join('\n')
  return changed(before, now)
    .filter(({ name }) => !new RegExp(`\\b${name}\\b`).test(code))
    .map(({ entry, name }) => `${name} of ${entry}`)
}

function changed(before: readonly Export[], now: readonly Export[]): Export[] {
  const isIn = (one: Export, others: readonly Export[]) =>
    others.some((other) => keyOf(other) === keyOf(one) && textOf(other) === textOf(one))
  const gone = before.filter((one) => !now.some((other) => keyOf(other) === keyOf(one)))
  return [...now.filter((one) => !isIn(one, before)), ...gone]
}

function keyOf({ entry, name }: Export): string {
  return `${entry} ${name}`
}

function textOf({ lines }: Export): string {
  return lines.join('\n')
}
