import type { DeadCode } from '../../seller/options/dead-code.js'
import type { PaymentRecord, PaymentState } from '../../seller/options/payment-record.js'
import type { Style } from './output.js'
import { amountText, refundAmount } from './amounts.js'
import { timeAway } from './times.js'

/** The states, in the order in which a payment goes through them. */
export const STATES: readonly PaymentState[] = [
  ...(['unverified', 'claimed', 'settling', 'settled', 'refused', 'pending', 'unknown'] as const),
  ...(['refund_due', 'refunded', 'dead'] as const),
]

/** The colour of a state: green is paid, yellow is open, red waits for a person. */
export function styleOf(state: PaymentState): Style | undefined {
  if (state === 'settled') return 'green'
  if (state === 'dead' || state === 'refund_due') return 'red'
  return state === 'refused' || state === 'refunded' ? 'dim' : 'yellow'
}

/** What a state means for this payment. */
export function meaningOf(record: PaymentRecord, nowMs: number): string {
  const isInWork = record.leaseUntil > nowMs
  const atWork = isInWork ? AT_WORK[record.state] : undefined
  return atWork ?? MEANINGS[record.state](record)
}

/** While a call works on it. */
const AT_WORK: Partial<Record<PaymentState, string>> = {
  unverified: 'A call works on it. No facilitator has answered yet.',
  claimed: 'It was verified, and the work goes on.',
  settling: 'The facilitator is being asked to settle it.',
}

const MEANINGS: Readonly<Record<PaymentState, (record: PaymentRecord) => string>> = {
  unverified: () => 'Its call ended before a facilitator answered. The record knows of no charge.',
  claimed: () =>
    'It was verified, and its call ended without a word. The record knows of no charge.',
  settling: () =>
    'A settle may have been sent, and its call ended without a word. The buyer may have been charged.',
  settled: ({ isDelivered }) =>
    isDelivered
      ? 'It was paid, and the buyer got the answer.'
      : 'It was paid. Nothing says yet that the buyer got the answer.',
  refused: () =>
    'The work was done, and the facilitator refused to charge. The money is not there.',
  pending: () => 'The facilitator says that the money may still come.',
  unknown: () => 'Nobody says whether the money is there. The buyer may have been charged.',
  refund_due: () => 'It was paid, and the work failed. You owe the buyer a refund.',
  refunded: () => 'It was paid, the work failed, and you marked it as paid back.',
  dead: ({ code }) =>
    `It was given up: ${code === undefined ? 'the record does not say why' : DEAD[code]}.`,
}

const DEAD: Readonly<Record<DeadCode, string>> = {
  outcome_unknown: 'neither a facilitator nor a chain says whether it was settled',
  payment_not_kept: 'the record does not hold the payment, so nobody could be asked',
  terms_not_served: 'the worker has no payments or facilitators for it',
  settled_unrecorded: 'it was settled, and no record says whether the buyer got the answer',
}

/** What happens next, and when. */
export function nextOf(
  record: PaymentRecord,
  deletedAt: number | undefined,
  nowMs: number,
): string {
  const { state, leaseUntil } = record
  if (leaseUntil > nowMs && state !== 'refund_due') {
    return `Its call has until ${timeAway(leaseUntil, nowMs)}.`
  }
  const next = NEXT[state](record, nowMs)
  return isKept(record) ? next : `${next} ${deletion(deletedAt, nowMs)}`
}

/** Records that are not deleted by time. */
function isKept({ state, isDelivered }: PaymentRecord): boolean {
  return OWED.has(state) || (state === 'settled' && !isDelivered)
}

const OWED: ReadonlySet<string> = new Set(['settling', 'pending', 'unknown', 'refund_due'])

const again = (): string =>
  'If the buyer sends it again, it is verified and run again. When the payment has expired, the worker looks for a charge once more, and lets it go.'
const lookUp = (record: PaymentRecord, nowMs: number): string =>
  `${worker(record, nowMs)} If the buyer sends it again, its outcome is looked up, too.`

const NEXT: Readonly<Record<PaymentState, (record: PaymentRecord, nowMs: number) => string>> = {
  unverified: again,
  claimed: again,
  settling: lookUp,
  pending: lookUp,
  unknown: lookUp,
  settled: ({ isDelivered, expiresAt }, nowMs) =>
    isDelivered
      ? 'Nothing.'
      : `If the buyer sends it again, the answer is given without another charge. After ${timeAway(expiresAt, nowMs)} the worker owes a refund.`,
  refused: () => 'If the buyer sends the same payment again, it is settled without another run.',
  refund_due: (record) => {
    const told = record.isRefundReported ? '' : 'The worker, or the next call, tells you of it. '
    return `${told}Pay back ${owed(record)}, then: agentcore-x402 payments refunded ${record.refund?.id ?? ''}`
  },
  refunded: () => 'Nothing.',
  dead: ({ key }) =>
    `Nothing happens by itself. To have the worker look again: agentcore-x402 payments retry ${key}`,
}

function owed(record: PaymentRecord): string {
  const amount = refundAmount(record)
  const payer = record.refund?.payer ?? record.settlement?.settled.payer ?? record.sold?.payer
  const what = amount === undefined ? 'it' : amountText(amount)
  return payer === undefined ? what : `${what} to ${payer}`
}

function worker({ attempts, nextAttemptAt }: PaymentRecord, nowMs: number): string {
  const tries =
    attempts === 0 ? '' : ` It has looked ${attempts} ${attempts === 1 ? 'time' : 'times'}.`
  if (nextAttemptAt <= nowMs) return `The worker looks at it in its next run.${tries}`
  return `The worker looks again at ${timeAway(nextAttemptAt, nowMs)}.${tries}`
}

function deletion(deletedAt: number | undefined, nowMs: number): string {
  if (deletedAt === undefined) return 'The record stays in the table.'
  return deletedAt > nowMs
    ? `The record is deleted after ${timeAway(deletedAt, nowMs)}.`
    : 'DynamoDB may delete the record now.'
}
