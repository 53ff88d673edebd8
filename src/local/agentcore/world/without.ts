/** A copy of an object without some of its members. */
export function without<T extends object, K extends keyof T>(
  whole: T,
  ...names: readonly K[]
): Omit<T, K> {
  const kept = { ...whole }
  for (const name of names) Reflect.deleteProperty(kept, name)
  return kept
}
