import type { PaymentHappening } from '../seller/options/payment-events.js'
import type { PaymentRecord } from '../seller/options/payment-record.js'
import { emit as emitOfSale } from '../seller/payment/emit.js'
import type { WorkerSettings } from './worker-options.js'

/** Calls `onEvent` with what happened to the payment of a record. */
export function emit(
  { onEvent, now }: WorkerSettings,
  { sold, asked, settlement }: PaymentRecord,
  happening: PaymentHappening,
): void {
  const { tool = '', network, paymentId } = sold ?? {}
  const payer = settlement?.settled.payer ?? sold?.payer
  const sale = { call: { label: tool }, settings: { now, hooks: { onEvent } } }
  emitOfSale(sale, happening, { payer, network, paymentId, correlationId: asked?.correlationId })
}
