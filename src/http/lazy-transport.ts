import type { Transport } from './transport.js'

/** Loads the HTTP library on first use, and opens connections to one host. A failed load is tried again next time. */
export function lazyTransport(backend: URL, now: () => number): () => Promise<Transport> {
  let loading: Promise<Transport> | undefined
  return () => {
    loading ??= import('./transport.js')
      .then(({ createTransport }) => createTransport(backend, now))
      .catch((error: unknown) => {
        loading = undefined
        throw error
      })
    return loading
  }
}
