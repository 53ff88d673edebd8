import { asError } from '../../errors/payment-error.js'
import type { Answer } from '../answer/answer.js'
import { toOutput, type SellerOutput } from '../events/output.js'
import type { Reply } from '../events/event-shape.js'
import { requireSendable } from '../events/sendable.js'
import { amountToSettle, whyRefund } from '../payment/amount-to-settle.js'
import type { PaymentRecord, Settlement } from '../options/payment-record.js'
import type { Verified } from '../payment/chosen.js'
import { fromKept } from '../records/kept-answer.js'
import { soldPayment } from '../rails/sold-payment.js'
import { newRecord } from '../records/new-record.js'
import { type Failed, oweRefund } from '../payment/refund.js'
import { warnOnce } from '../options/warn-once.js'
import { settleOrApplyPolicy } from '../payment/with-hooks.js'
import { onFailure } from '../reply/on-failure.js'
import {
  respondToHandlerFailure,
  respondToReplay,
  respondWith,
  respondWithRefund,
} from '../reply/respond.js'
import { Hold, TakenOverError } from '../records/hold.js'
import type { HandedOver } from './handoff-content.js'
import { ownerOf } from './phase-entry.js'
import type { PhaseSale } from './phase-state.js'

/** Settles the response of a target. @returns `undefined` if the response goes out as it came. */
export async function settleAndDeliver(
  sale: PhaseSale,
  verified: Verified,
  answer: Answer,
  hold: Hold | undefined,
): Promise<SellerOutput | undefined> {
  const { call } = sale
  // The target may belong to somebody else: its price counts up to the verified amount.
  const amount = amountToSettle(sale, answer, verified, verified.verifyAmount)
  if (amount === 0n) {
    await hold?.release()
    await verified.reservation?.end()
    return undefined
  }
  if (!isSendable(sale, answer)) {
    await hold?.release()
    await verified.reservation?.end()
    return toOutput(call.id, call.transport, respondToHandlerFailure())
  }
  const settlement = await settleOrApplyPolicy(sale, verified, { amount, answer }, hold)
  return settlement && withReceipt(sale, answer, respondWith(answer, settlement))
}

/** Settles an earlier answer of the target to this payment, which could not be settled then. */
export async function settleWorked(
  sale: PhaseSale,
  verified: Verified,
  answer: Answer,
  hold: Hold | undefined,
): Promise<SellerOutput> {
  const { call } = sale
  const amount = BigInt(hold?.record.asked?.amount ?? verified.amount)
  const settlement = await settleOrApplyPolicy(sale, verified, { amount, answer }, hold)
  return toOutput(call.id, call.transport, respondWith(answer, settlement))
}

/** Delivers a response that was settled before, with its receipt. */
export function deliverSettled(
  sale: PhaseSale,
  answer: Answer,
  settlement: Settlement,
): Promise<SellerOutput> {
  return withReceipt(sale, answer, respondWith(answer, settlement))
}

/**
 * Delivers a response that was paid before the target was asked. It gets its receipt, or the word that a
 * refund is due. Nothing is ever settled here.
 *
 * @returns `undefined` if the response goes out as it came.
 * @throws TakenOverError if another call has the payment. Then the payment is for the answer of that call.
 */
export async function deliverPaid(
  sale: PhaseSale,
  answer: Answer | 'unreadable',
  handed: HandedOver | undefined,
  keepsAnswers: boolean,
): Promise<SellerOutput | undefined> {
  if (handed?.kind !== 'settled') {
    if (handed === undefined && isSold(answer))
      warnOnce(sale, UNKNOWN_REQUEST, { tool: sale.call.label })
    return undefined
  }
  try {
    return await deliverOnce(sale, answer, handed, keepsAnswers)
  } catch (error) {
    if (!(error instanceof TakenOverError)) throw error
    // An equal call, or the same response once more, was faster. It has the same owner.
    return deliverOnce(sale, answer, handed, keepsAnswers)
  }
}

