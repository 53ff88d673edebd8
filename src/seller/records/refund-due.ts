import { refundIdOf } from '../../wire/payment-key.js'
import type { Charged, RefundDue, RefundReason } from '../options/payment-events.js'
import type { Settlement } from '../options/payment-record.js'

/** What a refund is for. */
export interface Owed {
  /** The key of the payment's record. */
  readonly key: string
  /** The id of the settle that took the money. */
  readonly correlationId: string
  readonly reason: RefundReason
  readonly charged: Charged
  readonly planId: string | undefined
  readonly paymentId: string | undefined
}

/** The refund that is owed after a settlement without a result. */
export function refundDue(
  { key, correlationId, reason, charged, planId, paymentId }: Owed,
  { settled: { payer, network, transaction } }: Settlement,
): RefundDue {
  return {
    id: refundIdOf(key, correlationId),
    reason,
    ...charged,
    ...(payer && { payer }),
    ...(planId !== undefined && { planId }),
    ...(network && { network }),
    ...(transaction && { transaction }),
    correlationId,
    ...(paymentId !== undefined && { paymentId }),
  }
}
