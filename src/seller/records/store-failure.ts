import { PaymentError, PaymentUnavailableError, asError } from '../../errors/payment-error.js'

/**
 * Runs a request to the payment store while no money has moved.
 *
 * @throws PaymentUnavailableError if the store fails.
 */
export async function orUnavailable<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (thrown) {
    if (thrown instanceof PaymentError) throw thrown
    throw new PaymentUnavailableError('store_unavailable', 'the payment store failed', {
      cause: asError(thrown),
    })
  }
}
