import { PaymentError } from './payment-error.js'

/**
 * `markRefunded` was given an id that it cannot mark: nothing was written.
 * - code `refund_unknown`: the store holds no refund with this id.
 * - code `refund_not_due`: it is not due, since its payment is in another state.
 */
export class RefundError extends PaymentError {
  override readonly name = 'RefundError'
  /** How far the payment has come, e.g. `settled`; `undefined` of an unknown id. */
  readonly state: string | undefined

  constructor(code: 'refund_unknown' | 'refund_not_due', message: string, state?: string) {
    super(code, message)
    this.state = state
  }
}
