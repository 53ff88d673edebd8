import { expect, test } from '@jest/globals'
import { allTextOf, challengeOf, receiptOf, sell, stack, textOf } from './support/seller.js'

test('a paid call runs the handler and burns what was quoted', async () => {
  const local = await stack()
  const handler = sell(local)
  const refused = await handler(local.paidEvent('T___hello', {}, null))
  expect(challengeOf(refused)?.accepts[0]?.planId).toBe(local.planId)
  const paid = await handler(local.paidEvent('T___hello'))
  expect(textOf(paid)).toBe('Hello!')
  expect(allTextOf(paid)).toBe('Hello!')
  expect(receiptOf(paid)).toMatchObject({ success: true, creditsRedeemed: '1' })
  expect(local.balance()).toBe(99n)
})
