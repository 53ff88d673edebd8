import { lazy } from '../../../lazy.js'

/** Loads what only HTTP events need. Calls that come at once share one load. */
export const httpParts = lazy(() => import('./parts.js'))

export type HttpParts = Awaited<ReturnType<typeof httpParts>>
