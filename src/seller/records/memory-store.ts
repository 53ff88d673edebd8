import { inCall } from '../../errors/in-call.js'
import { OptionsError, PaymentUnavailableError } from '../../errors/payment-error.js'
import type { PaymentRecord } from '../options/payment-record.js'
import type {
  InFlight,
  Kept,
  PaymentStore,
  Reservation,
  ReservationTerms,
} from '../options/payment-store.js'
import { lazy } from '../../lazy.js'
import { isClosed } from './closed.js'

/** Bounds of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /**
   * How many payments are remembered at most. Unit: payments, 1 or more.
   *
   * @default 20000
   */
  maxRecords?: number | undefined
  /**
   * How much memory records and answers may take together. Unit: bytes, 1000 or more.
   *
   * @default 33554432 (32 MiB)
   */
  maxBytes?: number | undefined
}

const DEFAULT_MAX_RECORDS = 20_000
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024
/** About how much memory a record takes, with its hashes. Unit: bytes. */
const RECORD_BYTES = 1_000

/**
 * Remembers payments in this process, for as long as the process lives. It is the default of the option
 * `paymentStore`.
 *
 * A full store forgets answers first, then closed payments, the oldest first. A new answer pushes out only
 * other answers. Payments in work are never forgotten. A store that is full of them accepts no new payment,
 * and the call is answered with 503.
 *
 * Other containers do not see this store. The option `paymentStore` says what that means.
 *
 * @throws OptionsError for a bound that is no whole number, or too small for one record.
 */
export function memoryStore(options: MemoryStoreOptions = {}): PaymentStore {
  const { maxRecords = DEFAULT_MAX_RECORDS, maxBytes = DEFAULT_MAX_BYTES } = options
  inCall('memoryStore', options, () => {
    requireBound('maxRecords', maxRecords, 1)
    requireBound('maxBytes', maxBytes, RECORD_BYTES)
  })
  return new MemoryStore(maxRecords, maxBytes)
}

function requireBound(name: keyof MemoryStoreOptions, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new OptionsError(name, `expected a whole number from ${least}`)
}

/** Whether a store answers at once, from memory. */
export function isInMemory(store: PaymentStore): boolean {
  return store instanceof MemoryStore
}

let ofProcess: PaymentStore | undefined

/**
 * The default store of the process. All sellers without a store of their own share it: a payment is the same
 * wherever it comes in.
 */
export function processStore(): PaymentStore {
  return (ofProcess ??= memoryStore())
}

/** V8 keeps a text that is not Latin-1 in two bytes a character. */
const CHAR_BYTES = 2
const SWEEP_EVERY_MS = 1_000
/**
 * A full store forgets more than it needs to, to have room for the next entries. To find the oldest entry of
 * a Map, V8 walks over all entries that were deleted before it. Unit: share of a bound.
 */
const SPARE = 1 / 16

