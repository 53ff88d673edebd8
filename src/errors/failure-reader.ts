import { lazy } from '../lazy.js'

/** What reads the failures of facilitators. It is loaded by the first failure: a call that goes well needs none of it. */
export const failureReader = lazy(() => import('./facilitator-failure.js'))
