import { MAX_RESERVATIONS } from '../../wire/amounts.js'
import { type InFlight, type Reservation, type ReservationTerms } from '../options/payment-store.js'

/** What is reserved of one balance. */
interface Account {
  readonly byName: Map<string, Reservation>
  /** How many reservations of the store had been ended when one of this balance was. */
  endedAt: number
}

/** Above this, balances without reservations are forgotten. */
const MAX_ACCOUNTS = 10_000

/** Remembers reservations in this process. Every method is one step. */
export class MemoryReservations {
  /** By account, the one that was made first comes first. */
  readonly #accounts = new Map<string, Account>()
  #ended = 0
  /** The mark of a balance that is not known. It changes when one is forgotten. */
  #forgotten = 0

  inFlight(account: string, nowMs: number): InFlight {
    const there = this.#accounts.get(account)
    if (there === undefined) return { reservations: [], mark: this.#markOf(undefined) }
    const { byName } = there
    for (const [name, { until }] of byName) if (until <= nowMs) byName.delete(name)
    return { reservations: [...byName.values()], mark: this.#markOf(there) }
  }

  reserve(
    account: string,
    mine: Reservation,
    { isNew, nowMs }: ReservationTerms,
  ): InFlight | undefined {
    const { reservations, mark } = this.inFlight(account, nowMs)
    const others = reservations.filter(({ name }) => name !== mine.name)
    const isThere = others.length < reservations.length
    if (isThere ? isNew : others.length >= MAX_RESERVATIONS) return undefined
    this.#accountOf(account, nowMs).byName.set(mine.name, mine)
    return { reservations: [...others, mine], mark }
  }

  end(account: string, name: string): void {
    const there = this.#accounts.get(account)
    if (there?.byName.delete(name) === true) there.endedAt = ++this.#ended
  }

  #accountOf(account: string, nowMs: number): Account {
    const there = this.#accounts.get(account)
    if (there !== undefined) return there
    if (this.#accounts.size >= MAX_ACCOUNTS) this.#forget(nowMs)
    const made = { byName: new Map<string, Reservation>(), endedAt: 0 }
    this.#accounts.set(account, made)
    return made
  }

  /** Forgets every balance of which nothing is reserved. */
  #forget(nowMs: number): void {
    this.#forgotten++
    for (const account of this.#accounts.keys()) {
      if (this.inFlight(account, nowMs).reservations.length === 0) this.#accounts.delete(account)
    }
  }

  #markOf(account: Account | undefined): string {
    return `${account?.endedAt ?? 0}|${this.#forgotten}`
  }
}
