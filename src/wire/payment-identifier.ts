import { randomUUID } from 'node:crypto'
import { PAYMENT_IDENTIFIER } from './x402.js'
import { isRecord } from './json.js'

/** What is wrong with the id that a buyer gave to a payment. `docs/errors.md` says what each means. */
export type IdentifierProblem =
  | 'extension_echo_mismatch'
  | 'payment_identifier_required'
  | 'payment_identifier_invalid'

/**
 * The id that a buyer gave to a payment. The extension of the seller's challenge has to come back unchanged.
 *
 * @returns the id, nothing if none is given and none is needed, or what is wrong.
 * @see https://github.com/coinbase/x402/blob/main/specs/extensions/payment_identifier.md
 */
export function readIdentifier(
  payload: Readonly<Record<string, unknown>>,
  mode: 'optional' | 'required' | 'off',
): { id: string | undefined } | { problem: IdentifierProblem } {
  if (mode === 'off') return { id: undefined }
  const { extensions } = payload
  const extension = isRecord(extensions) ? extensions[PAYMENT_IDENTIFIER] : undefined
  const info = isRecord(extension) ? extension['info'] : undefined
  const { id, required } = isRecord(info) ? info : {}
  if (required !== undefined && required !== (mode === 'required')) {
    return { problem: 'extension_echo_mismatch' }
  }
  if (id === undefined || id === null) {
    return mode === 'required' ? { problem: 'payment_identifier_required' } : { id: undefined }
  }
  const isId = typeof id === 'string' && /^[\w-]{16,128}$/.test(id)
  return isId ? { id } : { problem: 'payment_identifier_invalid' }
}

/**
 * A buyer's payload with an id of its own, if the challenge offers that and the payload has no id. A retry is
 * recognised by it. The rest of the extension goes back unchanged.
 *
 * @param offered the `extensions` of the challenge
 * @returns the given payload if nothing has to be added
 */
export function withIdentifier<T extends Readonly<Record<string, unknown>>>(
  payload: T,
  offered: unknown,
): T {
  const extension = isRecord(offered) ? offered[PAYMENT_IDENTIFIER] : undefined
  if (!isRecord(extension)) return payload
  const given = fields(payload['extensions'])
  const echo = fields(given[PAYMENT_IDENTIFIER])
  const [asked, answered] = [fields(extension['info']), fields(echo['info'])]
  const { id } = answered
  // An id that the seller wrote is not ours.
  if (typeof id === 'string' && id !== asked['id']) return payload
  const info = { ...asked, ...answered, id: `pay_${randomUUID().replaceAll('-', '')}` }
  const extensions = { ...given, [PAYMENT_IDENTIFIER]: { ...extension, ...echo, info } }
  return { ...payload, extensions }
}

function fields(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}
