import { PaymentUnavailableError } from '../../errors/payment-error.js'
import type { Call } from '../events/call.js'
import { isAssetPayment } from './match-terms.js'
import { keysOf, payerOf } from '../../wire/payment-key.js'
import { asPayment, tokenVersion } from '../../wire/x402.js'
import type { Sale } from '../options/sale.js'
import type { Chosen } from './chosen.js'
import type { Payload } from './payment.js'

/** A payment in work. */
interface Work {
  /** It counts no longer than this. Unit: ms since the epoch. */
  readonly until: number
  readonly keys: readonly string[]
  readonly owner: string
  isDisputed: boolean
}

/**
 * Payments in work. One register of the process, shared by everything that is sold in it, since a payment is
 * the same wherever it comes in. Other containers do not see it.
 */
const inWork = new Map<string, Work>()

/** An invocation of Lambda lasts no longer. Unit: ms. */
const MAX_CLAIM_MS = 900_000
/** From here on what is over is cleared away. */
const MANY = 1_000

/**
 * Takes a payment into work. A facilitator calls the same payment good as often as it is asked, until it is
 * settled: without this, two calls at once would both be served for one payment. The buyer's own name of a
 * payment is taken with it.
 *
 * @returns what ends the work
 * @throws PaymentUnavailableError with code `payment_in_use` if it is in work already.
 */
export function claim(
  { call, settings }: Sale,
  { payload: decoded, paymentId }: Pick<Chosen, 'payload' | 'paymentId'>,
  claimMs: number = MAX_CLAIM_MS,
): () => void {
  const nowMs = settings.now()
  const payload = singleUse(decoded)
  if (payload === undefined) return () => undefined
  const named = paymentId === undefined ? [] : [`${payerOf(payload)?.toLowerCase()}|${paymentId}`]
  const keys = [...keysOf(payload), ...named]
  if (keys.some((key) => (inWork.get(key)?.until ?? 0) > nowMs)) {
    throw new PaymentUnavailableError('payment_in_use', 'this payment is in work for another call')
  }
  if (inWork.size > MANY) clearAway(nowMs)
  const work = { until: nowMs + claimMs, keys, owner: ownerOf(call), isDisputed: false }
  for (const key of keys) inWork.set(key, work)
  return () => end(work)
}

/**
 * Notes that a call came with a payment that it does not use, and that may be in work for another one, whose name
 * it may bear: an answer to that name is then no proof that the work is done.
 */
export function dispute(payload: Payload, call: Call): void {
  for (const work of worksOn(payload, call)) work.isDisputed = true
}

/** Ends the work of a call on its payment, where another phase began it. */
export function release(payload: Payload, call: Call): void {
  for (const work of worksOn(payload, call)) if (!work.isDisputed) end(work)
}

function worksOn(payload: Payload, call: Call): Work[] {
  const single = singleUse(payload)
  const works = (single === undefined ? [] : keysOf(single)).map((key) => inWork.get(key))
  return works.filter((work) => work !== undefined && work.owner === ownerOf(call)) as Work[]
}

function end(work: Work): void {
  for (const key of work.keys) if (inWork.get(key) === work) inWork.delete(key)
}

/** A reusable token of Nevermined (version 2) is meant to be used by several calls. */
function singleUse(payload: Payload): NonNullable<Payload> | undefined {
  if (payload === undefined) return undefined
  return isAssetPayment(payload) || tokenVersion(asPayment(payload)) === 3 ? payload : undefined
}

function ownerOf({ id, label }: Call): string {
  return JSON.stringify([id, label])
}

function clearAway(nowMs: number): void {
  for (const [key, { until }] of inWork) if (until <= nowMs) inWork.delete(key)
}
