import type { InterceptorStore } from '../../../../src/index.js'

/** A store in memory, as a seller would write one. */
export function memoryStore(): InterceptorStore & { entries: Map<string, string> } {
  const entries = new Map<string, string>()
  return {
    entries,
    put: async (key, value) => void entries.set(key, value),
    take: async (key) => {
      const value = entries.get(key)
      entries.delete(key)
      return value
    },
  }
}
