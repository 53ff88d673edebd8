import { pause, type Clock } from '../../time/clock.js'
import type { Evidence } from './conclusions.js'
import type { OpenPayment, OpenPayments } from './open-payments.js'
import type { Receipt } from './receipt.js'

/** How one attempt to send a payment ended. */
export interface Attempt<Answer> {
  /** `undefined` if it was lost. */
  answer?: Answer | undefined
  failure?: { error: unknown } | undefined
  evidence: Evidence
  /** Whether the answer is what was bought. The payment is then never sent again. */
  isDelivered: boolean
  /** How long the seller wants to be left alone. Unit: ms. */
  retryAfterMs?: number | undefined
}

/** An attempt, and what is known of the payment after it. */
export interface Sent<Answer> extends Attempt<Answer> {
  receipt: Receipt
}

/** How a paying client sends. */
export interface Sender<Payment, Answer> {
  /** Sends the call with its payment. Never rejects. */
  attempt: (payment: Payment) => Promise<Attempt<Answer>>
  /** Gives up an answer that a later one replaces. */
  discard?: ((answer: Answer) => Promise<void>) | undefined
  signal: AbortSignal | undefined
  payments: OpenPayments<Payment>
  clock: Clock
}

/**
 * Sends a payment. If the seller says that the settlement is pending, the same payment is sent again, a few
 * times and while it is valid. A payment that brings no delivery is kept for the next call with the same
 * intent, unless its money was given back.
 */
export async function sendPayment<Payment, Answer>(
  open: OpenPayment<Payment>,
  sender: Sender<Payment, Answer>,
): Promise<Sent<Answer>> {
  const { purchase } = open
  const { clock, payments } = sender
  const untilMs = Math.min(purchase.expiresMs, clock.now() + MAX_PENDING_MS)
  const repeats = [...PAUSES_MS]
  for (;;) {
    const attempt = await sender.attempt(purchase.payment)
    const sent = { ...attempt, receipt: purchase.conclude(attempt.evidence) }
    if (attempt.isDelivered || purchase.isReturned()) return sent
    const pauseMs = attempt.evidence.isPending === true ? repeats.shift() : undefined
    const waitMs = Math.min(attempt.retryAfterMs ?? pauseMs ?? 0, MAX_PAUSE_MS)
    if (pauseMs === undefined || clock.now() + waitMs >= untilMs) {
      payments.keep(open)
      return sent
    }
    if (attempt.answer !== undefined) await sender.discard?.(attempt.answer)
    try {
      await pause(clock, waitMs, sender.signal)
    } catch (error) {
      payments.keep(open)
      return { ...sent, answer: undefined, failure: { error } }
    }
  }
}

/** AWS WAF's paywall takes the same payment again for 15 minutes. Unit: ms. */
const MAX_PENDING_MS = 900_000
/** Pauses before a pending payment is sent again, if the seller names none. Unit: ms. */
const PAUSES_MS = [1_000, 2_000, 4_000]
/** The longest pause, since a caller is waiting. Unit: ms. */
const MAX_PAUSE_MS = 10_000
