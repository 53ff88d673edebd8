/** What was said of each object. It ends with the object. */
const told = new WeakMap<object, Set<string>>()

/** A caller must not be able to fill the memory. */
const MAX_SAYINGS = 100

/** Whether this is said of an object for the first time. From then on it is not. */
export function isNews(about: object, saying: string): boolean {
  const known = told.get(about) ?? new Set<string>()
  told.set(about, known)
  if (known.has(saying) || known.size >= MAX_SAYINGS) return false
  known.add(saying)
  return true
}
