import { lazy } from '../../lazy.js'

const load = lazy(() => import('./failures.js'))

/**
 * Loads what follows a failed verify or settle. The first failure loads it.
 *
 * @throws the given error if loading fails: money may have moved, and the buyer is told so in any case.
 */
export async function failures(thrown: unknown): Promise<typeof import('./failures.js')> {
  try {
    return await load()
  } catch {
    throw thrown
  }
}
