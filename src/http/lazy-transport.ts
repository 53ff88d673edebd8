import { lazy } from '../lazy.js'
import type { Transport } from './transport.js'

/**
 * Loads the HTTP library on first use, and opens connections to one host. If the library cannot be loaded, every
 * request fails with `not_loaded`, and the next call tries again.
 */
export function lazyTransport(backend: URL, now: () => number): () => Promise<Transport> {
  const load = lazy(async () => {
    const { createTransport } = await import('./transport.js')
    return createTransport(backend, now)
  })
  return () => load().catch(() => NOT_LOADED)
}

const NOT_LOADED: Transport = {
  send: () => Promise.resolve({ failure: 'nothing sent', detail: 'not_loaded' }),
}
