/**
 * An object that is like the given one, except that some methods are replaced. All other methods run with the
 * object itself as `this`, since a proxy cannot reach private fields.
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
      // An own function is a callback that somebody has set. A bound copy would not be the same.
      if (typeof value !== 'function' || Object.hasOwn(target, name)) return value
      if (name === 'constructor') return value
      if (!bound.has(value)) bound.set(value, value.bind(target))
      return bound.get(value)
    },
    set: (_, name, value) => Reflect.set(target, name, value, target),
  })
}
