import type { Context } from 'aws-lambda'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import type { GatewayEvent } from '../../wire/gateway-events.js'
import { hookLimitMs, withDeadline } from '../../time/deadline.js'
import type { Sale } from '../options/sale.js'

/** A price that the seller's function computes. @throws PaymentUnavailableError if the function throws. */
export async function computed(
  { call, context }: Sale,
  name: 'credits' | 'price',
  price: (event: GatewayEvent, context: Context | undefined) => unknown,
): Promise<unknown> {
  try {
    return await withDeadline(hookLimitMs(context), async () => await price(call.event, context))
  } catch (cause) {
    throw new PaymentUnavailableError('price_invalid', `${name} threw`, { cause })
  }
}
