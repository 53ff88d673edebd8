import type { PaymentRecord } from '../../../../src/seller/options/payment-record.js'
import type { PaymentStore } from '../../../../src/seller/options/payment-store.js'

/** What a store is asked. */
export interface Asked {
  /** Counted from 1. */
  nth: number
  method: 'add' | 'read' | 'replace' | 'remove' | 'readAnswer'
  /** What is written. */
  next?: PaymentRecord
}

/**
 * - `down`: the store throws, and nothing was done.
 * - `lost`: it was done, and then the store throws.
 * - `dead`: it was done, and the container that asked never goes on. `dead before`: it was not done.
 */
export type Failure = 'down' | 'lost' | 'dead' | 'dead before'

/** A store, seen by one container over a bad network. */
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
  }
}

/** Fails once, at the first write of a state. */
export function onceAt(state: PaymentRecord['state'], failure: Failure) {
  let isOver = false
  return ({ next }: Asked): Failure | undefined => {
    if (isOver || next?.state !== state) return undefined
    isOver = true
    return failure
  }
}
