import { asError } from '../../errors/payment-error.js'
import type { SettlementSale } from '../options/sale.js'
import type { Hold } from './hold.js'

/** What is known of a payment before its settle. */
export interface Before {
  /** Whether an earlier call may have settled it. */
  readonly hadAttempt: boolean
  /**
   * Whether only the calls in the payment's record can have settled it. The store is asked when this matters.
   */
  readonly isHeldAlone: () => Promise<boolean>
}

/**
 * What is known of a payment before its settle. Only a store that every container shares can show that nobody
 * else had a payment. If the store does not show it, or cannot be asked, it counts as not shown.
 */
export function before(sale: SettlementSale, hold: Hold | undefined, hadAttempt: boolean): Before {
  const { store, settings } = sale
  return {
    hadAttempt,
    async isHeldAlone() {
      if (hold === undefined || hold.record.wasUsedBefore || store.scope !== 'shared') return false
      try {
        return (await store.heldAlone?.(hold.record.key)) === true
      } catch (thrown) {
        settings.logger.error('the payment store could not be asked', { error: asError(thrown) })
        return false
      }
    },
  }
}
