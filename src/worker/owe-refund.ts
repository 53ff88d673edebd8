import { hookLimitMs, withDeadline } from '../time/deadline.js'
import { asError } from '../errors/payment-error.js'
import type { Charged, RefundDue } from '../seller/options/payment-events.js'
import type { PaymentRecord, Settlement } from '../seller/options/payment-record.js'
import { refundDue } from '../seller/records/refund-due.js'
import { emit } from './emit.js'
import type { Ending } from './report.js'
import { waitForBuyer } from './wait-for-buyer.js'
import type { Due, Run } from './run.js'

/**
 * Owes a refund for a call that was paid in advance and died. Until the payment expires, the buyer may come back for
 * the work.
 */
export async function oweRefund(run: Run, due: Due): Promise<Ending> {
  const { record, hold, leaseUntil } = due
  const { settlement, isDelivered, expiresAt } = record
  if (settlement === undefined || isDelivered) return 'skipped'
  if (expiresAt > run.settings.now()) return waitForBuyer(hold)
  const refund = refundOf(record, settlement)
  if (!(await hold.refundDue({ refund, settlement, leaseUntil }, undefined))) return 'skipped'
  await report(run, due, refund)
  return 'refundsOwed'
}

/** Reports a refund that the seller has not heard of. */
export async function reportRefund(run: Run, due: Due): Promise<Ending> {
  const { record, hold, leaseUntil } = due
  const { refund, isRefundReported } = record
  if (refund === undefined || isRefundReported) return 'skipped'
  if (!(await hold.reporting(leaseUntil))) return 'skipped'
  return (await report(run, due, refund)) ? 'refundsReported' : 'failed'
}

/** @returns whether the seller has heard of it. */
async function report({ settings, context }: Run, { record, hold }: Due, refund: RefundDue) {
  const { logger, onRefundDue } = settings
  logger.error('refund due', { tool: record.sold?.tool ?? '', ...refund })
  emit(settings, record, { type: 'refund-due', ...refund })
  let isHeard = true
  try {
    await withDeadline(hookLimitMs(context), () => Promise.resolve(onRefundDue?.(refund)))
  } catch (thrown) {
    isHeard = false
    logger.error('onRefundDue threw', { error: asError(thrown) })
  }
  await hold.reported(isHeard)
  return isHeard
}

function refundOf({ key, asked, sold }: PaymentRecord, settlement: Settlement): RefundDue {
  const { planId, paymentId } = sold ?? {}
  const owed = { key, reason: 'call_lost', planId, paymentId } as const
  const charged = chargedFor(sold, asked, settlement)
  return refundDue({ ...owed, charged, correlationId: asked?.correlationId ?? '' }, settlement)
}

/** What the settlement took. A receipt need not say it: then it is what was asked. */
function chargedFor(
  sold: PaymentRecord['sold'],
  asked: PaymentRecord['asked'],
  { settled, creditsUsed }: Settlement,
): Charged {
  if (sold?.rail !== 'asset') return { credits: creditsUsed.toString() }
  const { asset } = sold
  return { amount: String(settled.amount ?? asked?.amount ?? ''), ...(asset && { asset }) }
}
