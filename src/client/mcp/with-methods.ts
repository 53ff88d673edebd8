/**
 * An object that is the given one in everything, save that some methods are replaced. All others
 * run with the object itself as `this`, since private fields are out of a proxy's reach.
 */
export function standIn<T extends object>(
  target: T,
  replaced: Readonly<Record<string, unknown>>,
): T {
  const bound = new Map<unknown, unknown>()
  return new Proxy(target, {
    get(_, name) {
      if (typeof name === 'string' && Object.hasOwn(replaced, name)) return replaced[name]
      const value: unknown = Reflect.get(target, name, target)
      // Own functions are callbacks somebody has set; a bound one would not be the same.
      if (typeof value !== 'function' || Object.hasOwn(target, name)) return value
      if (name === 'constructor') return value
      if (!bound.has(value)) bound.set(value, value.bind(target))
      return bound.get(value)
    },
    set: (_, name, value) => Reflect.set(target, name, value, target),
  })
}
