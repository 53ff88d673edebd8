import type { PaymentEvent, PaymentHappening } from '../seller/options/payment-events.js'
import type { PaymentRecord } from '../seller/options/payment-record.js'
import type { WorkerSettings } from './worker-options.js'

/** Calls `onEvent` with what happened to the payment of a record. Whatever it does, the worker goes on. */
export function emit(
  { onEvent, now }: WorkerSettings,
  { sold, asked, settlement }: PaymentRecord,
  happening: PaymentHappening,
): void {
  if (onEvent === undefined) return
  const payer = settlement?.settled.payer ?? sold?.payer
  const event: PaymentEvent = {
    at: now(),
    tool: sold?.tool ?? '',
    ...(payer && { payer }),
    ...(sold?.network !== undefined && { network: sold.network }),
    ...(asked !== undefined && { correlationId: asked.correlationId }),
    ...(sold?.paymentId !== undefined && { paymentId: sold.paymentId }),
    ...happening,
  }
  try {
    const told: unknown = onEvent(event)
    if (told instanceof Promise) told.catch(() => undefined)
  } catch {
    // An error of an observer is ignored.
  }
}
