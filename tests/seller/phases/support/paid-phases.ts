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

/** A target that answers with a greeting. Parts of the answer can be changed. */
export const answering =
  (response: Fields): Target =>
  ({ body }) => ({ statusCode: 200, ...answered({ content }, body['id']), ...response })

/** Runs a call through both phases. By default it is paid, and the target greets. */
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
