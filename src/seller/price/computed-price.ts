import type { Context } from 'aws-lambda'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import type { GatewayEvent } from '../../wire/gateway-events.js'

/** A price of the seller's own making. @throws PaymentUnavailableError if its function throws. */
export async function computed(
  name: 'credits' | 'price',
  price: (event: GatewayEvent, context: Context | undefined) => unknown,
  event: GatewayEvent,
  context: Context | undefined,
): Promise<unknown> {
  try {
    return await price(event, context)
  } catch (cause) {
    throw new PaymentUnavailableError('price_invalid', `${name} threw`, { cause })
  }
}
