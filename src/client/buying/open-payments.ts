import type { Purchase } from './purchase.js'

/** A payment and the call that it is for. */
export interface OpenPayment<Payment> {
  /** A name for what the buyer wants. A call that is made again has the same intent. */
  intent: string
  purchase: Purchase<Payment>
}

/** At most this many are remembered; the oldest is forgotten first. Its money stays held in the budget. */
const MAX_PAYMENTS = 1_000

/**
 * Payments of one paying client that were sent and brought no delivery. Each is kept until it expires. A call
 * that is made again takes the payment of the call before, so one intent is paid once.
 *
 * A payment that is being sent is not in here: two equal calls at the same time are two purchases.
 */
export class OpenPayments<Payment> {
  #open: OpenPayment<Payment>[] = []
  readonly #now: () => number

  /** @param now wall clock. Unit: ms since the epoch. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether there are no such payments. Then the intent of a call need not be computed. */
  get isEmpty(): boolean {
    return this.#open.length === 0
  }

  /** Removes and returns the oldest payment of an intent. The caller sends it from now on. */
  take(intent: string): OpenPayment<Payment> | undefined {
    this.#forgetExpired()
    const at = this.#open.findIndex((one) => one.intent === intent)
    return at < 0 ? undefined : this.#open.splice(at, 1)[0]
  }

  /** Keeps a payment for the next call with its intent. */
  keep(payment: OpenPayment<Payment>): void {
    this.#forgetExpired()
    if (this.#open.includes(payment) || payment.purchase.expiresMs <= this.#now()) return
    this.#open.push(payment)
    if (this.#open.length > MAX_PAYMENTS) this.#open.shift()
  }

  #forgetExpired(): void {
    const nowMs = this.#now()
    this.#open = this.#open.filter(({ purchase }) => purchase.expiresMs > nowMs)
  }
}
