/** Loads on the first call, and then never again. If loading fails, the next call tries again. */
export function lazy<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
}

/**
 * A module with its names. A bundler that splits its output gives a CommonJS module as `default` only, for
 * example the clients of AWS.
 */
export function withNames<T extends object>(module: T): T {
  const { default: whole } = module as { default?: T }
  return whole !== undefined && Object.keys(module).length === 1 ? whole : module
}
