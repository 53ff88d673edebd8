import { SettlementUnknownError } from '../../errors/payment-error.js'
import type { Settlement } from '../options/payment-record.js'
import type { Sale } from '../options/sale.js'
import type { Before } from '../records/sole-use.js'
import { attemptSettle } from './attempt-settle.js'
import type { Settleable } from './chosen.js'
import { failures } from './load-failures.js'

/**
 * Settles until the outcome is known, there is no safe way to ask again, or time is up. A settle is repeated
 * only if nothing was sent, if the facilitator's own table of codes says that it is safe, or if repeating cannot
 * charge twice (a signature with a nonce; a request id where `retrySettleByRequestId` says so). What is pending
 * is asked about where the facilitator has a status, else sent once more, at once.
 *
 * @throws PaymentRefusedError if the facilitator refused; nothing was charged.
 * @throws PaymentUnavailableError if it could not be asked; nothing was charged.
 * @throws SettlementUnknownError if the payer may have been charged.
 */
export async function settle(
  sale: Sale,
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
