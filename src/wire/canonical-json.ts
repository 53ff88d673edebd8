/**
 * A text of a JSON value for hashes. The order in which members are written makes no difference. Values that differ have
 * texts that differ, since every text and list stands after its length.
 *
 * The function does not call itself: a value of a foreign party may be nested deeper than the stack.
 */
export function canonicalJson(value: unknown): string {
  let text = ''
  const open = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'string') text += `"${next.length}:${next}`
    else if (typeof next !== 'object' || next === null) text += `${String(next)},`
    else if (Array.isArray(next)) {
      text += `[${next.length},`
      for (let at = next.length - 1; at >= 0; at--) open.push(next[at])
    } else {
      const members = next as Readonly<Record<string, unknown>>
      const names = sorted(Object.keys(members))
      text += `{${names.length},`
      for (let at = names.length - 1; at >= 0; at--) {
        const name = names[at] as string
        open.push(members[name], name)
      }
    }
  }
  return text
}

/** Sorts in place. For few names, as most objects have, this is many times faster than the built-in sort. */
function sorted(names: string[]): string[] {
  if (names.length > MAX_FEW) return names.sort()
  for (let end = 1; end < names.length; end++) {
    const name = names[end] as string
    let at = end
    for (; at > 0 && (names[at - 1] as string) > name; at--) names[at] = names[at - 1] as string
    names[at] = name
  }
  return names
}

const MAX_FEW = 16
