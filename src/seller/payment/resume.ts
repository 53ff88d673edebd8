import { PaymentRefusedError, SettlementUnknownError, asError } from '../../errors/payment-error.js'
import { namesIn } from '../../facilitators/settlement-status.js'
import type { Settlement } from '../options/payment-record.js'
import type { SettlementSale } from '../options/sale.js'
import { endReservation } from '../records/end-reservation.js'
import type { Hold } from '../records/hold.js'
import { callOf } from './call-limits.js'
import type { Chosen, Settleable } from './chosen.js'
import { type Outcome, UNREADABLE } from '../rails/rail.js'
import { settle } from './settle.js'
import { type Before, before } from '../records/sole-use.js'

/** What became of a settle whose outcome was unknown. */
export interface Resumed {
  readonly settlement: Settlement
  /** Whether it is certain that this call's settle took the money, and not another call's. */
  readonly isProvenOurs: boolean
}

/**
 * Finds out what became of a payment that may have been settled. First the facilitator is asked by its id of
 * the settlement. Then the same settle is sent again, if that cannot charge twice. Then the chain is asked.
 * Credits that are still reserved for the settlement that is found are free then.
 *
 * @param maySettle whether the settle may be sent again
 * @throws PaymentRefusedError if it is certainly not settled.
 * @throws SettlementUnknownError if the outcome stays unknown.
 */
export async function resume(
  sale: SettlementSale,
  chosen: Chosen,
  hold: Hold,
  maySettle = true,
): Promise<Resumed> {
  const resumed = await findOut(sale, chosen, hold, maySettle)
  const reserved = hold.record.asked?.reserved
  if (reserved !== undefined) await endReservation(sale, reserved)
  return resumed
}

async function findOut(
  sale: SettlementSale,
  chosen: Chosen,
  hold: Hold,
  maySettle: boolean,
): Promise<Resumed> {
  const { rail } = chosen
  const { asked } = hold.record
  const amount = asked === undefined ? chosen.amount : BigInt(asked.amount)
  const payment = settleableOf(chosen, hold)
  const search = { amount, ...namesIn(hold.record) }
  const unnamed = { amount, ...namesIn({ transaction: hold.record.transaction }) }
  const earlier = before(sale, hold, true)
  const said = await rail.statusOf(payment, search, callOf(sale, payment))
  if (said?.kind === 'settled') return { settlement: said.settlement, isProvenOurs: true }
  // A settlement that is still under way is not sent again.
  const isSent = maySettle && said?.kind !== 'unknown'
  const again = isSent ? await settleAgain(sale, payment, amount, earlier) : undefined
  if (again !== undefined && 'settled' in again) return { settlement: again, isProvenOurs: true }
  // The status is about the attempt before, and not about one made now.
  const isKnown = said !== undefined && !(again instanceof SettlementUnknownError)
  const found = isKnown ? said : await rail.outcomeOf(payment, unnamed, callOf(sale, payment))
  if (found.kind === 'settled') {
    return { settlement: found.settlement, isProvenOurs: await earlier.isHeldAlone() }
  }
  return end(hold, payment, found, again)
}

/** Ends without a known settlement. */
async function end(
  hold: Hold,
  { offer, correlationId, agentRequestId }: Settleable,
  found: Exclude<Outcome, { kind: 'settled' }>,
  again: Error | undefined,
): Promise<never> {
  if (found.kind === 'not-settled') {
    await hold.refused()
    throw new PaymentRefusedError('settlement_refused', found.reason ?? 'not_settled', offer)
  }
  const asked = again instanceof SettlementUnknownError ? again : undefined
  const told = asked ?? found
  // "Used" may be about the attempt before, which was ours.
  const state = found.isPending || asked?.state === 'pending' ? 'pending' : 'unknown'
  // An id of this attempt says nothing of those before it, so the next call must not ask by it.
  await hold.unsettled(state, { transaction: told.transaction })
  const { transaction, settlementId = told.settlementId } = hold.record
  const cause = again && { cause: asError(again.cause) }
  throw new SettlementUnknownError(correlationId, agentRequestId, cause, {
    state,
    transaction,
    settlementId,
    hasEarlier: true,
  })
}

/** @returns why there is no settlement; `undefined` if asking again could charge twice. */
async function settleAgain(
  sale: SettlementSale,
  payment: Settleable,
  amount: bigint,
  earlier: Before,
): Promise<Settlement | Error | undefined> {
  if (!payment.rail.mayRepeat(UNREADABLE, payment, sale.settings)) return undefined
  try {
    return await settle(sale, payment, amount, earlier)
  } catch (error) {
    return asError(error)
  }
}

/** The payment with the ids of the settle that was sent. This call may have verified it under other ids. */
function settleableOf(chosen: Chosen, { record }: Hold): Settleable {
  const { asked, owner } = record
  return {
    ...chosen,
    verification: undefined,
    agentRequestId: asked?.agentRequestId,
    correlationId: asked?.correlationId ?? owner,
    facilitator: asked?.facilitator,
  }
}
