import type { PaymentRecord } from '../../../../src/seller/options/payment-record.js'
import type { PaymentStore } from '../../../../src/seller/options/payment-store.js'

/** What the overdraft guard calls. */
type GuardMethod = 'inFlight' | 'reserve' | 'endReservation'

/** A call of a store. */
export interface Asked {
  /** The number of the call, from 1. */
  nth: number
  method: 'add' | 'read' | 'replace' | 'remove' | 'readAnswer' | GuardMethod
  /** The record that is written. */
  next?: PaymentRecord
}

/**
 * How a call fails:
 *
 * - `down`: it is not carried out, and the store throws.
 * - `lost`: it is carried out, and then the store throws.
 * - `dead`: it is carried out, and the container that called never goes on.
 * - `dead before`: it is not carried out, and the container never goes on.
 */
export type Failure = 'down' | 'lost' | 'dead' | 'dead before'

/** A store as one container sees it over a bad network. */
export function failingStore(
  inner: PaymentStore,
  failureOf: (asked: Asked) => Failure | undefined,
): PaymentStore {
  let nth = 0
  const ask = async <T>(asked: Omit<Asked, 'nth'>, task: () => Promise<T>): Promise<T> => {
    const failure = failureOf({ nth: (nth += 1), ...asked })
    if (failure === undefined) return task()
    if (failure === 'lost' || failure === 'dead') await task()
    if (failure.startsWith('dead')) return new Promise<never>(() => undefined)
    throw new Error('the table is throttled')
  }
  return {
    scope: inner.scope,
    add: (record, nowMs) => ask({ method: 'add', next: record }, () => inner.add(record, nowMs)),
    read: (key, nowMs) => ask({ method: 'read' }, () => inner.read(key, nowMs)),
    replace: (seen, next, answer) =>
      ask({ method: 'replace', next }, () => inner.replace(seen, next, answer)),
    remove: (seen) => ask({ method: 'remove' }, () => inner.remove(seen)),
    readAnswer: (key, nowMs) => ask({ method: 'readAnswer' }, () => inner.readAnswer(key, nowMs)),
    ...reservationsOf(inner as Required<PaymentStore>, ask),
  }
}

type Ask = <T>(asked: Omit<Asked, 'nth'>, task: () => Promise<T>) => Promise<T>

function reservationsOf(inner: Required<PaymentStore>, ask: Ask) {
  return {
    inFlight: (...given: Parameters<typeof inner.inFlight>) =>
      ask({ method: 'inFlight' }, () => inner.inFlight(...given)),
    reserve: (...given: Parameters<typeof inner.reserve>) =>
      ask({ method: 'reserve' }, () => inner.reserve(...given)),
    endReservation: (...given: Parameters<typeof inner.endReservation>) =>
      ask({ method: 'endReservation' }, () => inner.endReservation(...given)),
  }
}

/** A failure that happens once, at the first write of a state. */
export function onceAt(state: PaymentRecord['state'], failure: Failure) {
  let isOver = false
  return ({ next }: Asked): Failure | undefined => {
    if (isOver || next?.state !== state) return undefined
    isOver = true
    return failure
  }
}
