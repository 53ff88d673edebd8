import { randomUUID } from 'node:crypto'
import {
  type PaymentError,
  PaymentUsedError,
  SettlementUnknownError,
  asError,
} from '../../errors/payment-error.js'
import type { Answer } from '../answer/answer.js'
import type { PaymentRecord, Settlement } from '../options/payment-record.js'
import type { HoldSale, Sale } from '../options/sale.js'
import { findPrice } from '../price/quote.js'
import { soldPayment } from '../rails/sold-payment.js'
import { isClosed } from '../records/closed.js'
import { Hold, type Whereabouts } from '../records/hold.js'
import { identityOfOpenCall, keyOfOpenCall } from '../records/identity.js'
import { newRecord } from '../records/new-record.js'
import { type Chosen, askedOf, type Settleable } from './chosen.js'

/** A settle after which money may have moved. */
export interface OpenSettle {
  readonly error: SettlementUnknownError | PaymentUsedError
  readonly amount: bigint
  /** The answer of the work, if the work came before the settle. */
  readonly answer?: Answer
  /** Whether the seller's policy is to deliver all the same. */
  readonly isDelivered?: boolean
}

/** Whether money may have moved. */
export function isOpen(error: PaymentError): error is SettlementUnknownError | PaymentUsedError {
  return error instanceof SettlementUnknownError || error instanceof PaymentUsedError
}

/**
 * The names by which a settlement can be looked up. An id names one attempt, and says nothing of those before
 * it.
 */
export function whereabouts(error: SettlementUnknownError | PaymentUsedError): Whereabouts {
  if (error instanceof SettlementUnknownError) {
    const { transaction, settlementId, hasEarlier } = error
    return hasEarlier ? { transaction } : { transaction, settlementId }
  }
  return { transaction: error.settled?.transaction ?? undefined }
}

/**
 * Records that money may have moved. A call with a reusable token gets a record too, until its outcome is
 * known. Otherwise the same call again would charge a second time.
 */
export async function noteOpen(
  sale: Sale,
  payment: Settleable,
  hold: Hold | undefined,
  open: OpenSettle,
): Promise<void> {
  const [state, where] = [stateOf(open.error), whereabouts(open.error)]
  const wasUsedBefore = open.error instanceof PaymentUsedError || open.error.state === 'used'
  const { isDelivered = false } = open
  await hold?.unsettled(state, { ...where, wasUsedBefore, isDelivered })
  if (payment.rail.keyOf(payment) !== undefined) return
  try {
    const opened = await holdOpenCall(sale, payment, hold, open)
    await opened?.unsettled(state, { ...where, isDelivered })
  } catch (thrown) {
    // The buyer must be told that money may have moved, and not that the store failed.
    const details = { state, error: asError(thrown) }
    sale.settings.logger.error('a payment record could not be written', details)
  }
}

/** Closes the record that another delivery of this call left open. The settle of the call is known by now. */
export async function closeOpen(
  sale: HoldSale,
  chosen: Chosen,
  { record }: Hold,
  settlement: Settlement,
): Promise<void> {
  if (chosen.rail.keyOf(chosen) !== undefined) return
  const key = keyOfOpenCall(chosen.token, record.fingerprint)
  if (key === record.key) return
  try {
    const open = await sale.store.read(key, sale.settings.now())
    const isSame = open?.asked?.correlationId === record.asked?.correlationId
    if (open === undefined || !isSame || isClosed(open)) return
    await new Hold(sale, open, false).settled(settlement)
  } catch (thrown) {
    const error = asError(thrown)
    sale.settings.logger.error('a payment record could not be written', { error })
  }
}

/** Unit: ms. */
const AFTER_OWN_MS = 300_000

/** @returns `undefined` if an earlier call like it is already open. */
async function holdOpenCall(
  sale: Sale,
  payment: Settleable,
  hold: Hold | undefined,
  { amount, answer }: OpenSettle,
): Promise<Hold | undefined> {
  const { store, settings, call } = sale
  const what = { resource: payment.offer.resource.url, fingerprint: hold?.record.fingerprint }
  const nowMs = settings.now()
  const identity = identityOfOpenCall(payment.token, sale, what)
  const asked = askedOf(payment, amount)
  const { sold, payment: signed } = soldPayment(sale, payment)
  const kept = { payment: signed }
  const fresh = newRecord(identity, { owner: randomUUID(), leaseMs: 0 }, sold, nowMs)
  // The first write already says that the settle was sent. A container may end before a second one.
  // A worker looks at the call's own record first, and closes both.
  const nextAttemptAt = hold === undefined ? 0 : nowMs + AFTER_OWN_MS
  const record: PaymentRecord = { ...fresh, state: 'settling', asked, nextAttemptAt }
  const earlier = await store.add(record, nowMs, kept)
  if (earlier !== undefined) {
    if (!isClosed(earlier)) return undefined
    await store.remove(earlier)
    if ((await store.add(record, nowMs, kept)) !== undefined) return undefined
  }
  const price = findPrice(call, settings)
  const opened = new Hold(sale, record, typeof price === 'object' && price.keepAnswers)
  if (answer !== undefined) await opened.settling(asked, answer)
  return opened
}

function stateOf(error: SettlementUnknownError | PaymentUsedError): 'pending' | 'unknown' {
  return error instanceof SettlementUnknownError && error.state === 'pending'
    ? 'pending'
    : 'unknown'
}
