import type { PaymentRecord } from '../seller/options/payment-record.js'
import type { Chosen } from '../seller/payment/chosen.js'
import { railNamed } from '../seller/rails/rail-named.js'
import { decodeHeader } from '../wire/x402.js'
import type { WorkerSettings } from './worker-options.js'

/**
 * The payment of a record, made from what its store keeps.
 *
 * @returns why it cannot be made.
 */
export async function chosenOf(
  settings: WorkerSettings,
  { key, sold, asked }: PaymentRecord,
): Promise<Chosen | 'payment_not_kept' | 'terms_not_served'> {
  const kept = await settings.paymentStore.readPayment(key)
  if (kept === undefined || sold === undefined) return 'payment_not_kept'
  const { token, offer } = kept
  const rail = railNamed(sold.rail, offer, settings)
  if (rail === undefined) return 'terms_not_served'
  const amount = BigInt(asked?.amount ?? sold.credits ?? sold.amount ?? 0)
  return {
    offer,
    rail,
    amount,
    verifyAmount: amount,
    maxAmount: undefined,
    token,
    payload: decodeHeader(token),
    paymentId: sold.paymentId,
    mismatch: undefined,
  }
}
