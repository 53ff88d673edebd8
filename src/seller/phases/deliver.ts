import { asError } from '../../errors/payment-error.js'
import type { Answer } from '../answer/answer.js'
import { toOutput, type Output } from '../events/output.js'
import type { Reply } from '../events/event-shape.js'
import { requireSendable } from '../events/sendable.js'
import { amountToSettle } from '../payment/amount-to-settle.js'
import type { Settlement } from '../payment/payment.js'
import type { Verified } from '../payment/chosen.js'
import { refundOf, whyRefund } from '../payment/refund.js'
import { reportRefund, settleOrApplyPolicy } from '../payment/with-hooks.js'
import { respondToHandlerFailure, respondWith, respondWithRefund } from '../reply/respond.js'
import type { HandedOver } from './handoff-content.js'
import type { PhaseSale } from './phase-state.js'

/** What a target answered to a verified call. */
interface Delivery {
  readonly answer: Answer
  /** Whether the request phase handed the verified payment over. */
  readonly isHanded: boolean
}

/** Settles what a target delivered. @returns `undefined` if the response goes out as it came. */
export async function settleAndDeliver(
  sale: PhaseSale,
  verified: Verified,
  { answer, isHanded }: Delivery,
): Promise<Output | undefined> {
  const { call, settleOnce } = sale
  const { correlationId, verifyAmount } = verified
  // The target may be foreign: its price counts up to what was verified.
  const amount = amountToSettle(sale, answer, verified, verifyAmount)
  if (amount === 0n) return undefined
  if (!isSendable(sale, answer)) {
    return toOutput(call.id, call.transport, respondToHandlerFailure())
  }
  const settle = (): Promise<Settlement | undefined> => settleOrApplyPolicy(sale, verified, amount)
  // Only what the request phase handed over names the same call when the Gateway repeats itself.
  const settlement = await (isHanded ? settleOnce(correlationId, settle) : settle())
  return settlement && withReceipt(sale, answer, respondWith(answer, settlement))
}

/**
 * What was paid before the target was asked: it gets its receipt, or the word that a refund is due. Nothing
 * is ever settled here.
 *
 * @returns `undefined` if the response goes out as it came.
 */
export async function deliverPaid(
  sale: PhaseSale,
  answer: Answer | 'unreadable',
  handed: HandedOver | undefined,
): Promise<Output | undefined> {
  if (handed?.kind !== 'settled') return undefined
  const { call, refundOnce } = sale
  const { payment, settlement } = handed
  const given = answer === 'unreadable' ? undefined : answer
  const reason = whyRefund(sale, given, payment)
  if (given !== undefined && reason === undefined) {
    return withReceipt(sale, given, respondWith(given, settlement))
  }
  const refund = refundOf(payment, settlement, reason ?? 'handler_failed')
  // Once, however often the Gateway hands the answer over: what is due may be paid back at once.
  await refundOnce(refund.correlationId, () => reportRefund(sale, refund))
  const reply = respondWithRefund(given, settlement, refund)
  return given === undefined
    ? toOutput(call.id, call.transport, reply)
    : withReceipt(sale, given, reply)
}

/** The bytes of a plain HTTP body stay the target's own; a filtered one was not shown. */
function withReceipt({ call }: PhaseSale, answer: Answer, reply: Reply): Output {
  const outcome = 'raw' in answer.outcome ? undefined : reply.outcome
  return toOutput(call.id, call.transport, { ...reply, outcome })
}

/** What could not be sent is not charged. */
function isSendable({ call, settings }: PhaseSale, answer: Answer): boolean {
  try {
    // The Gateway counts what it hands to an interceptor together with what it gets back.
    requireSendable(answer, call.transport, call.event)
    return true
  } catch (error) {
    settings.logger.error('the target failed', { tool: call.label, error: asError(error) })
    return false
  }
}
