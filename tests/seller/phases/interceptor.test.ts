import { expect, test } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { bothPhases, hello, intercept, result, SHOWN } from './support/phases.js'
import { amounts } from '../../support/recorded.js'
import { challengeOf, receiptOf, stack, textOf } from '../../support/seller.js'

const TOOL = 'T___hello'

test.each(SHOWN)(
  'a paid call is forwarded, settled once and receipted (%s request)',
  async (shown) => {
    const local = await stack()
    const { output, forwarded } = await bothPhases(intercept(local), local.paidEvent(TOOL), hello, {
      shown,
    })
    expect(textOf(output)).toBe('Hello!')
    expect(receiptOf(output)).toMatchObject({ success: true, creditsRedeemed: '1' })
    expect(local.balance()).toBe(99n)
    expect(local.ledger.settlements).toHaveLength(1)
    expect(JSON.stringify(forwarded)).not.toContain('payment-signature')
  },
)

test.each(SHOWN)('an unpaid call is refused in both phases alike (%s request)', async (shown) => {
  const local = await stack()
  const { output, forwarded } = await bothPhases(
    intercept(local),
    local.paidEvent(TOOL, {}, null),
    hello,
    { shown },
  )
  expect(challengeOf(output)?.accepts).toHaveLength(1)
  expect(forwarded).toBeUndefined()
  expect(local.balance()).toBe(100n)
})

test('what the request phase sealed saves the second verify', async () => {
  const local = await stack()
  await bothPhases(intercept(local), local.paidEvent(TOOL), hello, { shown: 'transformed' })
  expect(amounts(local)).toEqual({ verify: ['1'], settle: ['1'] })
})

test('without it the response phase verifies again', async () => {
  const local = await stack()
  await bothPhases(intercept(local), local.paidEvent(TOOL), hello, { shown: 'original' })
  expect(amounts(local)).toEqual({ verify: ['1', '1'], settle: ['1'] })
})

test.each(SHOWN)('a target never costs more than was verified (%s request)', async (shown) => {
  const local = await stack()
  const greedy = result({ content: [], _meta: { creditsToCharge: 50 } })
  await bothPhases(intercept(local, { credits: 2, maxCredits: 5 }), local.paidEvent(TOOL), greedy, {
    shown,
  })
  expect(local.balance()).toBe(95n)
})

test('a response handed over again is settled once', async () => {
  const local: Local = await stack()
  const { output } = await bothPhases(intercept(local), local.paidEvent(TOOL), hello, {
    responses: 3,
  })
  expect(receiptOf(output)).toMatchObject({ success: true })
  expect(local.balance()).toBe(99n)
})
