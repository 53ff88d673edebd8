import { PaymentError } from './payment-error.js'

/**
 * `markRefunded` was given an id that it cannot mark. Nothing was written.
 * - code `refund_unknown`: the store holds no refund with this id.
 * - code `refund_not_due`: the payment is in a state in which no refund is due.
 */
export class RefundError extends PaymentError {
  override readonly name = 'RefundError'
  /** How far the payment has come, e.g. `settled`. `undefined` if the id is unknown. */
  readonly state: string | undefined

  constructor(code: 'refund_unknown' | 'refund_not_due', message: string, state?: string) {
    super(code, message)
    this.state = state
  }
}
