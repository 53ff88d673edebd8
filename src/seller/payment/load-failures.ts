import { lazy } from '../../lazy.js'

/** What is done after a verify or a settle that failed. It is loaded by the first that fails. */
export const failures = lazy(() => import('./failures.js'))
