import {
  type PaymentError,
  PaymentRefusedError,
  PaymentUnavailableError,
} from '../../errors/payment-error.js'
import type { Hold } from './hold.js'

/** A refusal says so too: what an earlier call took may be what the payer lacks now. */
function saysNotCharged(error: unknown): error is PaymentError {
  if (error instanceof PaymentRefusedError) return true
  return error instanceof PaymentUnavailableError && error.code !== 'payment_in_use'
}

/**
 * What a call is to say that charged nothing. The buyer hears that, unless an earlier call had the payment and left no
 * word of what it did: a table that was down has no record of the settle that was sent.
 *
 * @returns the error as it is, or one that asks for the same payment again.
 */
export function orInDoubt(hold: Hold | undefined, error: unknown): unknown {
  if (hold?.record.wasTakenOver !== true || !saysNotCharged(error)) return error
  const why = `this call charged nothing, and an earlier one may have: ${error.message}`
  return new PaymentUnavailableError('store_unavailable', why, { cause: error })
}
