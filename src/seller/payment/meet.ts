import { PaymentConflictError, PaymentUsedError } from '../../errors/payment-error.js'
import type { Answer } from '../answer/answer.js'
import type { PaymentRecord } from '../options/payment-record.js'
import type { Sale } from '../options/sale.js'
import { soldPayment } from '../rails/sold-payment.js'
import { isClosed } from '../records/closed.js'
import type { Entered, Entry } from '../records/entry.js'
import { Hold, TakenOverError } from '../records/hold.js'
import type { Identity } from '../records/identity.js'
import { fromKept } from '../records/kept-answer.js'
import { orUnavailable } from '../records/store-failure.js'
import type { Chosen } from './chosen.js'
import { reportUnheard } from './refund.js'
import { closeOpen } from './open-settle.js'
import { resume } from './resume.js'

/** A call, and the payment that it came with. */
export interface Arrival {
  readonly sale: Sale
  readonly chosen: Chosen
  readonly entry: Entry
  readonly identity: Identity
}

/** Decides what a known payment means for the call that brings it. */
export async function meet(arrival: Arrival, there: PaymentRecord): Promise<Entered | 'in work'> {
  const { sale, chosen, entry } = arrival
  const { state } = there
  // This payment is not verified, so it cannot take the place of one that may be good.
  if (chosen.mismatch !== undefined && state === 'unverified') return 'in work'
  const isOurs = isOwn(arrival, there)
  // Somebody who invents a payment must not keep its real owner out with it.
  const isTolerated = state === 'unverified' || (isOurs && AT_WORK.has(state))
  if (!isTolerated && !isSame(arrival, there)) throw new PaymentConflictError()
  const hold = new Hold(sale, there, entry.keepsAnswers)
  return isOurs && REENTERED.has(state) ? goOn(arrival, hold) : MEETINGS[state](arrival, hold)
}

/**
 * Does the same for a call that is recorded only while its charge is unknown. @returns `undefined` if the
 * charge is known.
 */
export async function meetOpen(
  arrival: Arrival,
  there: PaymentRecord,
): Promise<Entered | 'in work' | undefined> {
  // The outcome is known, so this is another call, unless the Gateway hands the same one over again.
  const isOver = isClosed(there) && there.state !== 'refused'
  return isOver && !isOwn(arrival, there) ? undefined : meet(arrival, there)
}

/** Whether it is the work of this very call, which the Gateway hands over in parts, and perhaps again. */
function isOwn({ entry }: Arrival, { owner }: PaymentRecord): boolean {
  return entry.reenters && owner === entry.owner
}

function isSame({ identity }: Arrival, there: PaymentRecord): boolean {
  return there.payloadHash === identity.payloadHash && there.fingerprint === identity.fingerprint
}

/**
 * Goes on with this call's own work. If it is settled, the buyer gets the answer of then, or else the answer
 * at hand.
 */
async function goOn(arrival: Arrival, hold: Hold): Promise<Entered> {
  const { isDelivered, settlement } = hold.record
  if (!isDelivered || settlement === undefined) return holdOf(arrival, hold)
  const answer = await keptAnswer(arrival.sale, hold.record)
  if (answer !== undefined) return { kind: 'replayed', answer, settlement, refund: undefined }
  return arrival.entry.hasAnswer ? holdOf(arrival, hold) : replay(arrival, hold)
}

/** States in which nothing was delivered yet. */
const AT_WORK: ReadonlySet<string> = new Set(['unverified', 'claimed', 'settling'])

/** States in which the call that holds the payment goes on. */
const REENTERED: ReadonlySet<string> = new Set(['unverified', 'claimed', 'settled'])

type Meet = (arrival: Arrival, hold: Hold) => Promise<Entered | 'in work'>

const MEETINGS: Readonly<Record<PaymentRecord['state'], Meet>> = {
  unverified: afterWork(rerun),
  claimed: afterWork(rerun),
  settling: afterWork(lookUp),
  pending: afterWork(lookUp),
  unknown: afterWork(lookUp),
  settled: (arrival, hold) =>
    hold.record.isDelivered ? replay(arrival, hold) : afterWork(takeOverPaid)(arrival, hold),
  refused: settleLater,
  async refund_due(arrival, hold) {
    await reportUnheard(arrival.sale, hold)
    return replay(arrival, hold)
  },
  refunded: replay,
  dead: () => Promise.reject(new PaymentUsedError('given_up')),
}

