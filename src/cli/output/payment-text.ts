import type { SeenPayment } from '../../store/operator/seen-payment.js'
import { amountOf, amountText, networkText, refundAmount } from './amounts.js'
import { type LabelLine, labelLine } from './label-line.js'
import { meaningOf, nextOf, styleOf } from './meanings.js'
import type { Output, Style } from './output.js'
import { namesOf } from './payment-json.js'
import { timeAway } from './times.js'

/** Says everything of one payment, for a person. */
export function paymentText(seen: SeenPayment, output: Output, nowMs = Date.now()): string[] {
  const { record, deletedAt } = seen
  const groups: LabelLine[][] = [
    [
      ['Payment', record.key],
      ['State', record.state],
      ['Meaning', meaningOf(record, nowMs)],
      ['Next', nextOf(record, deletedAt, nowMs)],
    ],
    callLines(seen, nowMs),
    settlementLines(seen),
    refundLines(seen),
    keptLines(seen, nowMs),
  ]
  return groups
    .map((lines) => lines.flatMap((line) => labelLine(line, output, styleOfLine(line, record))))
    .filter((lines) => lines.length > 0)
    .flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]))
}

function callLines(seen: SeenPayment, nowMs: number): LabelLine[] {
  const { record } = seen
  const names = namesOf(seen)
  const amount = amountOf(record)
  const verb = record.settlement === undefined ? 'Asked' : 'Paid'
  return [
    ['Tool', names.tool],
    [verb, amount && amountText(amount)],
    ['Plan', names.planId],
    ['Network', names.network === undefined ? undefined : networkWords(names.network)],
    ['Asset', names.asset],
    ['Payer', names.payer],
    ['Payment id', names.paymentId],
    ['Correlation', names.correlationId],
    ['Request id', names.agentRequestId],
    ['Came', record.createdAt === 0 ? undefined : timeAway(record.createdAt, nowMs)],
    ['Changed', record.changedAt === 0 ? undefined : timeAway(record.changedAt, nowMs)],
  ]
}

function settlementLines(seen: SeenPayment): LabelLine[] {
  const { record } = seen
  const { settled, creditsUsed } = record.settlement ?? {}
  const names = namesOf(seen)
  const credits = record.sold?.rail === 'plan' ? creditsUsed : undefined
  return [
    ['Transaction', names.transaction],
    ['Order', names.orderTransaction],
    ['Settlement', names.settlementId],
    ['Credits', credits?.toString()],
    ['Billing', settled?.billingModel ?? undefined],
    ['Delivered', settled && (record.isDelivered ? 'yes' : 'not known')],
  ]
}

function refundLines({ record }: SeenPayment): LabelLine[] {
  const { refund } = record
  const amount = refundAmount(record)
  if (refund === undefined) return []
  return [
    ['Refund', refund.id],
    ['Refund of', amount && amountText(amount)],
    ['Reason', REASONS[refund.reason]],
    ['Pay back to', refund.payer],
    ['Told', record.isRefundReported ? 'your functions have reported it' : 'not reported yet'],
  ]
}

const REASONS = {
  handler_failed: 'the work failed',
  no_time_left: 'no time was left for the work',
  nothing_charged: 'the work said that it costs nothing',
  call_lost: 'the call died after it was paid',
} as const

function keptLines({ record, hasPayment, hasAnswer }: SeenPayment, nowMs: number): LabelLine[] {
  const isAnswerGone = record.expiresAt <= nowMs
  const answer = isAnswerGone ? 'no longer' : 'yes, encrypted'
  return [
    ['Signed', hasPayment ? 'the table holds the signed payment, encrypted' : undefined],
    ['Answer kept', hasAnswer ? answer : undefined],
    ['Taken over', record.wasTakenOver ? 'an earlier call left no word of what it did' : undefined],
    ['Disputed', record.isDisputed ? 'another call has the same agent request id' : undefined],
  ]
}

function networkWords(network: string): string {
  const name = networkText(network)
  return name === network ? network : `${network} (${name})`
}

function styleOfLine([label]: LabelLine, { state }: SeenPayment['record']): Style | undefined {
  return label === 'State' ? styleOf(state) : undefined
}
