// What the originals' quick starts promise: a handler wrapped with a plan and a price sells, and nothing else
// has to be set.
import { expect, test } from '@jest/globals'
import { Payments, requiresPayment, type McpResult, type PaidHandler } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { challengeOf, receiptOf, stack, textOf } from '../../support/seller.js'

const readme: PaidHandler<{ name?: string }> = async (event) => {
  const { name = 'world' } = event.mcp.gatewayRequest.body.params.arguments
  return { content: [{ type: 'text', text: `Hello, ${name}!` }] }
}

function wrapped(local: Local, handler: PaidHandler<{ name?: string }> = readme) {
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  return requiresPayment(handler, { payments, planId: local.planId, credits: 1 })
}

// A Gateway prefixes a tool with its target; the originals' examples use bare names, too.
test.each(['getPatient', 'Clinic___getPatient'])(
  'the handler of the README sells the tool %s',
  async (tool) => {
    const local = await stack()
    const handler = wrapped(local)
    const unpaid = await handler(local.paidEvent(tool, { name: 'Ada' }, null))
    expect(textOf(unpaid)).not.toContain('Hello')
    expect(challengeOf(unpaid)).toMatchObject({
      x402Version: 2,
      resource: { url: `mcp://tool/${tool}` },
      accepts: [{ planId: local.planId }],
    })
    expect(local.balance()).toBe(100n)

    const paid = await handler(local.paidEvent(tool, { name: 'Ada' }))
    expect(textOf(paid)).toBe('Hello, Ada!')
    expect(receiptOf(paid)).toMatchObject({ success: true, creditsRedeemed: '1' })
    expect(local.balance()).toBe(99n)
  },
)

test('a bare tool name costs what the handler says', async () => {
  const local = await stack()
  const answer: McpResult = {
    content: [{ type: 'text', text: 'two' }],
    _meta: { creditsToCharge: 2 },
  }
  const paid = await wrapped(local, () => answer)(local.paidEvent('getPatient'))
  expect(receiptOf(paid)).toMatchObject({ success: true, creditsRedeemed: '2' })
  expect(local.balance()).toBe(98n)
})
