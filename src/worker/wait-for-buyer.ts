import type { Hold } from '../seller/records/hold.js'
import type { Ending } from './report.js'

/**
 * Leaves a call whose lease is over to its buyer, who may come back until the payment expires. The worker looks again
 * then, and not in every run before.
 */
export async function waitForBuyer(hold: Hold): Promise<Ending> {
  const { attempts, expiresAt } = hold.record
  await hold.lookAgain({ attempts, nextAttemptAt: expiresAt })
  return 'skipped'
}
