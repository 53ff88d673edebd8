import { creditsText } from '../../wire/amounts.js'
import type { CallOutcome, CallReport } from './call-report.js'

type Texts = Readonly<Record<CallOutcome, (report: CallReport) => string>>

/** What became of a call, in a few words. */
export function outcomeText(report: CallReport): string {
  return TEXTS[report.outcome](report)
}

const TEXTS: Texts = {
  unpaid: (report) =>
    `402 ${report.price ?? 'payment required'}${after(': ', report.reason ?? '')}`,
  paid: paidText,
  free: ({ credits }) => (credits === undefined ? 'free' : 'answered, nothing charged'),
  not_charged: ({ reason = '' }) => `not charged, the answer is an error: ${reason}`,
  refused: (report) =>
    `${report.isAtSettle === true ? 'refused at settle' : 'refused'} ${codeAndReason(report)}${sent(report)}`,
  used: ({ reason = 'the payment is used' }) => `refused: ${reason}`,
  invalid: (report) => `input refused${after(': ', report.reason ?? '')}${place(report)}`,
  unavailable: (report) => `unavailable, not charged: ${codeAndReason(report)}${place(report)}`,
  failed: (report) =>
    `${before(report)}failed: ${report.reason ?? 'nobody says why'}${place(report)}`,
  refund_due: (report) =>
    `${paidText(report)}, then failed${after(': ', report.reason ?? '')}${place(report)}; a refund is due`,
  pending: (report) => `pending${after(' ', short(report.transaction))}${sent(report)}`,
  unknown: (report) =>
    `outcome unknown${after(': ', report.reason ?? '')}; the buyer may have been charged${sent(report)}`,
  replayed: (report) =>
    `the same payment again: answered as before, not charged again${after(' ', short(report.transaction))}`,
  in_work: (report) => `in work: ${report.reason ?? 'another call has this payment'}`,
  conflict: ({ reason = 'the payment belongs to another call' }) => `refused: ${reason}`,
  rejected: (report) => codeAndReason(report),
  verified: ({ price }) => `good${price === undefined ? '' : ` for ${price}`}`,
  served: () => 'answered',
}

/** `paid 1 credit, 99 left`, or `settled $0.01 0x1f3a…`. */
function paidText({ credits, left, money, transaction }: CallReport): string {
  if (credits === undefined) return `settled ${money ?? ''}${after(' ', short(transaction))}`
  return `paid ${creditsText(credits)}${left === undefined ? '' : `, ${left} left`}`
}

/** What was paid before something failed. */
function before(report: CallReport): string {
  const isPaid = report.credits !== undefined || report.money !== undefined
  return isPaid ? `${paidText(report)}, then ` : ''
}

function codeAndReason({ code, reason }: CallReport): string {
  return [code, reason].filter((one) => one !== undefined && one !== '').join(': ')
}

function place({ thrown }: CallReport): string {
  return thrown?.place === undefined ? '' : ` at ${thrown.place}`
}

/** Whether the buyer got the result of work that was not paid. */
function sent({ isDelivered, isAtSettle, outcome }: CallReport): string {
  if (isDelivered === true) return '; the result went out all the same'
  const isAfterWork = isAtSettle === true || outcome === 'pending' || outcome === 'unknown'
  return isAfterWork ? '; the result was withheld' : ''
}

function after(link: string, text: string): string {
  return text === '' ? '' : `${link}${text}`
}

/** The beginning of a hash. */
function short(hash: string | undefined): string {
  if (hash === undefined || hash === '') return ''
  return hash.length > 12 ? `${hash.slice(0, 10)}…` : hash
}