/** Waits while another call works on the payment. */
function afterWork(meetIdle: Meet): Meet {
  return (arrival, hold) =>
    hold.record.leaseUntil > arrival.sale.settings.now()
      ? Promise.resolve('in work')
      : meetIdle(arrival, hold)
}

/** Runs the work again: the call that held the payment is gone, and nothing was charged. */
async function rerun(arrival: Arrival, hold: Hold): Promise<Entered | 'in work'> {
  const { sale } = arrival
  if (hold.record.state === 'claimed' && sale.settings.onTakeover === 'unknown') {
    throw new PaymentUsedError('lost_call')
  }
  if (!isSame(arrival, hold.record)) {
    // Another call may have removed the record. Either way the payment is looked at again.
    await orUnavailable(() => sale.store.remove(hold.record))
    return 'in work'
  }
  return (await takeOver(arrival, hold, 'unverified')) ? holdOf(arrival, hold) : 'in work'
}

function takeOver(
  { sale, entry, chosen }: Arrival,
  hold: Hold,
  state: PaymentRecord['state'],
): Promise<boolean> {
  const leaseUntil = sale.settings.now() + entry.leaseMs
  // Every other record still has it.
  const isGone = hold.record.state === 'refused'
  const payment = isGone ? soldPayment(sale, chosen).payment : undefined
  return hold.takeOver({ state, owner: entry.owner, leaseUntil }, payment)
}

/**
 * Runs paid work again: it was paid in advance, and the call that worked on it is gone. The settlement stays.
 */
async function takeOverPaid(arrival: Arrival, hold: Hold): Promise<Entered | 'in work'> {
  if (arrival.sale.settings.onTakeover === 'unknown') {
    throw new PaymentUsedError('lost_call', hold.record.settlement?.settled)
  }
  return (await takeOver(arrival, hold, 'settled')) ? holdOf(arrival, hold) : 'in work'
}

function holdOf({ identity }: Arrival, hold: Hold): Entered {
  const { settlement } = hold.record
  return { kind: 'held', hold, identity, ...(settlement && { paid: settlement }) }
}

/** Asks the facilitator again after it refused to settle finished work. The work is not done again. */
async function settleLater(arrival: Arrival, hold: Hold): Promise<Entered | 'in work'> {
  const { identity, owner } = arrival.entry
  // The call that took this payment over asked its buyer to pay, so this one must not be charged.
  if (identity !== undefined && hold.record.owner !== owner) throw new TakenOverError()
  const worked = await keptAnswer(arrival.sale, hold.record)
  if (!(await takeOver(arrival, hold, 'unverified'))) return 'in work'
  return { kind: 'held', hold, identity: arrival.identity, ...(worked && { worked }) }
}

async function lookUp(arrival: Arrival, hold: Hold): Promise<Entered | 'in work'> {
  const { sale, chosen, identity } = arrival
  // The answer is read first: once money may have moved, a failing store must not end the call.
  const answer = await keptAnswer(sale, hold.record)
  if (!(await takeOver(arrival, hold, 'settling'))) return 'in work'
  const { settlement, isProvenOurs } = await resume(sale, chosen, hold)
  await closeOpen(sale, chosen, hold, settlement)
  if (!isProvenOurs || (answer !== undefined && !isHandedOut(sale, identity))) {
    await hold.settled(settlement)
    throw new PaymentUsedError('already_used', settlement.settled)
  }
  if (answer === undefined) {
    await hold.paid(settlement, sale.settings.now() + arrival.entry.leaseMs)
    // It does not matter whether the settlement could be recorded.
    return { kind: 'held', hold, identity, paid: settlement }
  }
  await hold.settled(settlement)
  return { kind: 'replayed', answer, settlement, refund: undefined }
}

async function replay({ sale, identity }: Arrival, { record }: Hold): Promise<Entered> {
  const { settlement, refund } = record
  const answer = isHandedOut(sale, identity) ? await keptAnswer(sale, record) : undefined
  if (settlement === undefined) throw new PaymentUsedError('already_used')
  if (refund === undefined && answer === undefined) {
    throw new PaymentUsedError('already_used', settlement.settled)
  }
  return { kind: 'replayed', answer, settlement, refund }
}

function isHandedOut({ settings }: Sale, { isIdentified }: Identity): boolean {
  return isIdentified || settings.replayAnswers === 'all'
}

async function keptAnswer(
  { store, settings }: Sale,
  { key }: PaymentRecord,
): Promise<Answer | undefined> {
  return fromKept(await orUnavailable(() => store.readAnswer(key, settings.now())))
}
