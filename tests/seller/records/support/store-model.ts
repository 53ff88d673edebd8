import { expect } from '@jest/globals'
import type { PaymentRecord, PaymentState } from '../../../../src/seller/options/payment-record.js'
import type { PaymentStore } from '../../../../src/seller/options/payment-store.js'
import { fc } from '../../../support/random-cases.js'
import { START_MS, nextOf, recordOf } from './records.js'

const KEYS = ['a', 'b', 'c']
const STATES: PaymentState[] = ['claimed', 'settling', 'settled', 'refused', 'refund_due']

/** One step of a history. */
export type Step =
  | { do: 'add'; key: string; alias: string | undefined; state: PaymentState; lastsMs: number }
  /** `age` says how many versions ago the record was seen. */
  | { do: 'replace'; key: string; age: number; state: PaymentState; answer: string | undefined }
  | { do: 'remove'; key: string; age: number }
  | { do: 'read'; key: string }
  | { do: 'wait'; ms: number }

/** The states in which a buyer is owed something. Nothing is delivered in these histories. */
const OWED: ReadonlySet<string> = new Set(['settling', 'settled', 'refund_due'])

const key = fc.constantFrom(...KEYS)
const state = fc.constantFrom(...STATES)
const age = fc.constantFrom(0, 0, 0, 1, 2)

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    key,
    alias: fc.constantFrom(undefined, 'x', 'y'),
    state,
    lastsMs: fc.integer({ min: 1, max: 50 }),
  }),
  fc.record({
    do: fc.constant('replace' as const),
    key,
    age,
    state,
    answer: fc.option(fc.string({ maxLength: 8 }), { nil: undefined }),
  }),
  fc.record({ do: fc.constant('remove' as const), key, age }),
  fc.record({ do: fc.constant('read' as const), key }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 30 }) }),
)

/** Plays random histories to a store and to {@link Model}. Both have to answer the same. */
export async function storeBehavesLikeModel(
  make: () => PaymentStore | Promise<PaymentStore>,
  numRuns: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const history = new History(await make())
      for (const one of steps) await history.play(one)
      await history.compareAll()
    }),
    { numRuns },
  )
}

/** A store by its interface alone: a list of records. */
class Model {
  #all: { record: PaymentRecord; answer?: string | undefined }[] = []
  readonly #keepsOwed: boolean

  /** A shared store keeps a payment until it is known what became of it. */
  constructor({ scope }: PaymentStore) {
    this.#keepsOwed = scope === 'shared'
  }

  forgetExpired(nowMs: number): void {
    const isFresh = ({ expiresAt }: PaymentRecord): boolean => expiresAt > nowMs
    const isKept = ({ state }: PaymentRecord): boolean => this.#keepsOwed && OWED.has(state)
    this.#all = this.#all
      .filter(({ record }) => isFresh(record) || isKept(record))
      .map((one) => (isFresh(one.record) ? one : { record: one.record }))
  }

  add(record: PaymentRecord): PaymentRecord | undefined {
    const there =
      this.find(record.key)?.record ??
      this.#all.find((one) => record.alias !== undefined && one.record.alias === record.alias)
        ?.record
    if (there !== undefined && (there.key === record.key || there.state !== 'refused')) return there
    this.#all = [...this.#all.filter((one) => one.record !== there), { record }]
    return undefined
  }

  find(wanted: string) {
    return this.#all.find(({ record }) => record.key === wanted)
  }

  replace(seen: PaymentRecord, next: PaymentRecord, answer: string | undefined): boolean {
    const there = this.#still(seen)
    if (there === undefined) return false
    there.record = next
    if (answer !== undefined) there.answer = answer
    return true
  }

  remove(seen: PaymentRecord): boolean {
    const there = this.#still(seen)
    this.#all = this.#all.filter((one) => one !== there)
    return there !== undefined
  }

  #still(seen: PaymentRecord) {
    const there = this.find(seen.key)
    const isStill =
      there?.record.version === seen.version &&
      there.record.owner === seen.owner &&
      there.record.state === seen.state
    return isStill ? there : undefined
  }
}

class History {
  readonly #store: PaymentStore
  readonly #model: Model
  /** Every version of a record that was written under a key. The last one comes first. */
  readonly #seen = new Map<string, PaymentRecord[]>()
  #nowMs = START_MS
  #writes = 0

  constructor(store: PaymentStore) {
    this.#store = store
    this.#model = new Model(store)
  }

  async play(one: Step): Promise<void> {
    switch (one.do) {
      case 'add':
        return this.#add(one)
      case 'replace':
        return this.#replace(one)
      case 'remove':
        return this.#remove(one)
      case 'read':
        return this.#compare(one.key)
      case 'wait':
        this.#nowMs += one.ms
        this.#model.forgetExpired(this.#nowMs)
    }
  }

  async compareAll(): Promise<void> {
    for (const each of KEYS) await this.#compare(each)
  }

  async #add({ key: at, alias, state: first, lastsMs }: Extract<Step, { do: 'add' }>) {
    const record = recordOf(at, {
      alias,
      state: first,
      owner: `write ${(this.#writes += 1)}`,
      expiresAt: this.#nowMs + lastsMs,
    })
    const there = this.#model.add(record)
    expect(await this.#store.add(record, this.#nowMs)).toEqual(there)
    if (there === undefined) this.#note(record)
  }

  async #replace({ key: at, age: back, state: to, answer }: Extract<Step, { do: 'replace' }>) {
    const seen = this.#lastSeen(at, back)
    if (seen === undefined) return
    const next = nextOf(seen, { state: to, owner: `write ${(this.#writes += 1)}` })
    const isWritten = this.#model.replace(seen, next, answer)
    expect(await this.#store.replace(seen, next, { answer })).toBe(isWritten)
    if (isWritten) this.#note(next)
  }

  async #remove({ key: at, age: back }: Extract<Step, { do: 'remove' }>) {
    const seen = this.#lastSeen(at, back)
    if (seen === undefined) return
    expect(await this.#store.remove(seen)).toBe(this.#model.remove(seen))
  }

  async #compare(at: string): Promise<void> {
    const there = this.#model.find(at)
    expect(await this.#store.read(at, this.#nowMs)).toEqual(there?.record)
    expect(await this.#store.readAnswer(at, this.#nowMs)).toBe(there?.answer)
  }

  /**
   * The record as it was last seen, also if it has expired. A store may keep a trace of it, so that nobody
   * writes to it.
   */
  #lastSeen(at: string, back: number): PaymentRecord | undefined {
    const seen = this.#seen.get(at)?.[back]
    return seen !== undefined && seen.expiresAt > this.#nowMs ? seen : undefined
  }

  #note(record: PaymentRecord): void {
    this.#seen.set(record.key, [record, ...(this.#seen.get(record.key) ?? [])])
  }
}
