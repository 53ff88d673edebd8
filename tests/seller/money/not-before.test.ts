// A signed transfer says from when it may be used. Clocks of buyer, seller and facilitator differ by seconds.
import { expect, test } from '@jest/globals'
import { stack } from '../../support/seller.js'
import {
  NOTHING_HAPPENED,
  callWith,
  challengeFrom,
  countingShop,
  moneyChallenge,
  paidIn,
  paymentFor,
  whatHappened,
} from './support/money.js'

const NOW_SECONDS = 1_800_000_000
/** How far ahead of the seller's clock a payment may begin. */
const SKEW_SECONDS = 60

/** @param facilitatorAheadSeconds how far the facilitator's clock is ahead of the seller's */
async function buyingFrom(afterSeconds: number, facilitatorAheadSeconds = 0) {
  const at = (seconds: number) => () => (NOW_SECONDS + seconds) * 1000
  const local = await stack({ now: at(facilitatorAheadSeconds) })
  const shop = await countingShop({ now: at(0) }, undefined, local)
  const payment = await paymentFor(shop, await challengeFrom(shop), {
    validAfter: BigInt(NOW_SECONDS + afterSeconds),
    validBefore: BigInt(NOW_SECONDS + 300),
  })
  return { shop, output: await shop.handler(callWith(payment)) }
}

test.each([-300, -5, -1, 0])(
  'a payment that is valid since %d seconds after now is taken',
  async (afterSeconds) => {
    const { shop, output } = await buyingFrom(afterSeconds)
    expect(paidIn(output)).toMatchObject({ success: true, amount: '10000' })
    expect(shop.ran()).toBe(1)
    expect(await shop.taken()).toBe(10_000n)
  },
)

test.each([1, 5, SKEW_SECONDS])(
  'whether a payment that begins in %d seconds is valid says the facilitator, by its own clock',
  async (afterSeconds) => {
    const early = await buyingFrom(afterSeconds)
    expect(moneyChallenge(early.output).error).toBe(
      'verification failed: invalid_exact_evm_payload_authorization_valid_after',
    )
    expect((await whatHappened(early.shop)).asked).toEqual(['verify'])
    expect(early.shop.ran()).toBe(0)

    const ahead = await buyingFrom(afterSeconds, afterSeconds)
    expect(paidIn(ahead.output)).toMatchObject({ success: true, amount: '10000' })
  },
)

test('a payment that begins later than clocks differ is refused unseen by a facilitator', async () => {
  const { shop, output } = await buyingFrom(SKEW_SECONDS + 1, SKEW_SECONDS + 1)
  expect(moneyChallenge(output).error).toBe('verification failed: payment_not_yet_valid')
  expect(await whatHappened(shop)).toEqual(NOTHING_HAPPENED)
})
