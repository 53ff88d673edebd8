import {
  type PaymentError,
  PaymentRefusedError,
  PaymentUnavailableError,
} from '../../errors/payment-error.js'
import type { Hold } from './hold.js'

/**
 * Whether an error says that the buyer was not charged. A refusal counts too: an earlier call may have taken
 * what the payer lacks now.
 */
function saysNotCharged(error: unknown): error is PaymentError {
  if (error instanceof PaymentRefusedError) return true
  return error instanceof PaymentUnavailableError && error.code !== 'payment_in_use'
}

/**
 * The error to answer with after a call that charged nothing. Usually the buyer hears just that. But an
 * earlier call may have held the payment and left no word of what it did. A table that was down has no record
 * of the settle that was sent.
 *
 * @returns the error as it is, or one that asks for the same payment again.
 */
export function orInDoubt(hold: Hold | undefined, error: unknown): unknown {
  if (hold?.record.wasTakenOver !== true || !saysNotCharged(error)) return error
  const why = `this call charged nothing, and an earlier one may have: ${error.message}`
  return new PaymentUnavailableError('store_unavailable', why, { cause: error })
}
