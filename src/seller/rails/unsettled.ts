import { publicReason } from '../../errors/redact.js'
import { spentState } from '../../errors/used-codes.js'
import {
  SETTLEMENT_PENDING,
  saysPending,
  settlementNames,
} from '../../facilitators/settlement-status.js'
import type { SettleResponse } from '../../wire/x402.js'
import { type SettleFailure, UNREADABLE } from './rail.js'

/**
 * What an answer to settle means that does not say `success: true`. It is a refusal only if it names no
 * transaction and says nothing of a use of the payment. A used payment may have been used for this call. A
 * settle of ours whose answer was lost may have used it, or somebody who sent the signature in.
 *
 * @see https://eips.ethereum.org/EIPS/eip-3009#security-considerations
 */
export function unsettled(answer: SettleResponse): SettleFailure {
  const { errorReason } = answer
  const names = settlementNames(answer)
  if (saysPending(answer)) {
    return { ...UNREADABLE, code: SETTLEMENT_PENDING, state: 'pending', ...names }
  }
  const state = spentState(errorReason)
  if (state === 'used') return { ...UNREADABLE, code: 'nonce_used', state, ...names }
  const mayHaveMoved = state === 'ambiguous' || answer.transaction || answer.orderTx
  if (mayHaveMoved) return { ...UNREADABLE, code: 'settlement_unknown', ...names }
  return refused(errorReason)
}

/** The facilitator refused. Nothing was charged. */
export function refused(errorReason: unknown): SettleFailure {
  return {
    code: 'settlement_refused',
    httpStatus: 200,
    retryable: false,
    outcome: 'refused',
    reason: publicReason(errorReason) ?? 'settlement refused',
  }
}
