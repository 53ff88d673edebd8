import { EVENTS, type PaymentEvent, type PaymentHappening } from '../options/payment-events.js'
import type { Sale } from '../options/sale.js'

/** What is known of the payment. Facilitators in Python and Go write null for absent members. */
interface About {
  readonly correlationId?: string | undefined
  readonly paymentId?: string | undefined
  readonly payer?: string | null | undefined
  readonly network?: string | null | undefined
}

/** What an event needs of a sale. A worker has no call. */
export interface EmittingSale {
  readonly call: Pick<Sale['call'], 'label'>
  readonly settings: Pick<Sale['settings'], 'now'> & {
    readonly hooks: Pick<Sale['settings']['hooks'], 'onEvent'>
  }
}

/** Calls `onEvent`, and tells those who listen to {@link EVENTS}. Whatever they do, the call goes on. */
export function emit(
  { call, settings }: EmittingSale,
  happening: PaymentHappening,
  about: About,
): void {
  const { hooks, now } = settings
  if (hooks.onEvent === undefined && !EVENTS.hasSubscribers) return
  const { payer, network, correlationId, paymentId } = about
  const event: PaymentEvent = {
    at: now(),
    tool: call.label,
    ...(payer && { payer }),
    ...(network && { network }),
    ...(correlationId !== undefined && { correlationId }),
    ...(paymentId !== undefined && { paymentId }),
    ...happening,
  }
  EVENTS.publish(event)
  try {
    const told: unknown = hooks.onEvent?.(event)
    if (told instanceof Promise) told.catch(() => undefined)
  } catch {
    // An error of an observer is ignored.
  }
}
