import type { Purchase } from './purchase.js'

/** A payment and the call that it is for. */
export interface OpenPayment<Payment> {
  /** What the buyer wants: the same for a call that is made again. */
  intent: string
  purchase: Purchase<Payment>
}

/** More are not remembered; the oldest goes first. Its money stays held in the budget. */
const MAX_PAYMENTS = 1_000

/**
 * The payments of one paying client that were sent and brought no delivery, each until it expires. A call that is
 * made again takes the payment of the call before, so that one intent is paid once.
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

  /** Whether there is nothing to look for. Then nobody needs to know which intent a call has. */
  get isEmpty(): boolean {
    return this.#open.length === 0
  }

  /** The oldest payment of an intent, which from now on is the caller's to send. */
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
