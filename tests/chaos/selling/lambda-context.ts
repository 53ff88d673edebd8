import { RuntimeContext } from '../../support/events.js'

/** A Lambda's context, whose time runs down, and can be made to. Unit: ms. */
export class LambdaContext extends RuntimeContext {
  #endsAt: number

  constructor(limitMs: number, clientContext?: Record<string, unknown>) {
    super(clientContext)
    this.#endsAt = performance.now() + limitMs
  }

  override getRemainingTimeInMillis(): number {
    return this.#endsAt - performance.now()
  }

  /** As if a long time had passed. */
  spendAllBut(leftMs: number): void {
    this.#endsAt = performance.now() + leftMs
  }
}
