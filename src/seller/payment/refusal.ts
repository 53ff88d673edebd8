import { failureOfError, withoutProse } from '../../errors/facilitator-failure.js'
import {
  type PaymentError,
  PaymentRefusedError,
  PaymentUnavailableError,
  PaymentUsedError,
} from '../../errors/payment-error.js'
import { publicReason } from '../../errors/redact.js'
import { spentState } from '../../errors/used-codes.js'
import type { Sale } from '../options/sale.js'
import { callOf } from './call-limits.js'
import type { Chosen } from './chosen.js'

/** The error of a verify that threw: the payment is refused, or the facilitator cannot say. */
export async function unverifiable(
  sale: Sale,
  chosen: Chosen,
  correlationId: string,
  thrown: unknown,
): Promise<PaymentError> {
  const { outcome, code } = failureOfError(thrown)
  const cause = withoutProse(thrown)
  if (outcome === 'refused') return refusal(sale, chosen, correlationId, { code, cause })
  return new PaymentUnavailableError('facilitator_unavailable', code, { cause })
}

/** A facilitator's refusal. */
interface Refusal {
  readonly code: unknown
  readonly cause?: unknown
}

/**
 * The error of a refused verify. A payment that is used, or may be, is not refused: it may have been used for
 * this call. Then the chain is asked. If the chain does not know, the buyer is told to look before paying
 * again.
 */
export async function refusal(
  sale: Sale,
  chosen: Chosen,
  correlationId: string,
  { code, cause }: Refusal,
): Promise<PaymentError> {
  const reason = publicReason(code) ?? 'payment refused'
  const refused = new PaymentRefusedError('verification_refused', reason, chosen.offer, { cause })
  if (spentState(code) === 'other') return refused
  const search = { amount: chosen.amount }
  const found = await chosen.rail.outcomeOf(chosen, search, callOf(sale, { correlationId }))
  if (found.kind === 'not-settled') return refused
  const settled = found.kind === 'settled' ? found.settlement.settled : undefined
  return new PaymentUsedError(reason, settled, { cause })
}
