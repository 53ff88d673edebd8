import type { PaymentRecord } from './payment-record.js'

/**
 * Where payments are remembered. Every write is conditional and one step: it happens as a whole, or not at all.
 * `nowMs` is the time by the seller's clock: what has expired counts as absent. A store that fails throws:
 * before money moves that ends the call, and afterwards it is logged.
 */
export interface PaymentStore {
  /** Whether every container sees the same records. Only then it proves that one call alone held a payment. */
  readonly scope: 'process' | 'shared'
  /**
   * Writes a new record, unless its key or its alias is taken. A `refused` record gives way to another one
   * with its alias: it is deleted, so that its payment cannot be settled later.
   *
   * @returns the record that is in the way; `undefined` if the new one was written.
   */
  add(record: PaymentRecord, nowMs: number): Promise<PaymentRecord | undefined>
  read(key: string, nowMs: number): Promise<PaymentRecord | undefined>
  /**
   * Writes `next` in the place of `seen`, if owner, version and state are still those.
   *
   * @param answer the answer to keep with it; without one, the one that is kept stays.
   * @returns whether it was written.
   */
  replace(seen: PaymentRecord, next: PaymentRecord, answer?: string): Promise<boolean>
  /** Deletes a record with its alias and answer, if owner, version and state are still those. */
  remove(seen: PaymentRecord): Promise<boolean>
  readAnswer(key: string, nowMs: number): Promise<string | undefined>
  /**
   * Whether no call had this payment before the calls of its present record, except where it is certain that nothing
   * was charged. A record that expired before counts against it. Asked of a shared store, after a settle whose answer
   * was lost. A store without this method proves nothing.
   */
  heldAlone?(key: string): Promise<boolean>
}
