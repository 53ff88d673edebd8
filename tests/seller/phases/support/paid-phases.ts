import type { Local } from '../../../../src/local/index.js'
import { TOOL, answered, content } from '../../../support/doors.js'
import {
  bothPhases,
  hello,
  intercept,
  type PhasesOptions,
  type ShownRequest,
  type Target,
} from './phases.js'
import { stack } from '../../../support/seller.js'

type Fields = Record<string, unknown>

/** A target whose response is a greeting, but for some parts of it. */
export const answering =
  (response: Fields): Target =>
  ({ body }) => ({ statusCode: 200, ...answered({ content }, body['id']), ...response })

/** A call through both phases; paid and greeted unless said otherwise. */
export async function paid(
  shown: ShownRequest,
  options: object = {},
  target: Target = hello,
  more: PhasesOptions & { local?: Local; event?: (local: Local) => Fields } = {},
) {
  const { local = await stack(), event = (it: Local) => it.paidEvent(TOOL), ...how } = more
  const played = await bothPhases(intercept(local, options), event(local), target, {
    shown,
    ...how,
  })
  return { local, ...played }
}
