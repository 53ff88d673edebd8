import type { Context } from 'aws-lambda'
import { amountToSettle } from './payment/amount-to-settle.js'
import type { Answer } from './answer/answer.js'
import type { FoundPayment } from './events/payment-carriers.js'
import { choosePayment } from './payment/choose-payment.js'
import {
  type Chosen,
  NO_PAYMENT,
  type Settleable,
  type Settlement,
  type Verified,
  termsFor,
  toVerifiedPayment,
} from './payment/payment.js'
import { remainingMs } from '../time/deadline.js'
import { PaymentUnavailableError } from '../errors/payment-error.js'
import {
  beforeVerify,
  reportRefund,
  settleOrApplyPolicy,
  settleUpfront,
  verifyAfterHook,
  verifyPayment,
} from './payment/with-hooks.js'
import { claim } from './payment/in-flight.js'
import type { Call } from './events/call.js'
import { quote } from './price/quote.js'
import { refundOf, whyRefund } from './payment/refund.js'
import type { RefundReason } from './options/payment-events.js'
import { respondToHandlerFailure, respondWith, respondWithRefund } from './reply/respond.js'
import { runHandler, type Run } from './run-handler.js'
import type { Settings, ToolPrice } from './options/settings.js'
import type { Reply } from './events/event-shape.js'

/**
 * The main line: a call is priced, its payment taken into work, and the call sold in the order the seller
 * chose. Failures of the payment are thrown; those of the handler are answers.
 */
export async function sell(
  call: Call,
  found: FoundPayment,
  price: ToolPrice,
  run: Run,
  settings: Settings,
  context: Context | undefined,
): Promise<Reply> {
  const quoted = await quote(call, price, settings, context)
  if (quoted === 'free') return runFree(call, run, settings)
  const chosen = choosePayment(quoted, found, settings)
  const done = claim(chosen, call, settings.now())
  try {
    return await FLOWS[settings.flow](chosen, call, run, settings, context)
  } finally {
    done()
  }
}

export async function runFree(call: Call, run: Run, settings: Settings): Promise<Reply> {
  const answer = await runHandler(call, run, NO_PAYMENT, settings)
  return answer === undefined ? respondToHandlerFailure() : respondWith(answer, undefined)
}

const FLOWS = { authorization, upfront, overlap }

/** Verify, run, settle. */
async function authorization(
  chosen: Chosen,
  call: Call,
  run: Run,
  settings: Settings,
  context: Context | undefined,
): Promise<Reply> {
  const verified = await verifyPayment(chosen, call, settings, context)
  requireTime(settings, context)
  const answer = await runHandler(call, run, toVerifiedPayment(verified), settings)
  return settleAnswer(answer, verified, call, settings, context)
}

/** Verify beside the run, then settle. What came of the run is looked at only if the payment is good. */
async function overlap(
  chosen: Chosen,
  call: Call,
  run: Run,
  settings: Settings,
  context: Context | undefined,
): Promise<Reply> {
  await beforeVerify(chosen, call, settings)
  requireTime(settings, context)
  const work = new AbortController()
  const payment = Object.freeze({ ...termsFor(chosen), signal: work.signal })
  const running = runHandler(call, run, payment, settings)
  const verified = await verifyAfterHook(chosen, call, settings, context).catch(
    (error: unknown) => {
      work.abort()
      throw error
    },
  )
  return settleAnswer(await running, verified, call, settings, context)
}

async function settleAnswer(
  answer: Answer | undefined,
  verified: Verified,
  call: Call,
  settings: Settings,
  context: Context | undefined,
): Promise<Reply> {
  if (answer === undefined) return respondToHandlerFailure()
  // The handler is the seller's own code: without a bound its price stands.
  const amount = amountToSettle(answer, verified, verified.maxAmount, call, settings)
  if (amount === 0n) return respondWith(answer, undefined)
  const settlement = await settleOrApplyPolicy(verified, amount, call, settings, context)
  return respondWith(answer, settlement)
}

/** Settle, run. Whatever happens after the settlement, the answer says that it was paid. */
async function upfront(
  chosen: Chosen,
  call: Call,
  run: Run,
  settings: Settings,
  context: Context | undefined,
): Promise<Reply> {
  requireTime(settings, context)
  const { payment, settlement } = await settleUpfront(chosen, call, settings, context)
  if (!hasTime(settings, context)) {
    return refund(undefined, 'no_time_left', payment, settlement, call, settings, context)
  }
  const { settled } = settlement
  const paid = { payer: settled.payer ?? undefined, correlationId: payment.correlationId }
  const answer = await runHandler(
    call,
    run,
    Object.freeze({ ...termsFor(chosen), ...paid }),
    settings,
  )
  const reason = whyRefund(answer, chosen, call, settings)
  if (answer !== undefined && reason === undefined) return respondWith(answer, settlement)
  return refund(answer, reason ?? 'handler_failed', payment, settlement, call, settings, context)
}

async function refund(
  answer: Answer | undefined,
  reason: RefundReason,
  payment: Settleable,
  settlement: Settlement,
  call: Call,
  settings: Settings,
  context: Context | undefined,
): Promise<Reply> {
  const due = refundOf(payment, settlement, reason)
  await reportRefund(due, payment, call, settings, context)
  return respondWithRefund(answer, settlement, due)
}

/** Room for the handler, beyond what settle keeps back. Unit: ms. */
const MIN_HANDLER_MS = 2_000

function requireTime(settings: Settings, context: Context | undefined): void {
  if (hasTime(settings, context)) return
  throw new PaymentUnavailableError('no_time_left', 'too little of the invocation is left')
}

function hasTime({ settleReserveMs }: Settings, context: Context | undefined): boolean {
  return remainingMs(context) >= settleReserveMs + MIN_HANDLER_MS
}
