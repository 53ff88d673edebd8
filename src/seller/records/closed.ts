import type { PaymentRecord } from '../options/payment-record.js'

/** Whether nothing is to be done for a payment any more: all that would be lost with its record is a receipt. */
export function isClosed({ state, isDelivered, isRefundReported }: PaymentRecord): boolean {
  if (state === 'settled') return isDelivered
  return state === 'refund_due' ? isRefundReported : CLOSED.has(state)
}

const CLOSED: ReadonlySet<string> = new Set(['refused', 'refunded', 'dead'])
