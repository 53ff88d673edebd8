import { withDeadline } from '../time/deadline.js'
import { OptionsError } from '../errors/payment-error.js'
import type { Mistake } from '../errors/mistake.js'
import { NOTHING_SENT } from '../errors/facilitator-failure.js'
import { PaymentsError } from '../errors/payments-error.js'
import { isRecord } from '../wire/json.js'

/** What a facilitator is asked for. It is the last part of the URL. */
export type FacilitatorPath = 'verify' | 'settle' | 'supported' | 'status'

/**
 * Headers for every path, e.g. `{ verify: { Authorization: '…' }, settle: {…}, supported: {} }`. A path without
 * headers is refused when it is asked. The type does not require them, as in `@x402/core`. `status` is needed with
 * the option `statusPath` only. Default: the headers of `verify`.
 */
export type AuthHeaders = Readonly<
  Partial<Record<FacilitatorPath, Readonly<Record<string, string>>>>
>

/**
 * Makes the headers of one request.
 *
 * @throws OptionsError if what was made is no such object.
 * @throws PaymentsError `token_unavailable` if none could be made in time; nothing was sent.
 */
export async function authHeadersFor(
  path: FacilitatorPath,
  createAuthHeaders: () => Promise<AuthHeaders>,
  timeoutMs: number,
  correlationId: string,
): Promise<Record<string, string>> {
  let made: unknown
  try {
    made = await withDeadline(timeoutMs, async () => createAuthHeaders())
  } catch {
    // The error is left out: a token service may quote the token in it.
    const facts = { ...NOTHING_SENT, code: 'token_unavailable', mistake: NO_TOKEN } as const
    throw new PaymentsError({ ...facts, correlationId })
  }
  const { [path]: own, verify } = isRecord(made) ? made : {}
  const headers = path === 'status' ? (own ?? verify) : own
  if (isRecord(headers) && Object.entries(headers).every(isHeader)) {
    return headers as Record<string, string>
  }
  const expected = 'must give headers for each path: { verify: {…}, settle: {…}, supported: {…} }'
  throw new OptionsError(`createAuthHeaders.${path}`, expected)
}

const NO_TOKEN: Mistake = {
  code: 'facilitator_key_refused',
  field: 'createAuthHeaders',
  problem: 'it threw, or gave nothing in half the time of the call',
  expected: 'headers that say who asks, for each path',
  cure: 'Look at what makes the token. What it threw is not shown, since it may quote the token.',
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5 */
function isHeader([name, value]: [string, unknown]): boolean {
  const isName = /^[\w!#$%&'*+.^`|~-]+$/.test(name)
  return isName && typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
}
