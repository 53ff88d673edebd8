import type { Answer } from './answer/answer.js'
import { readReturned } from './answer/read-returned.js'
import { asError } from '../errors/payment-error.js'
import { lazy } from '../lazy.js'
import { remainingMs, withDeadline } from '../time/deadline.js'
import type { SoldCall } from './events/call.js'
import type { Sale } from './options/sale.js'
import type { VerifiedPayment } from './rails/payment.js'
import { requireSendable } from './events/sendable.js'

/** Calls the seller's handler. */
export type Run = (call: SoldCall, payment: VerifiedPayment) => unknown

/**
 * @returns `undefined` if the handler threw, did not end in time, or gave an answer that cannot be read. Each
 * is logged.
 */
export async function runHandler(
  sale: Sale,
  run: Run,
  payment: VerifiedPayment,
): Promise<Answer | undefined> {
  const { call, settings } = sale
  try {
    const given = await withinTime(sale, async () => await run(call, payment))
    const { id, transport } = call
    const { protocol } = transport
    const answer = await readReturned(given, protocol, settings.creditsFrom, id)
    if (answer !== undefined) requireSendable(answer, transport)
    // There is nothing to answer to a notification.
    else if (id !== undefined) (await failures()).logUnreadable(sale, given)
    return answer
  } catch (error) {
    settings.logger.error('the handler failed', { tool: call.label, error: asError(error) })
    await failures().then(({ explain }) => explain(sale, error), NOTHING)
    return undefined
  }
}

/** What is said of a handler that failed. The first failure loads it. */
const failures = lazy(() => import('./handler-failed.js'))

const NOTHING = (): void => undefined

/**
 * Bounds the handler's time. A handler that does not end would take its answer with it, and what is known of
 * the payment.
 */
async function withinTime<T>({ context, settings }: Sale, task: () => Promise<T>): Promise<T> {
  const limitMs = remainingMs(context) - settings.settleReserveMs
  return Number.isFinite(limitMs) ? withDeadline(limitMs, task) : task()
}
