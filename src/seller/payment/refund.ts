import { randomUUID } from 'node:crypto'
import { asError } from '../../errors/payment-error.js'
import type { Answer } from '../answer/answer.js'
import type { RefundDue, RefundReason } from '../options/payment-events.js'
import type { PaymentRecord } from '../options/payment-record.js'
import type { Sale } from '../options/sale.js'
import { soldPayment } from '../rails/sold-payment.js'
import { Hold, TakenOverError } from '../records/hold.js'
import { type Identity, identityOfCall } from '../records/identity.js'
import { newRecord } from '../records/new-record.js'
import { refundDue } from '../records/refund-due.js'
import { askedOf } from './chosen.js'
import { emit } from './emit.js'
import { type Paid, observe } from './with-hooks.js'

/**
 * For this long, a call that reports a refund keeps other calls from reporting it. A write to the store and a
 * hook may take 10 s each, and clocks may differ by as much. Unit: ms.
 */
const REPORT_LEASE_MS = 30_000

/** A payment in advance whose work failed. */
export interface Failed extends Paid {
  readonly reason: RefundReason
  /** The answer of the work, if there is any. */
  readonly answer?: Answer | undefined
  /** The hashes by which the payment is known, if its record could not be read. */
  readonly identity?: Identity | undefined
}

/**
 * Records that a refund is due, in one conditional write, and reports it. After that no call runs the work
 * again. If another call wrote something before, that stays. It is reported if the seller has not heard of
 * it.
 *
 * @param hold on the record; `undefined` if the payment has no record, or it could not be read
 * @returns what is owed.
 * @throws TakenOverError if another call has taken the payment over and may still deliver.
 */
export async function oweRefund(
  sale: Sale,
  failed: Failed,
  hold: Hold | undefined,
): Promise<RefundDue> {
  if (hold === undefined) return oweUnheld(sale, failed)
  const { key, asked, refund: before, state, isDelivered } = hold.record
  if (before !== undefined) {
    await reportUnheard(sale, hold)
    return before
  }
  const refund = refundOf(failed, key, asked?.correlationId)
  // The answer came a second time, and the first time it was good.
  if (state === 'settled' && isDelivered) return refund
  const { settlement, answer } = failed
  const leaseUntil = sale.settings.now() + REPORT_LEASE_MS
  if (await hold.refundDue({ refund, settlement, leaseUntil }, answer)) {
    await report(sale, refund, hold)
    return refund
  }
  return refundIn(sale, key)
}

/** Another call was faster. It has recorded the refund, or works on. */
async function refundIn({ store, settings }: Sale, key: string): Promise<RefundDue> {
  const there = await store.read(key, settings.now()).catch(() => undefined)
  if (there?.refund === undefined) throw new TakenOverError()
  return there.refund
}

/**
 * Reports a refund that is due and that the seller has not heard of, unless another call reports it now. The
 * process that recorded it may have died before it could report, or the hook failed. If the store fails, that
 * is logged, and the refund stays unreported.
 */
export async function reportUnheard(sale: Sale, hold: Hold): Promise<void> {
  const { state, refund, isRefundReported, leaseUntil } = hold.record
  if (state !== 'refund_due' || refund === undefined || isRefundReported) return
  const nowMs = sale.settings.now()
  if (leaseUntil > nowMs) return
  if (await hold.reporting(nowMs + REPORT_LEASE_MS)) await report(sale, refund, hold)
}

/** Reports a refund to the log, the events and the hook, and records whether it was heard. */
async function report(sale: Sale, refund: RefundDue, hold: Hold | undefined): Promise<void> {
  const { call, settings } = sale
  settings.logger.error('refund due', { tool: call.label, ...refund })
  emit(sale, { type: 'refund-due', ...refund }, {})
  const { onRefundDue } = settings.hooks
  const isHeard =
    onRefundDue === undefined ||
    (await observe(sale, 'onRefundDue', () => onRefundDue(refund, call)))
  await hold?.reported(isHeard)
}

/**
 * Owes a refund for a payment that is meant for several calls. Such a payment has no record until something
 * is owed.
 */
async function oweUnheld(sale: Sale, failed: Failed): Promise<RefundDue> {
  const { payment, identity } = failed
  const { correlationId, offer } = payment
  const known = identity ?? identityOfCall(correlationId, sale, offer.resource.url)
  const refund = refundOf(failed, known.key, undefined)
  // A store that failed just now is not asked again.
  const record = identity === undefined ? await noteRefund(sale, failed, known, refund) : undefined
  const hold = record && new Hold(sale, record, false)
  // The Gateway may hand the same answer over twice.
  if (hold !== undefined && record?.refund !== refund) await reportUnheard(sale, hold)
  else await report(sale, refund, hold)
  return refund
}

/**
 * @returns the record of the refund, or the record that was there before; `undefined` if it cannot be
 * written.
 */
async function noteRefund(
  sale: Sale,
  { payment, settlement }: Failed,
  identity: Identity,
  refund: RefundDue,
): Promise<PaymentRecord | undefined> {
  const { store, settings } = sale
  const nowMs = settings.now()
  const entry = { owner: randomUUID(), leaseMs: REPORT_LEASE_MS }
  const { sold } = soldPayment(sale, payment)
  const record: PaymentRecord = {
    ...newRecord(identity, entry, sold, nowMs),
    state: 'refund_due',
    isDelivered: true,
    asked: askedOf(payment, payment.amount),
    settlement,
    refund,
  }
  try {
    return (await store.add(record, nowMs)) ?? record
  } catch (thrown) {
    settings.logger.error('a payment record could not be written', { error: asError(thrown) })
    return undefined
  }
}

/** @param asked the id of the settle in the record. A call that took the work over has another id. */
function refundOf(
  { payment, settlement, reason }: Failed,
  key: string,
  asked: string | undefined,
): RefundDue {
  const { rail, paymentId, correlationId } = payment
  const charged = rail.chargedFor(settlement)
  const owed = { key, reason, charged, planId: rail.planId, paymentId }
  return refundDue({ ...owed, correlationId: asked ?? correlationId }, settlement)
}
