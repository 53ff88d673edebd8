import type { KeptPayment, PaymentRecord } from './payment-record.js'
import type { PaymentStore } from './payment-store.js'

/** Records that wait for a person. */
export interface Waiting {
  /** Refunds that the seller was told of, and that nobody marked as paid. */
  readonly refundsDue: number
  /** Payments that were given up, and not looked at since. */
  readonly dead: number
}

/** A store that a settlement worker can work on: every container shares it, and it knows what is still open. */
export interface WorkerStore extends PaymentStore {
  readonly scope: 'shared'
  /** What metrics call it: the name of the table. */
  readonly name: string
  /**
   * The keys of records that somebody should look at now. It is a hint, and may be late or wrong: the record itself
   * says what is true.
   */
  due(nowMs: number): AsyncIterable<string>
  /** The signed payment of an open record. `undefined` if it was not kept. */
  readPayment(key: string): Promise<KeptPayment | undefined>
  /**
   * Lets a call go that nobody comes back to. The record expires, and leaves the index. It is not deleted: if the same
   * payment comes again, its new record is not the first one.
   *
   * @returns whether owner, version and state were still the same.
   */
  retire(seen: PaymentRecord): Promise<boolean>
  /** How many records wait for a person. */
  waiting(): Promise<Waiting>
}
