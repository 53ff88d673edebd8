import { lazy } from '../lazy.js'

/**
 * Reads the failures of facilitators. It is loaded by the first failure: a call that succeeds does not need
 * it.
 */
export const failureReader = lazy(() => import('./facilitator-failure.js'))
