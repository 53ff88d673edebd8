import { SettlementUnknownError } from '../../errors/payment-error.js'
import type { Settlement } from '../options/payment-record.js'
import type { SettlementSale } from '../options/sale.js'
import type { Before } from '../records/sole-use.js'
import { attemptSettle } from './attempt-settle.js'
import type { Settleable } from './chosen.js'
import { failures } from './load-failures.js'

/**
 * Settles until the outcome is known, there is no safe way to ask again, or time is up. A settle is repeated
 * only in these cases:
 * - nothing was sent
 * - the facilitator's own table of codes says that it is safe
 * - repeating cannot charge twice: the signature has a nonce, or `retrySettleByRequestId` says so
 *
 * If the settlement is pending, the facilitator is asked for its status. Without a status to ask for, the
 * settle is sent once more, at once.
 *
 * @throws PaymentRefusedError if the facilitator refused. Nothing was charged.
 * @throws PaymentUnavailableError if it could not be asked. Nothing was charged.
 */
export async function settle(
  sale: SettlementSale,
  payment: Settleable,
  amount: bigint,
  earlier: Before,
): Promise<Settlement> {
  const first = await attemptSettle(sale, payment, amount, true)
  if ('settled' in first) return first
  const { correlationId, agentRequestId } = payment
  const { settleAgain } = await failures(new SettlementUnknownError(correlationId, agentRequestId))
  return settleAgain(sale, { payment, amount }, first, earlier)
}
