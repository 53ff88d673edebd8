import { setTimeout as sleep } from 'node:timers/promises'
import { PaymentUnavailableError } from '../../errors/payment-error.js'
import { lazy } from '../../lazy.js'
import { remainingMs } from '../../time/deadline.js'
import type { PaymentRecord } from '../options/payment-record.js'
import type { PaymentStore } from '../options/payment-store.js'
import type { Sale } from '../options/sale.js'
import { soldPayment } from '../rails/sold-payment.js'
import type { Entered, Entry, Held } from '../records/entry.js'
import { Hold } from '../records/hold.js'
import {
  type Identity,
  identityOf,
  identityOfOpenCall,
  keyOfCall,
  nameOfCall,
} from '../records/identity.js'
import { orInDoubt } from '../records/in-doubt.js'
import { newRecord } from '../records/new-record.js'
import { orUnavailable } from '../records/store-failure.js'
import type { Chosen } from './chosen.js'
import type { Arrival } from './meet.js'

/**
 * Records that a payment is in work, or says what became of it before. A facilitator calls the same payment
 * good as often as it is asked, until the payment is settled. Without this record, one payment would serve
 * several calls.
 *
 * @throws PaymentConflictError if the payment belongs to another call.
 * @throws PaymentUsedError if the payment is settled, and its answer is not handed out.
 * @throws PaymentUnavailableError if the payment is in work, or cannot be recorded.
 * @throws SettlementUnknownError if it is not known whether the payment is settled.
 */
export async function enter(sale: Sale, chosen: Chosen, entry: Entry): Promise<Entered> {
  let key = entry.identity === undefined ? chosen.rail.keyOf(chosen) : entry.identity.key
  if (key === undefined) {
    const name = nameOfCall(sale)
    const earlier = name === undefined ? await enterOpen(sale, chosen, entry) : undefined
    if (earlier !== undefined) return earlier
    key = keyOfCall(sale, chosen.token, name)
  }
  if (key === undefined) {
    if (chosen.mismatch !== undefined) throw chosen.mismatch
    return { kind: 'held', hold: undefined, identity: undefined }
  }
  const identity = entry.identity ?? identityFor(sale, chosen, key)
  const arrival = { sale, chosen, entry, identity }
  let wait: (() => Promise<void>) | undefined
  for (;;) {
    const there = await ask(arrival)
    if (there instanceof Hold) return { kind: 'held', hold: there, identity }
    const { meet } = await meetings()
    const entered = await meet(arrival, there)
    if (entered !== 'in work') return entered
    wait ??= waitOf(sale)
    await wait()
  }
}

const loadMeetings = lazy(() => import('./meet.js'))

/**
 * Loads the code for payments that are known already. Most payments are new.
 *
 * @throws PaymentUnavailableError that asks for the same payment again, since this one may be charged
 * already.
 */
async function meetings(): Promise<typeof import('./meet.js')> {
  try {
    return await loadMeetings()
  } catch (cause) {
    throw new PaymentUnavailableError('payment_in_use', 'this payment cannot be looked up', {
      cause,
    })
  }
}

/**
 * Enters a call whose token pays for several calls, if the seller does not name the calls. An earlier call
 * like this one may have an unknown outcome. This call is then taken for the same purchase.
 */
async function enterOpen(sale: Sale, chosen: Chosen, entry: Entry): Promise<Entered | undefined> {
  const { settings, store } = sale
  const identity = identityOfOpenCall(chosen.token, sale, { resource: chosen.offer.resource.url })
  const there = await orUnavailable(() => store.read(identity.key, settings.now()))
  if (there === undefined) return undefined
  const { meetOpen } = await meetings()
  const entered = await meetOpen({ sale, chosen, entry, identity }, there)
  if (entered !== 'in work') return entered
  throw new PaymentUnavailableError('payment_in_use', 'this payment is in work')
}

/**
 * @returns the hashes by which a payment and its call are known; `undefined` if two intended calls cannot be
 * told apart.
 */
export function identityIn(sale: Sale, chosen: Chosen): Identity | undefined {
  const key = chosen.rail.keyOf(chosen) ?? keyOfCall(sale, chosen.token, nameOfCall(sale))
  return key === undefined ? undefined : identityFor(sale, chosen, key)
}

/** The hashes by which this payment and call are recognised. */
function identityFor(sale: Sale, chosen: Chosen, key: string): Identity {
  const { rail, payload, token, paymentId, offer } = chosen
  return identityOf(sale, {
    key,
    payload,
    token,
    payer: rail.payerOf(payload),
    paymentId,
    isPublic: rail.isPublic,
    resource: offer.resource.url,
  })
}

/** @returns a hold on a new payment, or the record of a known one. */
async function ask(arrival: Arrival): Promise<Hold | PaymentRecord> {
  const { sale, chosen, entry, identity } = arrival
  const { store } = sale
  const nowMs = sale.settings.now()
  // A payment that does not fit now may have fitted, and been settled, before.
  if (chosen.mismatch !== undefined) {
    const there = await orUnavailable(() => store.read(identity.key, nowMs))
    if (there === undefined || isIdle(there, nowMs)) throw chosen.mismatch
    return there
  }
  const { sold, payment } = soldPayment(sale, chosen)
  const record = newRecord(identity, entry, sold, nowMs)
  const there = await orUnavailable(() => store.add(record, nowMs, { payment }))
  return there ?? new Hold(sale, record, entry.keepsAnswers)
}

/** Whether no facilitator has called it good, and no call is about to ask one. */
function isIdle({ state, leaseUntil }: PaymentRecord, nowMs: number): boolean {
  return state === 'unverified' && leaseUntil <= nowMs
}

/**
 * Runs a step before the work. If the step fails, nothing was charged and nothing is lost: the payment is as
 * good as new, or waits for its settle as before.
 */
export async function orRelease<T>({ hold, worked }: Held, task: () => T | Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (error) {
    if (worked === undefined) await hold?.release()
    else await hold?.refused()
    throw orInDoubt(hold, error)
  }
}

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 320
/** At most this many calls wait at the same time for one store. */
const MAX_WAITING = 100
/** How many calls are waiting, by store. */
const waiting = new WeakMap<PaymentStore, number>()

/** @returns a function that waits a little each time. It throws when the time is up. */
function waitOf({ store: ofCall, settings, context }: Sale): () => Promise<void> {
  const store = settings.paymentStore ?? ofCall
  let leftMs = Math.min(settings.waitForAnswerMs, remainingMs(context) - settings.settleReserveMs)
  let pauseMs = FIRST_PAUSE_MS
  return async () => {
    const others = waiting.get(store) ?? 0
    if (leftMs <= 0 || others >= MAX_WAITING) {
      throw new PaymentUnavailableError('payment_in_use', 'this payment is in work')
    }
    waiting.set(store, others + 1)
    await sleep(Math.min(pauseMs, leftMs))
    waiting.set(store, (waiting.get(store) ?? 1) - 1)
    leftMs -= pauseMs
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }
}
