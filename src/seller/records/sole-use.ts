import { asError } from '../../errors/payment-error.js'
import type { Sale } from '../options/sale.js'
import type { Hold } from './hold.js'

/** What is known of a payment before it is settled. */
export interface Before {
  /** Whether an earlier call may have settled it. */
  readonly hadAttempt: boolean
  /** Whether nobody can have settled it but the calls that its record tells of. Asked once it matters. */
  readonly isHeldAlone: () => Promise<boolean>
}

/**
 * Only a store that every container shares can show that nobody else had a payment. What it does not show, or cannot
 * say now, is not so.
 */
export function before(sale: Sale, hold: Hold | undefined, hadAttempt: boolean): Before {
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
