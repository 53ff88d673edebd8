import { lazy } from '../../../lazy.js'

/** What only HTTP events need. Calls that come at once share the load. */
export const httpParts = lazy(() => import('./parts.js'))

export type HttpParts = Awaited<ReturnType<typeof httpParts>>
