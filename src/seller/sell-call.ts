import { randomUUID } from 'node:crypto'
import { lazy } from '../lazy.js'
import { remainingMs } from '../time/deadline.js'
import { PaymentUnavailableError, PaymentUsedError } from '../errors/payment-error.js'
import type { Answer } from './answer/answer.js'
import type { FoundPayment } from './events/payment-carriers.js'
import type { Reply } from './events/event-shape.js'
import type { RefundReason } from './options/payment-events.js'
import type { Sale } from './options/sale.js'
import type { ToolPrice } from './options/settings.js'
import { amountToSettle, whyRefund } from './payment/amount-to-settle.js'
import { choosePayment } from './payment/choose-payment.js'
import type { SeenBefore } from './guard/guard.js'
import { loadGuard } from './guard/load-guard.js'
import { enter, orRelease } from './payment/enter.js'
import { NO_PAYMENT } from './rails/payment.js'
import { type Chosen, type Verified, orEnd, termsFor, toVerifiedPayment } from './payment/chosen.js'
import {
  type Paid,
  beforeVerify,
  reportReplay,
  settleOrApplyPolicy,
  settleUpfront,
  unverified,
  verifyAfterHook,
  verifyPayment,
} from './payment/with-hooks.js'
import { beginVerify } from './payment/verify.js'
import { quote } from './price/quote.js'
import type { Held } from './records/entry.js'
import type { Hold } from './records/hold.js'
import {
  respondToHandlerFailure,
  respondToReplay,
  respondWith,
  respondWithRefund,
} from './reply/respond.js'
import { runHandler, type Run } from './run-handler.js'

/** A sale whose work is done in this invocation, by a handler. */
export interface HandlerSale extends Sale {
  readonly run: Run
}

/**
 * The main line: a call is priced, its payment is recorded as in work, and the call is sold in the order that
 * `flow` says. A payment that was answered before gets the same answer. Failures of the payment are thrown.
 * Failures of the handler are answers.
 */
export async function sell(
  sale: HandlerSale,
  found: FoundPayment,
  price: ToolPrice,
): Promise<Reply> {
  const quoted = await quote(sale, price)
  if (quoted === 'free') return runFree(sale)
  const chosen = await choosePayment(quoted, found, sale.settings)
  const before = sale.settings.overdraftGuard
    ? await (await loadGuard()).lookBefore(sale, chosen)
    : undefined
  const begun = (await beginVerify(sale, chosen))?.verified
  const entered = await enter(sale, chosen, {
    owner: randomUUID(),
    leaseMs: leaseOf(sale),
    reenters: false,
    hasAnswer: false,
    keepsAnswers: price.keepAnswers,
  })
  if (entered.kind === 'replayed') {
    reportReplay(sale, entered)
    return respondToReplay(entered)
  }
  const { paid } = entered
  if (paid !== undefined) {
    await refunds().catch(() => {
      throw new PaymentUsedError('lost_call', paid.settled)
    })
    return deliverPaid(sale, { payment: unverified(chosen), settlement: paid }, entered.hold)
  }
  return FLOWS[sale.settings.flow](sale, chosen, {
    ...entered,
    ...(begun && { begun }),
    ...(before && { before }),
  })
}

/** The longest that an invocation of Lambda can last. Unit: ms. */
const MAX_LEASE_MS = 900_000
/** How far the clock of another container may be ahead of this one. Unit: ms. */
const LEASE_MARGIN_MS = 10_000

function leaseOf({ context }: Sale): number {
  return Math.min(remainingMs(context), MAX_LEASE_MS) + LEASE_MARGIN_MS
}

export async function runFree(sale: HandlerSale): Promise<Reply> {
  const answer = await runHandler(sale, sale.run, NO_PAYMENT)
  return answer === undefined ? respondToHandlerFailure() : respondWith(answer, undefined)
}

const FLOWS = { authorization, upfront, overlap }

/** A payment in work whose verify has already begun. */
type Begun = Held & {
  readonly begun?: Promise<Verified>
  /** What other calls had reserved before. */
  readonly before?: SeenBefore
}

/** Flow `'authorization'`: verify, run, settle. */
async function authorization(sale: HandlerSale, chosen: Chosen, held: Begun): Promise<Reply> {
  const { hold, worked, begun } = held
  const verified = await orRelease(held, async () => {
    const good = await reserved(sale, await verifyPayment(sale, chosen, begun), held)
    return orEnd(good, async () => {
      requireTime(sale)
      await hold?.workBegins()
      return good
    })
  })
  const answer = worked ?? (await runHandler(sale, sale.run, toVerifiedPayment(verified)))
  return orEnd(verified, () => settleAnswer(sale, verified, answer, held))
}

