import type { Context } from 'aws-lambda'
import { hookLimitMs, withDeadline } from '../../time/deadline.js'
import type { PaymentStore } from '../options/payment-store.js'
import type { Settings } from '../options/settings.js'
import { isInMemory, processStore } from './memory-store.js'

/** The store that a call uses: the seller's, with the time limit of a hook, or else that of the process. */
export function storeFor(
  { paymentStore }: Pick<Settings, 'paymentStore'>,
  context: Context | undefined,
): PaymentStore {
  if (paymentStore === undefined) return processStore()
  return isInMemory(paymentStore) ? paymentStore : withinTime(paymentStore, context)
}

/**
 * Bounds the time of a store. A store that never answers would take the answer with it, and what is known of
 * the payment.
 */
function withinTime(store: PaymentStore, context: Context | undefined): PaymentStore {
  const within = <T>(ask: () => Promise<T>): Promise<T> => withDeadline(hookLimitMs(context), ask)
  const heldAlone = store.heldAlone?.bind(store)
  const inFlight = store.inFlight?.bind(store)
  const reserve = store.reserve?.bind(store)
  const endReservation = store.endReservation?.bind(store)
  return {
    ...(heldAlone && { heldAlone: (key) => within(() => heldAlone(key)) }),
    ...(inFlight && { inFlight: (...given) => within(() => inFlight(...given)) }),
    ...(reserve && { reserve: (...given) => within(() => reserve(...given)) }),
    ...(endReservation && { endReservation: (...given) => within(() => endReservation(...given)) }),
    scope: store.scope,
    add: (record, nowMs, kept) => within(() => store.add(record, nowMs, kept)),
    read: (key, nowMs) => within(() => store.read(key, nowMs)),
    replace: (seen, next, kept) => within(() => store.replace(seen, next, kept)),
    remove: (seen) => within(() => store.remove(seen)),
    readAnswer: (key, nowMs) => within(() => store.readAnswer(key, nowMs)),
  }
}
