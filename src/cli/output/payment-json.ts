import type { SeenPayment } from '../../store/operator/seen-payment.js'
import { amountOf, amountText } from './amounts.js'
import { csvLine } from './csv.js'
import { timeJson } from './times.js'

/** A payment for programs. What is `undefined` is left out. Nothing in it is secret. */
export function paymentJson({ record, hasPayment, hasAnswer, deletedAt }: SeenPayment) {
  const { sold, settlement, asked } = record
  const amount = amountOf(record)
  return {
    ...{ key: record.key, state: record.state, code: record.code },
    isDelivered: record.isDelivered,
    ...namesOf({ record, hasPayment, hasAnswer, deletedAt }),
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
    refund: record.refund && { ...record.refund, isReported: record.isRefundReported },
    createdAt: timeJson(record.createdAt),
    changedAt: timeJson(record.changedAt),
    leaseUntil: timeJson(record.leaseUntil),
    ...{ attempts: record.attempts, nextAttemptAt: timeJson(record.nextAttemptAt) },
    expiresAt: timeJson(record.expiresAt),
    deletedAt: timeJson(deletedAt),
    ...{ hasPayment, hasAnswer, wasTakenOver: record.wasTakenOver, isDisputed: record.isDisputed },
  }
}

/** Who and what a payment is about. */
export function namesOf({ record }: SeenPayment) {
  const { sold, settlement, refund, asked } = record
  const { settled } = settlement ?? {}
  return {
    tool: sold?.tool,
    payer: settled?.payer ?? sold?.payer ?? refund?.payer,
    planId: sold?.planId ?? refund?.planId,
    network: settled?.network ?? sold?.network ?? refund?.network,
    asset: sold?.asset ?? refund?.asset,
    transaction: settled?.transaction ?? record.transaction ?? refund?.transaction,
    orderTransaction: settled?.orderTx ?? undefined,
    settlementId: record.settlementId,
    paymentId: sold?.paymentId ?? refund?.paymentId,
    correlationId: asked?.correlationId ?? refund?.correlationId,
    agentRequestId: asked?.agentRequestId,
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