/** Reserves the credits of a verified payment, if the seller guards balances. */
async function reserved(sale: Sale, verified: Verified, held: Begun): Promise<Verified> {
  if (!sale.settings.overdraftGuard) return verified
  const { reserve } = await loadGuard()
  return reserve(sale, verified, {
    name: verified.correlationId,
    leaseMs: leaseOf(sale),
    isShared: false,
    reenters: false,
    before: held.before,
    asked: held.worked && held.hold?.record.asked?.amount,
  })
}

/**
 * Flow `'overlap'`: verify beside the run, then settle. The handler's answer is looked at only if the payment
 * is good.
 */
async function overlap(sale: HandlerSale, chosen: Chosen, held: Held): Promise<Reply> {
  const { hold, worked } = held
  const work = new AbortController()
  const payment = Object.freeze({ ...termsFor(chosen), signal: work.signal })
  const { verified, running } = await orRelease(held, async () => {
    await beforeVerify(sale, chosen)
    requireTime(sale)
    const running = worked ?? runHandler(sale, sale.run, payment)
    const verified = await verifyAfterHook(sale, chosen).catch((error: unknown) => {
      work.abort()
      throw error
    })
    await hold?.workBegins()
    return { verified, running }
  })
  return settleAnswer(sale, verified, await running, held)
}

async function settleAnswer(
  sale: Sale,
  verified: Verified,
  answer: Answer | undefined,
  held: Held,
): Promise<Reply> {
  const { hold } = held
  const amount = answer && dueFor(sale, verified, answer, held)
  if (answer === undefined || amount === undefined || amount === 0n) {
    await hold?.release()
    await verified.reservation?.end()
    return answer === undefined ? respondToHandlerFailure() : respondWith(answer, undefined)
  }
  return respondWith(answer, await settleOrApplyPolicy(sale, verified, { amount, answer }, hold))
}

/** What to settle. Work that was done before is settled at its price of then. */
function dueFor(sale: Sale, verified: Verified, answer: Answer, { hold, worked }: Held): bigint {
  const before = worked && hold?.record.asked
  if (before !== undefined) return BigInt(before.amount)
  // The handler is the seller's own code. Without `maxCredits` the price it names counts.
  return amountToSettle(sale, answer, verified, verified.maxAmount)
}

/** Only a payment in advance can be owed back. This is loaded before any money moves. */
const refunds = lazy(() => import('./payment/refund.js'))

/** Flow `'upfront'`: settle, run. Whatever happens after the settlement, the answer says that it was paid. */
async function upfront(sale: HandlerSale, chosen: Chosen, held: Held): Promise<Reply> {
  const { hold } = held
  await orRelease(held, async () => {
    await refunds()
    await beforeVerify(sale, chosen)
    // The hook may have used up the handler's time. No money has moved yet.
    requireTime(sale)
  })
  return deliverPaid(sale, await settleUpfront(sale, chosen, hold, leaseOf(sale)), hold)
}

/** Runs the handler for a call that is already paid. */
async function deliverPaid(sale: HandlerSale, paid: Paid, hold: Hold | undefined): Promise<Reply> {
  const { payment, settlement } = paid
  if (!hasTime(sale)) return refund(sale, paid, { reason: 'no_time_left' }, hold)
  const payer = settlement.settled.payer ?? undefined
  const told = { ...termsFor(payment), payer, correlationId: payment.correlationId }
  const answer = await runHandler(sale, sale.run, Object.freeze(told))
  const reason = whyRefund(sale, answer, payment)
  if (answer !== undefined && reason === undefined) {
    await hold?.delivered(answer)
    return respondWith(answer, settlement)
  }
  return refund(sale, paid, { reason: reason ?? 'handler_failed', answer }, hold)
}

interface Failed {
  readonly reason: RefundReason
  readonly answer?: Answer | undefined
}

async function refund(
  sale: Sale,
  paid: Paid,
  failed: Failed,
  hold: Hold | undefined,
): Promise<Reply> {
  const { oweRefund } = await refunds()
  const due = await oweRefund(sale, { ...paid, ...failed }, hold)
  return respondWithRefund(failed.answer, paid.settlement, due)
}

/** Time that is kept for the handler, besides what `settleReserveMs` keeps for the settle. Unit: ms. */
const MIN_HANDLER_MS = 2_000

function requireTime(sale: Sale): void {
  if (hasTime(sale)) return
  throw new PaymentUnavailableError('no_time_left', 'too little time of the invocation is left')
}

function hasTime({ settings, context }: Sale): boolean {
  return remainingMs(context) >= settings.settleReserveMs + MIN_HANDLER_MS
}
