import {
  PaymentRefusedError,
  PaymentUsedError,
  SettlementUnknownError,
  asError,
} from '../../errors/payment-error.js'
import { namesIn } from '../../facilitators/settlement-status.js'
import type { Settlement } from '../options/payment-record.js'
import type { Sale } from '../options/sale.js'
import { UNREADABLE } from '../rails/rail.js'
import type { Hold } from '../records/hold.js'
import { orInDoubt } from '../records/in-doubt.js'
import type { Before } from '../records/sole-use.js'
import { callOf } from './call-limits.js'
import type { Due, Settleable, Verified } from './chosen.js'
import { emit } from './emit.js'
import { asPaymentError, notify } from './notify-failure.js'
import { isOpen, noteOpen, whereabouts } from './open-settle.js'
import { warnOnce } from '../options/warn-once.js'

/**
 * Lets a settle go on although the store failed to record it, if the settle cannot charge twice.
 *
 * @throws the store's error for any other payment.
 */
export function goOnUnwritten(sale: Sale, verified: Verified, thrown: unknown): void {
  const { code } = asPaymentError(thrown)
  const { rail, verification, correlationId, paymentId } = verified
  // A token for several calls is charged once by the id of its settle, and that id is in the record only.
  const isOfOneCall = rail.keyOf(verified) !== undefined
  const mayGoOn = isOfOneCall && rail.mayRepeat(UNREADABLE, verified, sale.settings)
  if (code !== 'store_unavailable' || !mayGoOn) throw thrown
  sale.settings.logger.error(NOT_WRITTEN, { tool: sale.call.label, error: asError(thrown) })
  const { payer, network } = verification
  emit(sale, { type: 'record-lost' }, { payer, network, correlationId, paymentId })
}

const NOT_WRITTEN =
  'a payment record could not be written before the settle. The payment is settled all the same, since it cannot be ' +
  'charged twice'

/**
 * Looks for a settlement whose outcome the facilitator does not know: the chain may know it. A payment that
 * the chain shows is settled. It was settled by this call if nobody else had the payment.
 *
 * @throws PaymentError if it is not settled, or not known to be settled by this call.
 */
export async function findSettlement(
  sale: Sale,
  payment: Settleable,
  earlier: Before,
  thrown: unknown,
): Promise<Settlement> {
  const error = asPaymentError(thrown)
  if (!(error instanceof SettlementUnknownError)) throw error
  const { rail, offer } = payment
  const search = { amount: payment.amount, ...namesIn(whereabouts(error)) }
  const found = await rail.outcomeOf(payment, search, callOf(sale, payment))
  if (found.kind === 'unknown') throw error
  if (found.kind === 'not-settled') {
    throw new PaymentRefusedError('settlement_refused', found.reason ?? 'not_settled', offer)
  }
  // A payment that was used at the first attempt was used by somebody else.
  const mayBeOurs = error.state !== 'used'
  if (mayBeOurs && (await earlier.isHeldAlone())) return found.settlement
  throw new PaymentUsedError('already_used', found.settlement.settled)
}

/**
 * Ends a call that should have been paid in advance. The payment is as good as new, or money may have moved.
 */
export async function endUpfront(
  sale: Sale,
  payment: Settleable,
  hold: Hold | undefined,
  thrown: unknown,
): Promise<never> {
  const error = asPaymentError(thrown)
  if (isOpen(error)) await noteOpen(sale, payment, hold, { error, amount: payment.amount })
  else await hold?.release()
  throw orInDoubt(hold, error)
}

/**
 * Applies the seller's policy to finished work that is not settled.
 *
 * @returns `undefined` if the policy is to deliver all the same.
 * @throws PaymentError if the policy is to withhold.
 */
export async function applyPolicy(
  sale: Sale,
  verified: Verified,
  { amount, answer, thrown }: Due & { readonly thrown: unknown },
  hold: Hold | undefined,
): Promise<undefined> {
  const { onSettlementUnknown, onSettlementRefused } = sale.settings
  const error = asPaymentError(thrown)
  const policy = isOpen(error) ? onSettlementUnknown : onSettlementRefused
  const isDelivered = policy === 'deliver'
  if (isOpen(error)) await noteOpen(sale, verified, hold, { error, amount, answer, isDelivered })
  else await hold?.refused()
  await verified.reservation?.endAfter(error)
  if (policy === 'withhold') throw orInDoubt(hold, error)
  const given = await notify(sale, error)
  if (given !== undefined && given !== null) warnOnce(sale, NOT_USED, { code: error.code })
  return undefined
}

const NOT_USED =
  'onPaymentError returned an answer that is not used: onSettlementRefused or onSettlementUnknown delivers the result.'
