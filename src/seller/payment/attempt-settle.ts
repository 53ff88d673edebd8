import type { Settlement } from '../options/payment-record.js'
import type { SettlementSale } from '../options/sale.js'
import type { SaidNo, SettleFailure } from '../rails/rail.js'
import { leftFor } from './call-limits.js'
import type { Settleable } from './chosen.js'

/** A settle that did not end in a settlement, with the facilitator's answer or the error that was thrown. */
export type FailedAttempt =
  | {
      readonly read: SettleFailure | SaidNo
      /** Index of the one of the `facilitators` that was asked. */
      readonly by?: number | undefined
    }
  | { readonly thrown: unknown }

/**
 * Sends one settle.
 *
 * @param mayMoveOn whether another facilitator may be asked. After an attempt that may have settled, none
 * may.
 */
export async function attemptSettle(
  sale: SettlementSale,
  payment: Settleable,
  amount: bigint,
  mayMoveOn: boolean,
): Promise<Settlement | FailedAttempt> {
  const leftMs = leftFor(sale)
  if (leftMs <= 0) return { read: NO_TIME }
  const { correlationId, rail } = payment
  const timeoutMs = Math.min(sale.settings.settleTimeoutMs, leftMs)
  try {
    const { answer, by } = await rail.settle(payment, amount, {
      timeoutMs,
      correlationId,
      mayMoveOn,
    })
    const read = rail.readSettlement(answer, payment, amount)
    return 'settled' in read ? read : { read, by }
  } catch (thrown) {
    return { thrown }
  }
}

const NO_TIME: SettleFailure = {
  code: 'no_time_left',
  httpStatus: undefined,
  retryable: false,
  outcome: 'unavailable',
}
