import type { Mistake } from '../errors/mistake.js'
import type { FacilitatorFailure } from '../errors/payments-error.js'
import { ANSWERED, NOTHING_THERE, unreachable } from '../mistakes/unreachable.js'

/**
 * The mistake in the setup that a failed request comes from; `undefined` if it comes from none that is known.
 *
 * @param url of the facilitator, without credentials
 * @param auth the headers that said who asks
 */
export function facilitatorMistake(
  failure: FacilitatorFailure,
  url: string,
  auth: Readonly<Record<string, string>>,
): Mistake | undefined {
  const words = {
    code: 'facilitator_unreachable',
    field: 'facilitators',
    expected: 'a facilitator of x402',
    local: 'Start the local stack: npx agentcore-x402 local. Its facilitator is at /facilitator.',
  } as const
  return unreachable(failure, url, words) ?? answeredMistake(failure, url, auth)
}

function answeredMistake(
  { httpStatus, detail, reason }: FacilitatorFailure,
  url: string,
  auth: Readonly<Record<string, string>>,
): Mistake | undefined {
  if (httpStatus === undefined) return undefined
  if (httpStatus === 401 || (httpStatus === 403 && detail === 'json')) {
    const isAlone = Object.keys(auth).length === 0
    const why = reason === undefined ? '' : `, ${reason}`
    return {
      code: 'facilitator_key_refused',
      field: 'createAuthHeaders',
      problem: `${url} does not let this seller in (HTTP ${httpStatus}${why})`,
      expected: 'headers that the facilitator takes, for each path',
      cure: isAlone
        ? 'No header says who asks. Give createAuthHeaders, or take a facilitator that needs no account.'
        : 'Check the key, its time, and that the headers are made for the path that is asked.',
    }
  }
  const what = httpStatus === 404 ? NOTHING_THERE : ANSWERED[detail ?? '']
  if (what === undefined || httpStatus === 429) return undefined
  return {
    code: 'facilitator_not_x402',
    field: 'facilitators',
    problem: `${url} ${what} (HTTP ${httpStatus})`,
    expected: 'the JSON of a facilitator at /verify, /settle and /supported below this URL',
    cure:
      httpStatus >= 500
        ? 'A proxy or load balancer answered in place of the facilitator. Look at it, or wait until the facilitator is back.'
        : 'Check the URL and its path, e.g. https://x402.org/facilitator.',
  }
}
