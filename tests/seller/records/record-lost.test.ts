import { expect, test } from '@jest/globals'
import { type PaymentEvent } from '../../../src/index.js'
import { TOOL, singleUse } from '../../support/outcome.js'
import { sell, stack } from '../../support/seller.js'
import { newStore } from '../../support/tested-store.js'
import { failingStore, onceAt } from './support/failing-store.js'

test.each([
  ['a token that pays once', true, ['verified', 'record-lost', 'settled']],
  ['a token that pays several calls, of which this one is named', false, ['verified', 'failed']],
])(
  'without a record of it, a settle is sent for nothing but what cannot be charged twice: %s',
  async (_, isOneUse, told) => {
    const events: string[] = []
    const onEvent = ({ type }: PaymentEvent) => void events.push(type)
    const local = await stack()
    const paymentStore = failingStore(await newStore(), onceAt('settling', 'down'))
    const options = { onEvent, idempotencyKey: () => 'order 1', paymentStore }
    await sell(
      local,
      undefined,
      options,
    )(local.paidEvent(TOOL, {}, isOneUse ? singleUse(local) : local.accessToken()))
    expect(events).toEqual(told)
    expect(local.balance()).toBe(isOneUse ? 99n : 100n)
  },
)