async function deliverOnce(
  sale: PhaseSale,
  answer: Answer | 'unreadable',
  handed: Extract<HandedOver, { kind: 'settled' }>,
  keepsAnswers: boolean,
): Promise<SellerOutput> {
  const { payment, settlement } = handed
  const hold = await holdPaid(sale, handed, keepsAnswers)
  if (hold !== undefined && hold.record.owner !== ownerOf(sale)) throw new TakenOverError()
  if (hold?.record.isDelivered === true) {
    const before = await answeredBefore(sale, hold, settlement)
    if (before !== undefined) return toOutput(sale.call.id, sale.call.transport, before)
  }
  const given = answer === 'unreadable' ? undefined : answer
  const reason = whyRefund(sale, given, payment)
  if (given !== undefined && reason === undefined) {
    if (hold?.record.isDelivered === false) await hold.delivered(given)
    return deliverSettled(sale, given, settlement)
  }
  const failed = { payment, settlement, identity: handed.identity, answer: given }
  return deliverRefund(sale, { ...failed, reason: reason ?? 'handler_failed' }, hold)
}

/**
 * The answer that went out before, for the same response or for another run of the same call. One charge pays
 * for one answer.
 *
 * @returns `undefined` if that answer was not kept, or cannot be read.
 */
async function answeredBefore(
  { store, settings }: PhaseSale,
  { record }: Hold,
  settlement: Settlement,
): Promise<Reply | undefined> {
  const { key, refund } = record
  try {
    const answer = fromKept(await store.readAnswer(key, settings.now()))
    if (answer === undefined && refund === undefined) return undefined
    return respondToReplay({ answer, settlement, refund })
  } catch (thrown) {
    settings.logger.error('a kept answer could not be read', { error: asError(thrown) })
    return undefined
  }
}

async function deliverRefund(
  sale: PhaseSale,
  failed: Failed,
  hold: Hold | undefined,
): Promise<SellerOutput> {
  const { call } = sale
  const { answer, settlement } = failed
  try {
    const reply = respondWithRefund(answer, settlement, await oweRefund(sale, failed, hold))
    return await (answer === undefined
      ? toOutput(call.id, call.transport, reply)
      : withReceipt(sale, answer, reply))
  } catch (error) {
    return onFailure(sale, error)
  }
}

/** Whether the answer looks like something that has a price. */
function isSold(answer: Answer | 'unreadable'): boolean {
  return answer !== 'unreadable' && !answer.failed && !answer.unfinished
}

const UNKNOWN_REQUEST =
  `flow 'upfront': an answer went out, and its request phase left no word. If this Lambda is attached at RESPONSE ` +
  'only, nothing is ever settled: attach it at REQUEST too.'

/**
 * The record of a payment that the request phase settled. It is made here if that was in another container.
 */
async function holdPaid(
  sale: PhaseSale,
  { identity, settlement, payment }: Extract<HandedOver, { kind: 'settled' }>,
  keepsAnswers: boolean,
): Promise<Hold | undefined> {
  if (identity === undefined) return undefined
  const { store, settings } = sale
  const nowMs = settings.now()
  const { sold } = soldPayment(sale, payment)
  const entry = { owner: ownerOf(sale), leaseMs: 0 }
  const fresh = newRecord(identity, entry, sold, nowMs)
  const record: PaymentRecord = { ...fresh, state: 'settled', settlement }
  try {
    const there = await store.add(record, nowMs)
    const hold = new Hold(sale, there ?? record, keepsAnswers)
    // The request phase could not record the settlement.
    if (there?.state === 'settling') await hold.paid(settlement, nowMs)
    return hold
  } catch (thrown) {
    settings.logger.error('a payment record could not be written', { error: asError(thrown) })
    return undefined
  }
}

/** Adds the receipt. The bytes of a plain HTTP body stay the target's own: a filtered body was not shown. */
function withReceipt({ call }: PhaseSale, answer: Answer, reply: Reply): Promise<SellerOutput> {
  const outcome = 'raw' in answer.outcome ? undefined : reply.outcome
  return toOutput(call.id, call.transport, { ...reply, outcome })
}

/** Whether the answer can be sent. An answer that cannot be sent is not charged. */
function isSendable({ call, settings }: PhaseSale, answer: Answer): boolean {
  try {
    // The Gateway adds up the size of what an interceptor gets and what it returns.
    requireSendable(answer, call.transport, call.event)
    return true
  } catch (error) {
    settings.logger.error('the target failed', { tool: call.label, error: asError(error) })
    return false
  }
}
