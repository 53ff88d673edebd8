import type { Context } from 'aws-lambda'
import type { SoldCall } from '../events/call.js'
import type { FoundPayment } from '../events/payment-carriers.js'
import type { PaymentStore } from './payment-store.js'
import type { Settings } from './settings.js'

/** One call that is being sold. It is made once for each call, and every stage takes it. */
export interface Sale {
  readonly call: SoldCall
  readonly settings: Settings
  /**
   * The context that Lambda gives with the event. `undefined` if the caller of the wrapped handler gives
   * none.
   */
  readonly context: Context | undefined
  readonly store: PaymentStore
  /** What came in, with the payment. It is looked at only to tell the seller what a buyer does wrong. */
  readonly arrived?: { readonly event: unknown; readonly payment: FoundPayment }
}

/** What settling a payment needs of a sale. A worker settles without a call. */
export type SettlementSale = Pick<Sale, 'context' | 'store'> & {
  readonly settings: Pick<
    Settings,
    | 'verifyTimeoutMs'
    | 'settleTimeoutMs'
    | 'settleReserveMs'
    | 'retrySettleByRequestId'
    | 'logger'
    | 'now'
  >
}

/** What writing a payment's record needs of a sale. */
export type HoldSale = Pick<Sale, 'store'> & {
  readonly settings: Pick<Settings, 'logger' | 'now' | 'onTakeover'>
}
