/**
 * The end of a message about an unknown name: the known name that was probably meant.
 *
 * @returns `''` if no known name is near, else a text that follows the message directly.
 */
export function didYouMean(given: string, known: readonly string[]): string {
  const near = nearest(given, known)
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** Shorter names are too much alike for a guess by spelling. */
const MIN_GUESSED_CHARS = 5
const MAX_EDITS = 2

function nearest(given: string, known: readonly string[]): string | undefined {
  const wanted = plain(given)
  const same = known.find((name) => plain(name) === wanted)
  if (same !== undefined || wanted.length < MIN_GUESSED_CHARS) return same
  const byDistance = known
    .map((name) => ({ name, edits: editsBetween(plain(name), wanted) }))
    .sort((a, b) => a.edits - b.edits)
  const [best] = byDistance
  return best !== undefined && best.edits <= MAX_EDITS ? best.name : undefined
}

/** `plan_id`, `PlanID` and `planId` are one name in three styles. */
function plain(name: string): string {
  return name.replace(/[-_]/g, '').toLowerCase()
}

/** Levenshtein distance: how many letters are put in, taken out or replaced. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
