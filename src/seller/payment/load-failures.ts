import { lazy } from '../../lazy.js'

const load = lazy(() => import('./failures.js'))

/**
 * What is done after a verify or a settle that failed. It is loaded by the first that fails.
 *
 * @throws what it is given, if that cannot be loaded: money may have moved, and that is told in any case.
 */
export async function failures(thrown: unknown): Promise<typeof import('./failures.js')> {
  try {
    return await load()
  } catch {
    throw thrown
  }
}
