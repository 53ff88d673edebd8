import { lazy } from '../../lazy.js'

/** Loads the overdraft guard. Only sellers that set the option load it. */
export const loadGuard = lazy(() => import('./guard.js'))
