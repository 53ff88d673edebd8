import type { FacilitatorClient } from './facilitator-client.js'
import type { Facilitators } from './failover.js'

/**
 * Makes the same as `createFacilitators`, and begins to load it in the Lambda's INIT. Sellers of credits never load
 * it.
 */
export function lazyFacilitators(
  clients: readonly FacilitatorClient[],
  now: () => number,
): Facilitators {
  const loading = import('./failover.js').then(({ createFacilitators }) =>
    createFacilitators(clients, now),
  )
  // A failed import is reported when the first call awaits it.
  loading.catch(() => undefined)
  return {
    verify: async (...given) => (await loading).verify(...given),
    settle: async (...given) => (await loading).settle(...given),
    status: async (...given) => (await loading).status(...given),
    extraOf: async (...given) => (await loading).extraOf(...given),
  }
}
