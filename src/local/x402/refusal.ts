/** Why a payment is refused. The reason has the name that `@x402/evm` gives it, if it has one there. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

/**
 * Refuses a payment if a condition does not hold.
 *
 * @throws Refusal
 */
export function refuseUnless(isGood: boolean, reason: string): asserts isGood {
  if (!isGood) throw new Refusal(reason)
}
