import { expect, test } from '@jest/globals'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import type { GatewayEvent, VerifiedPayment } from '../../../src/index.js'
import { localContext } from '../../../src/local/index.js'
import { challengeOf, sell, stack, textOf } from '../../support/seller.js'

// docs/selling.md: inside middy, the third argument is middy's own.

const answer = { content: [{ type: 'text', text: 'Hello!' }] }

test("a tool inside middy is sold, though it is not handed the payment: its third argument is middy's", async () => {
  const local = await stack()
  const given: unknown[] = []
  const chain = middy<GatewayEvent>().handler((_, __, third) => {
    given.push(third)
    return answer
  })
  const handler = sell(local, chain as never)
  const output = await handler(local.paidEvent('T___hello', {}), localContext())
  expect(textOf(output)).toBe('Hello!')
  expect(given).toEqual([{ signal: expect.any(AbortSignal) }])
  expect(local.balance()).toBe(99n)
})

test('handed on in the context, the payment arrives, and the context is still that of Lambda', async () => {
  const local = await stack()
  const seen: (Context & { payment: VerifiedPayment })[] = []
  const chain = middy<GatewayEvent, typeof answer, Error, Context & { payment: VerifiedPayment }>()
    .before(({ context }) => void seen.push(context))
    .handler((_, context) => {
      seen.push(context)
      return answer
    })
  const handler = sell(local, (event: GatewayEvent, context: Context, payment: VerifiedPayment) =>
    chain(event, { ...context, payment }),
  )
  const unpaid = await handler(local.paidEvent('T___hello', {}, null), localContext())
  expect(challengeOf(unpaid)).toBeDefined()
  expect(seen).toEqual([])
  await handler(local.paidEvent('T___hello', {}), localContext())
  const [before, inside] = seen
  expect(inside).toBe(before)
  expect(inside?.payment).toMatchObject({ planId: local.planId, credits: 1n })
  expect(inside?.getRemainingTimeInMillis()).toBeGreaterThan(0)
})
