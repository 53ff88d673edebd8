import type { PaymentRecord } from '../options/payment-record.js'

/** Whether nothing is left to do for a payment. If its record is lost then, only a receipt is lost. */
export function isClosed({ state, isDelivered, isRefundReported }: PaymentRecord): boolean {
  if (state === 'settled') return isDelivered
  return state === 'refund_due' ? isRefundReported : CLOSED.has(state)
}

const CLOSED: ReadonlySet<string> = new Set(['refused', 'refunded', 'dead'])
