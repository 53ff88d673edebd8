import { inCall } from '../../errors/in-call.js'
import { OptionsError, PaymentUnavailableError } from '../../errors/payment-error.js'
import { RefundError } from '../../errors/refund-error.js'
import { keyOfRefund } from '../../wire/payment-key.js'
import type { RefundDue } from '../options/payment-events.js'
import type { PaymentRecord } from '../options/payment-record.js'
import type { PaymentStore } from '../options/payment-store.js'
import { orUnavailable } from './store-failure.js'

/** Options of {@link markRefunded}. */
export interface MarkRefundedOptions {
  /**
   * The clock, to replace in tests. Unit: ms since the epoch.
   *
   * @default Date.now
   */
  now?: (() => number) | undefined
}

/** What {@link markRefunded} found. */
export interface MarkedRefund {
  /** The refund that is marked, as it was reported. */
  readonly refund: RefundDue
  /** Whether an earlier call had marked it, so that nothing was written now. */
  readonly wasRefunded: boolean
}

/**
 * Notes that you paid a refund back: its payment goes from `refund_due` to `refunded`, in one conditional write. It
 * moves no money. A second call with the same id changes nothing, and says so. A refund that is marked is not reported
 * any more. Its buyer still gets receipt and refund for a day. The table deletes it like any closed payment.
 *
 * @param paymentStore the store of the function that sold: `dynamoDbStore(…)`, or the `memoryStore()` that it was given.
 * @param id of {@link RefundDue}: `onRefundDue`, the event, the log line, and the buyer's answer have the same one.
 * @throws RefundError `refund_unknown` if the store holds no such refund: a wrong id, another table, or a record that
 * was deleted after its time.
 * @throws RefundError `refund_not_due` if the payment is in another state, e.g. because it was delivered after all.
 * @throws PaymentUnavailableError `store_unavailable` if the store fails. It may be called again.
 * @throws OptionsError if `paymentStore` is no payment store.
 */
export async function markRefunded(
  paymentStore: PaymentStore,
  id: string,
  { now = Date.now }: MarkRefundedOptions = {},
): Promise<MarkedRefund> {
  inCall('markRefunded', { paymentStore }, () => requireStore(paymentStore))
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const record = await recordOf(paymentStore, id)
    const refund = refundIn(record, id)
    if (record.state === 'refunded') return { refund, wasRefunded: true }
    const next = refunded(record, now())
    if (await orUnavailable(() => paymentStore.replace(record, next))) {
      return { refund, wasRefunded: false }
    }
    // Meanwhile a call that reports the refund has written.
  }
  throw new PaymentUnavailableError('store_unavailable', 'too many calls write one refund at once')
}

/** After this many faster writers something is wrong, and somebody has to look. */
const MAX_TRIES = 10
/** For at least this long, a buyer who comes back is told of the refund. Unit: ms. */
const TOLD_MS = 24 * 3_600_000
/** A time at which nothing has expired: a refund can be marked as long as the store has it. Unit: ms. */
const BEFORE_ALL_MS = 0

function requireStore(store: unknown): void {
  const { read, replace } = (store ?? {}) as Partial<PaymentStore>
  if (typeof read === 'function' && typeof replace === 'function') return
  throw new OptionsError('paymentStore', 'expected a payment store, such as dynamoDbStore({ … })')
}

async function recordOf(store: PaymentStore, id: unknown): Promise<PaymentRecord> {
  const key = typeof id === 'string' ? keyOfRefund(id) : ''
  const record = key === '' ? undefined : await orUnavailable(() => store.read(key, BEFORE_ALL_MS))
  if (record !== undefined) return record
  throw unknown(id)
}

/** @throws RefundError if the record has another refund, or none that is due. */
function refundIn({ state, refund }: PaymentRecord, id: string): RefundDue {
  if (refund !== undefined && refund.id !== id) throw unknown(id)
  if (refund !== undefined && (state === 'refund_due' || state === 'refunded')) return refund
  const what = `the refund ${JSON.stringify(id)} is not due: its payment is "${state}". Nothing was written`
  throw new RefundError('refund_not_due', what, state)
}

function unknown(id: unknown): RefundError {
  const given = typeof id === 'string' ? JSON.stringify(id) : `a ${typeof id}`
  const what = `this store holds no refund with the id ${given}. Nothing was written. Check that it is the store of the function that sold`
  return new RefundError('refund_unknown', what)
}

function refunded(record: PaymentRecord, nowMs: number): PaymentRecord {
  return {
    ...record,
    state: 'refunded',
    version: record.version + 1,
    leaseUntil: 0,
    expiresAt: Math.max(record.expiresAt, nowMs + TOLD_MS),
    isRefundReported: true,
    changedAt: nowMs,
  }
}
