import { withDeadline } from '../../time/deadline.js'
import { toAmount } from '../../wire/amounts.js'
import type { Payer, PlanBalances } from './payer.js'
import type { Receipt } from './receipt.js'

/** Where the balance of a payer's plans can be looked up, if anywhere. */
export function balancesOf(payer: Payer): PlanBalances | undefined {
  const { plans } = payer as { plans?: Partial<PlanBalances> }
  return typeof plans?.getPlanBalance === 'function' ? (plans as PlanBalances) : undefined
}

/**
 * All clients and budgets of an account share one book for each plan. There are no more books than plans in the
 * limits: a payment is booked only after its plan was found there.
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
  /** What its seller said that it took, in credits. What is said later replaces it. */
  say: (credits: bigint) => void
  /** The payment was not sent. */
  cancel: () => void
}

/**
 * Compares a plan's balance with what the plan's sellers say that they took. The balance may fall by what they said,
 * and by the most that payments under way can cost. It is looked at before and after each payment. While no payment
 * is under way, somebody else may spend: that is not held against a seller.
 */
export class PlanBook {
  readonly #ask: () => Promise<{ balance: string | number }>
  #balance: bigint | undefined
  /** What was said and not yet seen in the balance. Below zero while a payment under way is seen already. */
  #said = 0n
  /** The most that payments under way can cost. */
  #underWay = 0n
  #missing = 0n
  /** Something was said since the last look. */
  #hasNews = false
  #look: Promise<void> | undefined
  #nextLook: Promise<void> | undefined

  constructor(ask: () => Promise<{ balance: string | number }>) {
    this.#ask = ask
  }

  /** How many credits are gone that nobody said were taken, once the looks under way have ended. */
  async missing(): Promise<bigint> {
    await (this.#nextLook ?? this.#look)
    return this.#missing
  }

  /** Looks at the balance before a payment of at most so many credits is sent. */
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

  /** One look at a time, so that none overtakes another. Those that wait share the next one. */
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
      return undefined // nothing to hold words against: the budget counts the most all the same
    }
  }
}

/** The credits that a receipt says were taken. It is the most they can be where the receipt names no number. */
export function creditsSaid({ paid, creditsRedeemed }: Receipt, most: bigint): bigint {
  if (paid === 'no') return 0n
  const told = paid === 'yes' ? toAmount(creditsRedeemed) : undefined
  return told === undefined || told === 0n ? most : told
}

/** Unit: ms. */
const LOOK_MS = 5_000
