import { asError } from '../../errors/payment-error.js'
import type { ReservedAt } from '../options/payment-record.js'
import type { SettlementSale } from '../options/sale.js'

/** Ends a reservation of credits. If the store fails, it counts until its time is over. This never throws. */
export async function endReservation(
  { store, settings }: Pick<SettlementSale, 'store' | 'settings'>,
  { account, name }: ReservedAt,
): Promise<void> {
  try {
    await store.endReservation?.(account, name)
  } catch (thrown) {
    settings.logger.error('a reservation could not be ended', { error: asError(thrown) })
  }
}
