import type { Context } from 'aws-lambda'
import type { SoldCall } from '../events/call.js'
import type { PaymentStore } from './payment-store.js'
import type { Settings } from './settings.js'

/** One call that is being sold. Made once for each call; every stage takes it. */
export interface Sale {
  readonly call: SoldCall
  readonly settings: Settings
  /** What Lambda gives with the event. `undefined` where the caller of the wrapped handler gives none. */
  readonly context: Context | undefined
  readonly store: PaymentStore
}
