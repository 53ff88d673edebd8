import { lazy } from '../lazy.js'
import type { Transport } from './transport.js'

/** Loads the HTTP library on first use, and opens connections to one host. */
export function lazyTransport(backend: URL, now: () => number): () => Promise<Transport> {
  return lazy(async () => {
    const { createTransport } = await import('./transport.js')
    return createTransport(backend, now)
  })
}
