import type { Local, X402Call } from '../../src/local/index.js'

/** What the facilitators have charged, payment by payment. It is read from their ledgers alone. */
export class Ledgers {
  readonly #local: Local
  readonly #charges = new Map<string, number>()
  readonly #taken = new Map<string, bigint>()
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

  /** How much was taken of a payment until now. Unit: credits, or atomic units of the asset. */
  takenOf(key: string): bigint {
    this.#readOn()
    return this.#taken.get(key) ?? 0n
  }

  /** A run is long: what was asked is not kept. */
  forgetCalls(): void {
    this.#local.calls.length = 0
    ;(this.#local.x402.calls as X402Call[]).length = 0
  }

  #readOn(): void {
    const { ledger, x402 } = this.#local
    for (const { nonce, payer, redeemed } of ledger.settlements.slice(this.#plan)) {
      this.#count(nonce ?? payer, redeemed)
    }
    for (const { nonce, amount } of x402.settlements.slice(this.#money)) this.#count(nonce, amount)
    this.#plan = ledger.settlements.length
    this.#money = x402.settlements.length
  }

  #count(key: string, amount: bigint): void {
    this.#charges.set(key, (this.#charges.get(key) ?? 0) + 1)
    this.#taken.set(key, (this.#taken.get(key) ?? 0n) + amount)
  }
}
