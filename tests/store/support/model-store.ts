import type { PaymentRecord } from '../../../src/seller/options/payment-record.js'
import type { PaymentStore } from '../../../src/seller/options/payment-store.js'

/** A rule of the design that a store, or a seller that uses it, breaks on purpose. */
export type Broken =
  /** A write does not check whether the record is still as it was seen. */
  | 'no fencing'
  /** A call ends the work on a payment, whoever has it. */
  | 'no owner check'
  /** A call goes on before its claim is written. */
  | 'settled before claimed'
  /** A claim that was given back is deleted a while later. */
  | 'deleted too late'
  /** A payment is found by its key alone. */
  | 'answered to another payload'

interface Kept {
  record: PaymentRecord
  answer: string | undefined
}

/** What every container shares, as plain data. */
export class ModelStore {
  readonly kept = new Map<string, Kept>()
  /** Writes and deletions that were said to be done and are not yet. */
  readonly late = new Map<string, PaymentRecord>()
  readonly #broken: Broken | undefined

  constructor(broken?: Broken) {
    this.#broken = broken
  }

  add(record: PaymentRecord): PaymentRecord | undefined {
    const there = this.kept.get(record.key)?.record
    if (there !== undefined) {
      if (this.#broken !== 'answered to another payload') return there
      const { payloadHash, fingerprint } = record
      return { ...there, payloadHash, fingerprint }
    }
    if (this.#broken === 'settled before claimed') this.late.set(record.owner, record)
    else this.kept.set(record.key, { record, answer: undefined })
    return undefined
  }

  replace(seen: PaymentRecord, next: PaymentRecord, answer?: string): boolean {
    if (this.late.has(seen.owner) && next.state !== 'settled') {
      this.late.set(seen.owner, next)
      return true
    }
    const isLate = this.late.delete(seen.owner)
    if (this.#broken !== 'no fencing' && !isLate && !this.#isStill(seen)) return false
    const before = this.kept.get(next.key)?.answer
    this.kept.set(next.key, { record: next, answer: answer ?? before })
    return true
  }

  remove(seen: PaymentRecord): boolean {
    if (this.#broken === 'deleted too late') {
      this.late.set(seen.owner, seen)
      return true
    }
    if (this.#broken !== 'no owner check' && !this.#isStill(seen)) return false
    return this.kept.delete(seen.key)
  }

  /** Does what was put off. */
  catchUp(): void {
    for (const { key } of this.late.values()) this.kept.delete(key)
    this.late.clear()
  }

  read(key: string): PaymentRecord | undefined {
    return this.kept.get(key)?.record
  }

  readAnswer(key: string): string | undefined {
    return this.kept.get(key)?.answer
  }

  #isStill({ key, owner, version, state }: PaymentRecord): boolean {
    const there = this.kept.get(key)?.record
    return there?.owner === owner && there.version === version && there.state === state
  }
}

/** A request of a container. It is carried out as a whole, at some time. */
export interface Operation {
  name: string
  carryOut: () => unknown
  /** The result of a repeat, if the reply was lost. A write finds out that it was carried out before. */
  repeat?: () => unknown
}

export type Ask = <T>(operation: Operation) => Promise<T>

/** The store, and the call that uses it now. */
export interface Access {
  model: ModelStore
  ask: Ask
}

/** The store as one container has it. */
export function storeOf(access: () => Access): PaymentStore {
  const asked = <T>(operation: (model: ModelStore) => Operation): Promise<T> => {
    const { model, ask } = access()
    return ask(operation(model))
  }
  return {
    scope: 'shared',
    add: (record) =>
      asked((model) => ({
        name: 'add',
        carryOut: () => model.add(record),
        repeat: () => {
          const there = model.add(record)
          return there === record ? undefined : there
        },
      })),
    read: (key) => asked((model) => ({ name: 'read', carryOut: () => model.read(key) })),
    replace: (seen, next, kept) =>
      asked((model) => ({
        name: `write ${next.state}`,
        carryOut: () => model.replace(seen, next, kept?.answer),
        repeat: () => model.read(next.key) === next || model.replace(seen, next, kept?.answer),
      })),
    remove: (seen) =>
      asked((model) => ({
        name: 'remove',
        carryOut: () => model.remove(seen),
        repeat: () => model.read(seen.key) === undefined || model.remove(seen),
      })),
    readAnswer: (key) =>
      asked((model) => ({ name: 'read answer', carryOut: () => model.readAnswer(key) })),
    heldAlone: (key) =>
      asked((model) => ({ name: 'held alone', carryOut: () => model.read(key) !== undefined })),
  }
}
