import { randomUUID } from 'node:crypto'
import { asError } from '../errors/payment-error.js'
import type { PaymentRecord } from '../seller/options/payment-record.js'
import { Hold } from '../seller/records/hold.js'
import { endClaim } from './end-claim.js'
import { oweRefund, reportRefund } from './owe-refund.js'
import type { Ending } from './report.js'
import { type Due, type Run, begunAt } from './run.js'
import { settleOpen } from './settle-open.js'

/** Containers differ in their clocks by less. A record is left alone until its lease is over by every clock. Unit: ms. */
const CLOCK_SKEW_MS = 30_000
/** Longer than the requests of one visit together. Unit: ms. */
const LEASE_MS = 120_000

/** Looks at one record that the index calls due. It never throws. */
export async function visit(run: Run, key: string): Promise<void> {
  const { settings, tally } = run
  const { paymentStore, now, logger } = settings
  try {
    const record = await paymentStore.read(key, BEFORE_ALL_MS)
    if (record === undefined || isInWork(record, now())) return tally.count('skipped')
    const sale = { store: paymentStore, settings }
    const hold = new Hold(sale, record, false)
    const due = { record, hold, owner: `worker ${randomUUID()}`, leaseUntil: now() + LEASE_MS }
    tally.count(await ENDS[record.state](run, due), now() - begunAt(record))
  } catch (thrown) {
    logger.error('a payment could not be worked on', { key, error: asError(thrown) })
    tally.count('failed')
  }
}

/** A record that has expired still has to end. Unit: ms. */
const BEFORE_ALL_MS = 0

function isInWork({ leaseUntil }: PaymentRecord, nowMs: number): boolean {
  return leaseUntil > 0 && leaseUntil + CLOCK_SKEW_MS > nowMs
}

type End = (run: Run, due: Due) => Promise<Ending>

const ends: End = () => Promise.resolve('skipped')

const ENDS: Readonly<Record<PaymentRecord['state'], End>> = {
  unverified: endClaim,
  claimed: endClaim,
  settling: settleOpen,
  pending: settleOpen,
  unknown: settleOpen,
  settled: oweRefund,
  refund_due: reportRefund,
  refused: ends,
  refunded: ends,
  dead: ends,
}
