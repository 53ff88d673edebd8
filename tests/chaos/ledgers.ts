import type { Local, X402Call } from '../../src/local/index.js'

/** What the facilitators have charged, payment by payment. It is read from their ledgers alone. */
export class Ledgers {
  readonly #local: Local
  readonly #charges = new Map<string, number>()
  #plan = 0
  #money = 0

  constructor(local: Local) {
    this.#local = local
  }

  /** How often a payment was charged until now. */
  chargesOf(key: string): number {
    this.#readOn()
    return this.#charges.get(key) ?? 0
  }

  /** A run is long: what was asked is not kept. */
  forgetCalls(): void {
    this.#local.calls.length = 0
    ;(this.#local.x402.calls as X402Call[]).length = 0
  }

  #readOn(): void {
    const { ledger, x402 } = this.#local
    for (const { nonce, payer } of ledger.settlements.slice(this.#plan)) {
      this.#count(nonce ?? payer)
    }
    for (const { nonce } of x402.settlements.slice(this.#money)) this.#count(nonce)
    this.#plan = ledger.settlements.length
    this.#money = x402.settlements.length
  }

  #count(key: string): void {
    this.#charges.set(key, (this.#charges.get(key) ?? 0) + 1)
  }
}
