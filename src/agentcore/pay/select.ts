import { PaymentError } from '../../errors/payment-error.js'
import { selectMpp } from './mpp-select.js'
import type { Offer } from './payment-required-request.js'
import { selectX402 } from './x402-select.js'
import type { Buyer, MppSelection, X402Selection } from './selection.js'

/**
 * Selects what to pay: a challenge of MPP, or an entry of x402 if no challenge of MPP can be paid.
 *
 * @throws PaymentError saying why there is nothing to pay. Nothing was paid.
 */
export function select({ x402, mpp }: Offer, buyer: Buyer): X402Selection | MppSelection {
  const first = mpp.length > 0 ? selectMpp(mpp, buyer) : undefined
  const found = first === undefined || first instanceof PaymentError ? undefined : first
  const selection = found ?? (x402 ? selectX402(x402, buyer) : first)
  if (selection === undefined || selection instanceof PaymentError) {
    throw (
      selection ??
      new PaymentError('challenge_unreadable', 'the seller asks for nothing; nothing was paid')
    )
  }
  return selection
}
