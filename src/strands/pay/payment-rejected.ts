import { PaymentError } from '../../errors/payment-error.js'
import { redacted } from '../../errors/redact.js'
import { isRecord } from '../../wire/json.js'

/**
 * A seller answered a signed payment with another 402. It is not paid again: the first payment may still
 * settle.
 */
export class PaymentRejected extends PaymentError {
  /** @param body of the second answer */
  constructor(body: unknown) {
    const error = isRecord(body) ? body['error'] : undefined
    const reason = typeof error === 'string' && error !== '' ? redacted(error) : 'unknown error'
    super('payment_unusable', `Payment rejected after signing: ${reason.slice(0, 200)}`)
  }
}
