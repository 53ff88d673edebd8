/**
 * A hint for an unknown name: `; did you mean region?` for `region_name`, `regionName` or `regoin`. It is
 * empty if no known name is near.
 *
 * @param also names that the same thing has elsewhere, in lower case and without underscores, with the hint
 * for each
 */
export function didYouMean(
  given: string,
  names: Iterable<string>,
  also: Readonly<Record<string, string>> = {},
): string {
  const [key, known] = [plain(given), [...names]]
  const elsewhere = Object.hasOwn(also, key) ? also[key] : undefined
  const isHere = known.some((name) => elsewhere?.includes(name))
  const near = isHere ? elsewhere : nearest(key, known)
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** The name without case, underscores and hyphens: in these, languages differ. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '')
}

function nearest(key: string, names: readonly string[]): string | undefined {
  const same = names.find((name) => plain(name) === key)
  if (same !== undefined || key.length > MAX_CHARS) return same
  const typo = names
    .map((name) => ({ name, edits: editsBetween(key, plain(name)) }))
    .filter(({ name, edits }) => edits <= Math.min(2, Math.floor(name.length / 4)))
    .toSorted((a, b) => a.edits - b.edits)[0]?.name
  return typo ?? names.filter((name) => isPartOf(key, plain(name))).toSorted(byLength)[0]
}

/** A longer text is no name. Unit: characters. */
const MAX_CHARS = 60

/** Shorter names are a part of too many others. Unit: characters. */
const MIN_PART_CHARS = 4

/** Whether one name is a part of the other: `regionname` and `region`, `network` and `networkpreferences`. */
function isPartOf(key: string, name: string): boolean {
  const isLonger = name.length >= MIN_PART_CHARS && (key.startsWith(name) || key.endsWith(name))
  return isLonger || (key.length >= MIN_PART_CHARS && name.startsWith(key))
}

function byLength(a: string, b: string): number {
  return b.length - a.length
}

/** How many letters to add, drop or change. Two neighbours that changed places count as one. */
function editsBetween(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : Infinity
      row.push(Math.min(change, swap, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    before = last
    last = row
  }
  return last[b.length] ?? Infinity
}
