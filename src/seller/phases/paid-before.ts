import { asError } from '../../errors/payment-error.js'
import type { FoundPayment } from '../events/payment-carriers.js'
import type { PaymentRecord } from '../options/payment-record.js'
import type { ToolPrice } from '../options/settings.js'
import type { Chosen } from '../payment/chosen.js'
import { identityIn } from '../payment/enter.js'
import { unverified } from '../payment/with-hooks.js'
import type { Identity } from '../records/identity.js'
import type { HandedOver } from './handoff-content.js'
import { ownerOf } from './phase-entry.js'
import type { PhaseSale } from './phase-state.js'
import { chosenAgain } from './settle-delivered.js'

/**
 * The settlement of the request phase with flow `'upfront'`, if the hand-off did not arrive. The hand-off was
 * not kept, or the response came too late for it. Then the payment's own record tells of the settlement.
 *
 * @returns `undefined` if there is no such record, or it cannot be read. `'by another call'` if another call has the
 * payment. Then the payment is for the answer of that call.
 */
export async function paidBefore(
  sale: PhaseSale,
  found: FoundPayment,
  price: ToolPrice,
): Promise<HandedOver | 'by another call' | undefined> {
  const known = await recordOf(sale, found, price)
  if (known === undefined) return undefined
  const { chosen, identity, record } = known
  // Clients give their calls the same ids, so that the owner's name alone does not tell two calls apart.
  const isOurs = record.owner === ownerOf(sale) && record.fingerprint === identity.fingerprint
  if (!isOurs) return 'by another call'
  const { asked, settlement } = record
  if (settlement === undefined) return undefined
  const payment = unverified(chosen, asked?.correlationId)
  return { kind: 'settled', payment, settlement, identity }
}

interface KnownPayment {
  readonly chosen: Chosen
  readonly identity: Identity
  readonly record: PaymentRecord
}

/** The record of the payment. Money may have moved, so a failure here must not become a challenge. */
async function recordOf(
  sale: PhaseSale,
  found: FoundPayment,
  price: ToolPrice,
): Promise<KnownPayment | undefined> {
  if (found.kind !== 'token') return undefined
  const { store, settings, call } = sale
  try {
    const chosen = await chosenAgain(sale, found, price)
    const identity = chosen === 'free' ? undefined : identityIn(sale, chosen)
    if (chosen === 'free' || identity === undefined) return undefined
    const record = await store.read(identity.key, settings.now())
    return record && { chosen, identity, record }
  } catch (thrown) {
    const details = { tool: call.label, error: asError(thrown) }
    settings.logger.error('what was paid before could not be looked up', details)
    return undefined
  }
}
