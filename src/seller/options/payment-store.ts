import type { KeptPayment, PaymentRecord } from './payment-record.js'

/** What a store keeps beside a record. */
export interface Kept {
  /** The answer to keep. Without one, the answer that is kept stays. */
  readonly answer?: string | undefined
  /** The signed payment to keep. Without one, the payment that is kept stays. */
  readonly payment?: KeptPayment | undefined
}

/** Credits of a balance that a call in work may still take. */
export interface Reservation {
  /** Names the call among those that draw on the same balance. */
  readonly name: string
  /** Unit: credits. */
  readonly amount: bigint
  /** From then on it does not count: its call is gone. Unit: ms since the epoch. */
  readonly until: number
}

/** What the calls in work may still take from one balance. */
export interface InFlight {
  /** The reservations that count, in no order. */
  readonly reservations: readonly Reservation[]
  /** Another text whenever a reservation was ended. `undefined` if none was ended so far. */
  readonly mark: string | undefined
}

/** How a reservation is written. */
export interface ReservationTerms {
  /** Whether a reservation of the same name that counts belongs to another call. It is then not replaced. */
  readonly isNew: boolean
  /** The time by the seller's clock. Unit: ms since the epoch. */
  readonly nowMs: number
}

/**
 * Where payments are remembered. Every write is conditional, and happens as a whole or not at all. `nowMs` is
 * the time by the seller's clock: an expired record counts as absent. A store that fails throws. Before money
 * moves, that ends the call. Afterwards it is logged.
 */
export interface PaymentStore {
  /**
   * Whether every container sees the same records. Only then the store can prove that one call alone held a
   * payment.
   */
  readonly scope: 'process' | 'shared'
  /**
   * Writes a new record, unless its key or its alias is taken. A `refused` record gives way to another one
   * with the same alias: it is deleted, so that its payment cannot be settled later.
   *
   * @param kept the signed payment, for a worker. A store without a worker ignores it.
   * @returns the record that is in the way, or `undefined` if the new one was written.
   */
  add(record: PaymentRecord, nowMs: number, kept?: Kept): Promise<PaymentRecord | undefined>
  /**
   * Reads a record.
   *
   * @returns `undefined` if there is none, or if it has expired.
   */
  read(key: string, nowMs: number): Promise<PaymentRecord | undefined>
  /**
   * Writes `next` in the place of `seen`, if owner, version and state are still the same. The signed payment is
   * forgotten as soon as no settle can follow.
   *
   * @returns whether `next` was written.
   */
  replace(seen: PaymentRecord, next: PaymentRecord, kept?: Kept): Promise<boolean>
  /** Deletes a record with its alias and answer, if owner, version and state are still the same. */
  remove(seen: PaymentRecord): Promise<boolean>
  /**
   * Reads the answer that is kept with a record.
   *
   * @returns `undefined` if none is kept, or if the record has expired.
   */
  readAnswer(key: string, nowMs: number): Promise<string | undefined>
  /**
   * Whether the calls of the present record were the only ones that can have been charged for this payment.
   * An expired record counts as another call. A shared store is asked this after a settle whose answer was
   * lost. A store without this method proves nothing.
   */
  heldAlone?(key: string): Promise<boolean>
  /**
   * What is reserved of a balance. The option `overdraftGuard` needs this method and the two after it.
   *
   * @param account hash of payer and plan
   */
  inFlight?(account: string, nowMs: number): Promise<InFlight>
  /**
   * Reserves credits, and says in the same step what is reserved then. Of two calls that reserve at once, the second
   * sees the first. A repeated write of one call changes nothing.
   *
   * @returns what is reserved, this reservation included; `undefined` if nothing was written: too many calls draw on the
   * balance, or the name is taken.
   */
  reserve?(
    account: string,
    mine: Reservation,
    options: ReservationTerms,
  ): Promise<InFlight | undefined>
  /** Ends a reservation, if it is there. */
  endReservation?(account: string, name: string): Promise<void>
}
