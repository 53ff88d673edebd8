import { remainingMs } from '../../time/deadline.js'
import type { SettlementSale } from '../options/sale.js'
import type { Settleable } from './chosen.js'

/** How long one settle may still take. Unit: ms. */
export function leftFor({ settings, context }: SettlementSale): number {
  return remainingMs(context) - settings.settleReserveMs
}

/** The limits of one verify. A look-up takes no longer. */
export function callOf(
  sale: SettlementSale,
  { correlationId }: Pick<Settleable, 'correlationId'>,
): { timeoutMs: number; correlationId: string } {
  return { timeoutMs: Math.min(sale.settings.verifyTimeoutMs, leftFor(sale)), correlationId }
}
