import type { FacilitatorClient } from './facilitator-client.js'
import type { Facilitators } from './failover.js'

/**
 * The same as `createFacilitators` makes. Sellers of credits need none of it, so it is loaded from here on, in the
 * Lambda's INIT.
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
