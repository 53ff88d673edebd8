import { remainingMs } from '../time/deadline.js'
import { PaymentUnavailableError } from '../errors/payment-error.js'
import type { Answer } from './answer/answer.js'
import type { FoundPayment } from './events/payment-carriers.js'
import type { Reply } from './events/event-shape.js'
import type { RefundReason } from './options/payment-events.js'
import type { Sale } from './options/sale.js'
import type { ToolPrice } from './options/settings.js'
import { amountToSettle } from './payment/amount-to-settle.js'
import { choosePayment } from './payment/choose-payment.js'
import { claim } from './payment/in-flight.js'
import { NO_PAYMENT, type Settlement } from './payment/payment.js'
import {
  type Chosen,
  type Settleable,
  type Verified,
  termsFor,
  toVerifiedPayment,
} from './payment/chosen.js'
import { refundOf, whyRefund } from './payment/refund.js'
import {
  beforeVerify,
  reportRefund,
  settleOrApplyPolicy,
  settleUpfront,
  verifyAfterHook,
  verifyPayment,
} from './payment/with-hooks.js'
import { quote } from './price/quote.js'
import { respondToHandlerFailure, respondWith, respondWithRefund } from './reply/respond.js'
import { runHandler, type Run } from './run-handler.js'

/** A sale whose work is done here, by a handler. */
export interface HandlerSale extends Sale {
  readonly run: Run
}

/**
 * The main line: a call is priced, its payment taken into work, and the call sold in the order the seller
 * chose. Failures of the payment are thrown; those of the handler are answers.
 */
export async function sell(
  sale: HandlerSale,
  found: FoundPayment,
  price: ToolPrice,
): Promise<Reply> {
  const quoted = await quote(sale, price)
  if (quoted === 'free') return runFree(sale)
  const chosen = choosePayment(quoted, found, sale.settings)
  const done = claim(sale, chosen)
  try {
    return await FLOWS[sale.settings.flow](sale, chosen)
  } finally {
    done()
  }
}

export async function runFree(sale: HandlerSale): Promise<Reply> {
  const answer = await runHandler(sale, sale.run, NO_PAYMENT)
  return answer === undefined ? respondToHandlerFailure() : respondWith(answer, undefined)
}

const FLOWS = { authorization, upfront, overlap }

/** Verify, run, settle. */
async function authorization(sale: HandlerSale, chosen: Chosen): Promise<Reply> {
  const verified = await verifyPayment(sale, chosen)
  requireTime(sale)
  const answer = await runHandler(sale, sale.run, toVerifiedPayment(verified))
  return settleAnswer(sale, verified, answer)
}

/** Verify beside the run, then settle. What came of the run is looked at only if the payment is good. */
async function overlap(sale: HandlerSale, chosen: Chosen): Promise<Reply> {
  await beforeVerify(sale, chosen)
  requireTime(sale)
  const work = new AbortController()
  const payment = Object.freeze({ ...termsFor(chosen), signal: work.signal })
  const running = runHandler(sale, sale.run, payment)
  const verified = await verifyAfterHook(sale, chosen).catch((error: unknown) => {
    work.abort()
    throw error
  })
  return settleAnswer(sale, verified, await running)
}

async function settleAnswer(
  sale: Sale,
  verified: Verified,
  answer: Answer | undefined,
): Promise<Reply> {
  if (answer === undefined) return respondToHandlerFailure()
  // The handler is the seller's own code: without a bound its price stands.
  const amount = amountToSettle(sale, answer, verified, verified.maxAmount)
  if (amount === 0n) return respondWith(answer, undefined)
  return respondWith(answer, await settleOrApplyPolicy(sale, verified, amount))
}

/** Settle, run. Whatever happens after the settlement, the answer says that it was paid. */
async function upfront(sale: HandlerSale, chosen: Chosen): Promise<Reply> {
  requireTime(sale)
  const paid = await settleUpfront(sale, chosen)
  const { payment, settlement } = paid
  if (!hasTime(sale)) return refund(sale, paid, 'no_time_left', undefined)
  const payer = settlement.settled.payer ?? undefined
  const told = { ...termsFor(chosen), payer, correlationId: payment.correlationId }
  const answer = await runHandler(sale, sale.run, Object.freeze(told))
  const reason = whyRefund(sale, answer, chosen)
  if (answer !== undefined && reason === undefined) return respondWith(answer, settlement)
  return refund(sale, paid, reason ?? 'handler_failed', answer)
}

async function refund(
  sale: Sale,
  { payment, settlement }: { payment: Settleable; settlement: Settlement },
  reason: RefundReason,
  answer: Answer | undefined,
): Promise<Reply> {
  const due = refundOf(payment, settlement, reason)
  await reportRefund(sale, due)
  return respondWithRefund(answer, settlement, due)
}

/** Kept for the handler, beside what `settleReserveMs` keeps for the settle. Unit: ms. */
const MIN_HANDLER_MS = 2_000

function requireTime(sale: Sale): void {
  if (hasTime(sale)) return
  throw new PaymentUnavailableError('no_time_left', 'too little of the invocation is left')
}

function hasTime({ settings, context }: Sale): boolean {
  return remainingMs(context) >= settings.settleReserveMs + MIN_HANDLER_MS
}
