import { withDeadline } from '../../time/deadline.js'
import { toAmount } from '../../wire/amounts.js'
import type { Payer, PlanBalances } from './payer.js'
import type { Receipt } from './receipt.js'

/** Where the balance of a payer's plans can be looked up, if the payer has such a function. */
export function balancesOf(payer: Payer): PlanBalances | undefined {
  const { plans } = payer as { plans?: Partial<PlanBalances> }
  return typeof plans?.getPlanBalance === 'function' ? (plans as PlanBalances) : undefined
}

/**
 * One book for each plan, shared by all clients and budgets of an account. There are no more books than plans
 * in the limits: a payment is booked only after its plan was found there.
 */
const books = new WeakMap<PlanBalances, Map<string, PlanBook>>()

export function bookOf(balances: PlanBalances, planId: string): PlanBook {
  const ofAccount = books.get(balances) ?? new Map<string, PlanBook>()
  books.set(balances, ofAccount)
  const book = ofAccount.get(planId) ?? new PlanBook(() => balances.getPlanBalance(planId))
  ofAccount.set(planId, book)
  return book
}

/** A payment in the book. */
export interface Entry {
  /** To be called with the credits that the seller said it took. A later call replaces an earlier one. */
  say: (credits: bigint) => void
  /** To be called if the payment was not sent. */
  cancel: () => void
}

/**
 * Compares a plan's balance with what the plan's sellers say they took. The balance may fall by what they
 * said, and by the most that payments under way can cost. It is looked at before and after each payment.
 * While no payment is under way, other processes may spend. That is not blamed on a seller.
 */
export class PlanBook {
  readonly #ask: () => Promise<{ balance: string | number }>
  #balance: bigint | undefined
  /**
   * Credits that sellers said they took and that the balance does not show yet. Below zero if the balance
   * already shows a payment under way.
   */
  #said = 0n
  /** The most that payments under way can cost. */
  #underWay = 0n
  #missing = 0n
  /** Whether a seller said something since the last look. */
  #hasNews = false
  #look: Promise<void> | undefined
  #nextLook: Promise<void> | undefined

  constructor(ask: () => Promise<{ balance: string | number }>) {
    this.#ask = ask
  }

  /** How many credits are gone that no seller said it took. It waits for looks under way. */
  async missing(): Promise<bigint> {
    await (this.#nextLook ?? this.#look)
    return this.#missing
  }

  /** Looks at the balance before a payment is sent that costs at most this many credits. */
  async begin(most: bigint): Promise<Entry> {
    await this.#lookOnce()
    this.#underWay += most
    let told: bigint | undefined
    const close = (credits: bigint) => {
      if (told === undefined) this.#underWay -= most
      this.#said += credits - (told ?? 0n)
      told = credits
    }
    return {
      cancel: () => close(0n),
      say: (credits) => {
        close(credits)
        this.#hasNews = true
        void this.#lookOnce()
      },
    }
  }

  /** Looks once at a time, so that no look overtakes another. Calls that wait share the next look. */
  #lookOnce(): Promise<void> {
    if (this.#look === undefined) {
      const look = this.#compare().finally(() => (this.#look = undefined))
      this.#look = look
      return look
    }
    this.#nextLook ??= this.#look.then(() => {
      this.#nextLook = undefined
      return this.#lookOnce()
    })
    return this.#nextLook
  }

  async #compare(): Promise<void> {
    const isQuiet = !this.#hasNews && this.#underWay === 0n
    this.#hasNews = false
    const before = this.#balance
    this.#balance = await this.#read()
    if (isQuiet || before === undefined || this.#balance === undefined) return
    if (this.#balance < before) this.#said -= before - this.#balance
    const unsaid = -(this.#said + this.#underWay)
    if (unsaid <= 0n) return
    this.#missing += unsaid
    this.#said += unsaid
  }

  async #read(): Promise<bigint | undefined> {
    try {
      const { balance } = await withDeadline(LOOK_MS, this.#ask)
      return toAmount(String(balance))
    } catch {
      return undefined // There is no balance to compare with. The budget counts the most all the same.
    }
  }
}

/** The credits that a receipt says were taken. If it names no number, it is the most that they can be. */
export function creditsSaid({ paid, creditsRedeemed }: Receipt, most: bigint): bigint {
  if (paid === 'no') return 0n
  const told = paid === 'yes' ? toAmount(creditsRedeemed) : undefined
  return told === undefined || told === 0n ? most : told
}

/** How long a look at the balance may take. Unit: ms. */
const LOOK_MS = 5_000
