import type { PaymentEvent, PaymentHappening } from '../options/payment-events.js'
import type { Call } from '../events/call.js'
import type { Settings } from '../options/settings.js'

/** What is known of the payment. */
interface Payment {
  correlationId?: string | undefined
  paymentId?: string | undefined
}

/** Tells `onEvent`; whatever it does, the call goes on. */
export function emit(
  { hooks, now }: Settings,
  call: Call,
  { correlationId, paymentId }: Payment,
  happening: PaymentHappening,
  { payer, network }: { payer?: string | null | undefined; network?: string | null | undefined },
): void {
  if (hooks.onEvent === undefined) return
  const event: PaymentEvent = {
    at: now(),
    tool: call.label,
    ...(payer && { payer }),
    ...(network && { network }),
    ...(correlationId !== undefined && { correlationId }),
    ...(paymentId !== undefined && { paymentId }),
    ...happening,
  }
  try {
    const told: unknown = hooks.onEvent(event)
    if (told instanceof Promise) told.catch(() => undefined)
  } catch {
    // an observer has no say
  }
}
