/** Why a payment is not taken, under the name that `@x402/evm` gives it where it has one. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

/** @throws Refusal */
export function refuseUnless(isGood: boolean, reason: string): asserts isGood {
  if (!isGood) throw new Refusal(reason)
}