class MemoryStore implements PaymentStore {
  readonly scope = 'process'
  readonly #maxRecords: number
  readonly #maxBytes: number
  readonly #records = new Map<string, PaymentRecord>()
  /** Keys by alias. */
  readonly #aliases = new Map<string, string>()
  /** By key, the oldest first. */
  readonly #answers = new Map<string, string>()
  /** Keys of records that may be forgotten, the oldest first. */
  readonly #closed = new Set<string>()
  /** Most sellers reserve nothing. */
  readonly #reservations = lazy(async () => {
    const { MemoryReservations } = await import('./memory-reservations.js')
    return new MemoryReservations()
  })
  #bytes = 0
  #sweptAtMs = Number.MIN_SAFE_INTEGER

  constructor(maxRecords: number, maxBytes: number) {
    this.#maxRecords = maxRecords
    this.#maxBytes = maxBytes
  }

  add(record: PaymentRecord, nowMs: number): Promise<PaymentRecord | undefined> {
    const there = this.#fresh(record.key, nowMs) ?? this.#named(record.alias, nowMs)
    if (there !== undefined) return Promise.resolve(there)
    if (!this.#makeRoom(nowMs)) {
      const full = 'the store is full of payments in work'
      return Promise.reject(new PaymentUnavailableError('store_unavailable', full))
    }
    this.#bytes += RECORD_BYTES
    this.#records.set(record.key, record)
    if (isClosed(record)) this.#closed.add(record.key)
    if (record.alias !== undefined) this.#aliases.set(record.alias, record.key)
    return Promise.resolve(undefined)
  }

  read(key: string, nowMs: number): Promise<PaymentRecord | undefined> {
    return Promise.resolve(this.#fresh(key, nowMs))
  }

  replace(seen: PaymentRecord, next: PaymentRecord, { answer }: Kept = {}): Promise<boolean> {
    if (!this.#isStill(seen)) return Promise.resolve(false)
    this.#records.set(next.key, next)
    if (isClosed(next)) this.#closed.add(next.key)
    else if (isClosed(seen)) this.#closed.delete(next.key)
    if (answer !== undefined) this.#keep(next.key, answer)
    return Promise.resolve(true)
  }

  remove(seen: PaymentRecord): Promise<boolean> {
    if (!this.#isStill(seen)) return Promise.resolve(false)
    this.#forget(seen)
    return Promise.resolve(true)
  }

  readAnswer(key: string, nowMs: number): Promise<string | undefined> {
    return Promise.resolve(this.#fresh(key, nowMs) && this.#answers.get(key))
  }

  async inFlight(account: string, nowMs: number): Promise<InFlight> {
    return (await this.#reservations()).inFlight(account, nowMs)
  }

  async reserve(
    account: string,
    mine: Reservation,
    options: ReservationTerms,
  ): Promise<InFlight | undefined> {
    return (await this.#reservations()).reserve(account, mine, options)
  }

  async endReservation(account: string, name: string): Promise<void> {
    ;(await this.#reservations()).end(account, name)
  }

  #fresh(key: string, nowMs: number): PaymentRecord | undefined {
    const record = this.#records.get(key)
    if (record === undefined || record.expiresAt > nowMs) return record
    this.#forget(record)
    return undefined
  }

  /** The record that holds an alias. A refused payment holds its alias no longer. */
  #named(alias: string | undefined, nowMs: number): PaymentRecord | undefined {
    const key = alias === undefined ? undefined : this.#aliases.get(alias)
    const record = key === undefined ? undefined : this.#fresh(key, nowMs)
    if (record?.state !== 'refused') return record
    this.#forget(record)
    return undefined
  }

  #isStill({ key, owner, version, state }: PaymentRecord): boolean {
    const there = this.#records.get(key)
    return there?.version === version && there.owner === owner && there.state === state
  }

  #keep(key: string, answer: string): void {
    this.#dropAnswer(key)
    const bytes = answer.length * CHAR_BYTES
    // A payment is worth more than an answer. Without an answer it still gets its receipt.
    if (this.#records.size * RECORD_BYTES + bytes > this.#maxBytes) return
    this.#dropAnswersFor(bytes)
    this.#answers.set(key, answer)
    this.#bytes += bytes
  }

  /** Forgets what may be forgotten. @returns whether there is room for one more record. */
  #makeRoom(nowMs: number): boolean {
    if (this.#fitsOneMore()) return true
    this.#sweep(nowMs)
    this.#dropAnswersFor(RECORD_BYTES)
    const fewest = this.#maxRecords - 1 - Math.floor(this.#maxRecords * SPARE)
    for (const key of this.#closed) {
      if (this.#records.size <= fewest && this.#fitsOneMore()) break
      const record = this.#records.get(key)
      if (record !== undefined) this.#forget(record)
    }
    return this.#fitsOneMore()
  }

  /** Forgets answers, the oldest first. */
  #dropAnswersFor(bytes: number): void {
    if (this.#bytes + bytes <= this.#maxBytes) return
    const most = this.#maxBytes * (1 - SPARE) - bytes
    for (const key of this.#answers.keys()) {
      if (this.#bytes <= most) break
      this.#dropAnswer(key)
    }
  }

  /** Forgets expired records. It does not run for every call: a full store has many records to look at. */
  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAtMs < SWEEP_EVERY_MS) return
    this.#sweptAtMs = nowMs
    for (const record of this.#records.values()) {
      if (record.expiresAt <= nowMs) this.#forget(record)
    }
  }

  #fitsOneMore(): boolean {
    return this.#bytes + RECORD_BYTES <= this.#maxBytes && this.#records.size < this.#maxRecords
  }

  #dropAnswer(key: string): void {
    const answer = this.#answers.get(key)
    if (answer === undefined) return
    this.#bytes -= answer.length * CHAR_BYTES
    this.#answers.delete(key)
  }

  #forget({ key, alias }: PaymentRecord): void {
    this.#dropAnswer(key)
    this.#records.delete(key)
    this.#closed.delete(key)
    if (alias !== undefined && this.#aliases.get(alias) === key) this.#aliases.delete(alias)
    this.#bytes -= RECORD_BYTES
  }
}
