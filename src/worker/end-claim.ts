import { callOf } from '../seller/payment/call-limits.js'
import { emit } from './emit.js'
import { chosenOf } from './kept-chosen.js'
import type { Ending } from './report.js'
import { waitForBuyer } from './wait-for-buyer.js'
import type { Due, Run } from './run.js'

/**
 * Ends a call whose record knows of no settle: its container died, or the response of its request never came. Until the
 * payment expires, the buyer may come back with it.
 *
 * If the table was down, a settle may have been sent without a record. So the payment is looked up first, and its record
 * is not deleted: it shows that the payment was held before.
 */
export async function endClaim(run: Run, { record, hold }: Due): Promise<Ending> {
  const { settings, context } = run
  const { paymentStore, now, logger } = settings
  if (record.expiresAt > now()) return waitForBuyer(hold)
  const chosen = await chosenOf(settings, record)
  if (typeof chosen === 'object') {
    const sale = { store: paymentStore, settings, context }
    const call = callOf(sale, { correlationId: record.owner })
    const found = await chosen.rail.outcomeOf(chosen, { amount: chosen.amount }, call)
    if (found.kind === 'settled') {
      const code = 'settled_unrecorded'
      const { transaction } = found.settlement.settled
      if (!(await hold.givenUp(code, transaction ?? undefined))) return 'skipped'
      logger.error('a payment was given up', { code, key: record.key })
      emit(settings, record, { type: 'given-up', code })
      return 'dead'
    }
  }
  if (!(await paymentStore.retire(record))) return 'skipped'
  emit(settings, record, { type: 'call-lost' })
  return 'released'
}
