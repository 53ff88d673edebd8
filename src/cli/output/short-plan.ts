import { shownId } from '../../mistakes/shown-id.js'

/** Ids of plans have up to 78 digits. Unit: characters. */
const MAX_CHARS = 20

/** The id of a plan, shortened where nobody has to copy it. */
export function shortPlan(planId: string): string {
  const shown = shownId(planId)
  return shown.length <= MAX_CHARS ? shown : `${shown.slice(0, 6)}…${shown.slice(-5)}`
}
