import type { SeenPayment } from '../../store/operator/seen-payment.js'
import type { RefundDue } from '../../seller/options/payment-events.js'
import type { AskedSettle, Sold } from '../../seller/options/payment-record.js'
import type { SettleResponse } from '../../wire/x402.js'
import { amountOf, amountText, first } from './amounts.js'
import { csvLine } from './csv.js'
import { timeJson } from './times.js'

/** A payment for programs. What is `undefined` is left out. Nothing in it is secret. */
export function paymentJson(seen: SeenPayment) {
  const { record } = seen
  const { sold, settlement, asked, refund } = record
  const names = namesOf(seen)
  const amount = amountOf(record)
  // Written without spreads: with them, an export takes half as long again.
  return {
    key: record.key,
    state: record.state,
    code: record.code,
    isDelivered: record.isDelivered,
    tool: names.tool,
    payer: names.payer,
    planId: names.planId,
    network: names.network,
    asset: names.asset,
    transaction: names.transaction,
    orderTransaction: names.orderTransaction,
    settlementId: names.settlementId,
    paymentId: names.paymentId,
    correlationId: names.correlationId,
    agentRequestId: names.agentRequestId,
    rail: sold?.rail,
    amount: amount && {
      units: amount.units.toString(),
      decimals: amount.unit.decimals,
      text: amountText(amount),
      of: amount.unit.of,
    },
    quote: sold && { credits: sold.credits, amount: sold.amount },
    asked: asked?.amount,
    receipt: settlement?.settled,
    refund: refund && { ...refund, isReported: record.isRefundReported },
    createdAt: timeJson(record.createdAt),
    changedAt: timeJson(record.changedAt),
    leaseUntil: timeJson(record.leaseUntil),
    attempts: record.attempts,
    nextAttemptAt: timeJson(record.nextAttemptAt),
    expiresAt: timeJson(record.expiresAt),
    deletedAt: timeJson(seen.deletedAt),
    hasPayment: seen.hasPayment,
    hasAnswer: seen.hasAnswer,
    wasTakenOver: record.wasTakenOver,
    isDisputed: record.isDisputed,
  }
}

/** Who and what a payment is about. */
export function namesOf({ record }: SeenPayment) {
  const { settlement, settlementId, transaction } = record
  const sold: Partial<Sold> = record.sold ?? {}
  const refund: Partial<RefundDue> = record.refund ?? {}
  const asked: Partial<AskedSettle> = record.asked ?? {}
  const settled: Partial<SettleResponse> = settlement?.settled ?? {}
  return {
    tool: sold.tool,
    payer: first(settled.payer, sold.payer, refund.payer),
    planId: first(sold.planId, refund.planId),
    network: first(settled.network, sold.network, refund.network),
    asset: first(sold.asset, refund.asset),
    transaction: first(settled.transaction, transaction, refund.transaction),
    orderTransaction: first(settled.orderTx),
    settlementId,
    paymentId: first(sold.paymentId, refund.paymentId),
    correlationId: first(asked.correlationId, refund.correlationId),
    agentRequestId: asked.agentRequestId,
  }
}

const CSV_COLUMNS = [
  ...['key', 'state', 'code', 'delivered', 'tool', 'rail', 'payer', 'plan', 'network', 'asset'],
  ...['units', 'decimals', 'transaction', 'paymentId', 'correlationId', 'refundId', 'refundReason'],
  ...['createdAt', 'changedAt', 'attempts', 'nextAttemptAt', 'deletedAt'],
]

/** The first line of a list of payments. */
export const CSV_HEAD = csvLine(CSV_COLUMNS)

/** A payment as a line of comma-separated values. */
export function paymentCsv(seen: SeenPayment): string {
  const { record, deletedAt } = seen
  const names = namesOf(seen)
  const amount = amountOf(record)
  return csvLine([
    ...[record.key, record.state, record.code, record.isDelivered, names.tool, record.sold?.rail],
    ...[names.payer, names.planId, names.network, names.asset],
    ...[amount?.units.toString(), amount?.unit.decimals, names.transaction, names.paymentId],
    ...[names.correlationId, record.refund?.id, record.refund?.reason],
    ...[timeJson(record.createdAt), timeJson(record.changedAt), record.attempts],
    ...[timeJson(record.nextAttemptAt), timeJson(deletedAt)],
  ])
}
