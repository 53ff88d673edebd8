import { expect, test } from '@jest/globals'
import { type PaidHandler, type PaymentEvent } from '../../../src/index.js'
import { NOW_MS } from '../../support/clock.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../../support/outcome.js'
import { sell, stack } from '../../support/seller.js'
import { newStore } from '../../support/tested-store.js'
import { failingStore, onceAt } from './support/failing-store.js'

/** What a call without a context has at most, and the margin of clocks. */
const LEASE_MS = 910_000

test.each([
  ['a token that pays once', true, {}, ['verified', 'record-lost', 'settled']],
  [
    'a token that pays several calls, of which this one is named',
    false,
    {},
    ['verified', 'failed'],
  ],
  [
    'such a token, where settles are told apart by their ids',
    false,
    { retrySettleByRequestId: true },
    ['verified', 'failed'],
  ],
])(
  'without a record of it, a settle is sent for nothing but what cannot be charged twice: %s',
  async (_, isOneUse, more, told) => {
    const events: string[] = []
    const onEvent = ({ type }: PaymentEvent) => void events.push(type)
    const local = await stack()
    const paymentStore = failingStore(await newStore(), onceAt('settling', 'down'))
    const options = { onEvent, idempotencyKey: () => 'order 1', paymentStore, ...more }
    await sell(
      local,
      undefined,
      options,
    )(local.paidEvent(TOOL, {}, isOneUse ? singleUse(local) : local.accessToken()))
    expect(events).toEqual(told)
    expect(local.balance()).toBe(isOneUse ? 99n : 100n)
  },
)

test('without a record of it, no settle is sent once another call may have taken the payment over', async () => {
  const clock = { ms: NOW_MS }
  const now = () => clock.ms
  const local = await stack({ now })
  const paymentStore = failingStore(await newStore(), onceAt('settling', 'down'))
  const handler: PaidHandler = () => {
    clock.ms += LEASE_MS
    return 'Hello!'
  }
  const call = sell(local, handler, { now, paymentStore })
  expect(outcomeOf(await call(local.paidEvent(TOOL, {}, singleUse(local))))).toBe('come back')
  expect([countOf(local, 'settle'), local.balance()]).toEqual([0, 100n])
})
