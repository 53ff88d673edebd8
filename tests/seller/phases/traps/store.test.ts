import { expect, test } from '@jest/globals'
import type { GatewayEvent } from '../../../../src/index.js'
import type { Local } from '../../../../src/local/index.js'
import { TOOL, delivered, mcpOf, rawEvent, responseTo } from '../../../support/doors.js'
import { memoryStore } from '../support/memory-store.js'
import { outcomeOf } from '../../../support/outcome.js'
import { paid } from '../support/paid-phases.js'
import { hello, intercept } from '../support/phases.js'
import { amounts } from '../../../support/recorded.js'
import { receiptOf, stack, textOf, toolCall } from '../../../support/seller.js'

type Fields = Record<string, unknown>

/** The price is the buyer's to choose by the arguments, and may be nothing. */
const credits = ({ mcp }: GatewayEvent) =>
  mcp.gatewayRequest.body.params.arguments['cost'] as number
const costing = (cost: number, token: string) =>
  rawEvent(toolCall(TOOL, { cost }), { 'payment-signature': token })

/** Two requests that come in before their responses, which are shown the requests as they came. */
async function atOnce(local: Local, options: object, events: Fields[]) {
  const handle = intercept(local, options)
  for (const event of events) await handle(event)
  const outputs = []
  for (const event of events) outputs.push(mcpOf(await handle(responseTo(event, delivered()))))
  return outputs
}

test('a call that is free does not make free another one of its id', async () => {
  const local = await stack()
  const token = local.accessToken()
  for (const store of [memoryStore(), lastOf(memoryStore())]) {
    const before = local.balance()
    const [dear, free] = await atOnce(local, { credits, store }, [
      costing(5, token),
      costing(0, token),
    ])
    expect(receiptOf(dear as never)).toMatchObject({ creditsRedeemed: '5' })
    expect(textOf(free as never)).toBe('Hello!')
    expect(local.balance()).toBe(before - 5n)
  }
})

/** A store that hands out what was put last, whatever it is asked for. */
function lastOf(store: ReturnType<typeof memoryStore>) {
  let last: string | undefined
  const put = async (_key: string, value: string) => void (last = value)
  return { ...store, put, take: async () => last }
}

test('two buyers of the same call are each verified once and charged for their own', async () => {
  const local = await stack()
  const other = local.ledger.addAccount()
  local.ledger.credit(local.planId, other.address, 10n)
  const tokens = [local.accessToken(), local.accessToken({ from: other.address })]
  const events = tokens.map((token) => rawEvent(toolCall(TOOL), { 'payment-signature': token }))
  const outputs = await atOnce(local, { store: memoryStore() }, events)
  expect(outputs.map(outcomeOf)).toEqual(['settled', 'settled'])
  expect(outputs.map((output) => receiptOf(output)?.['payer'])).toEqual([
    local.subscriberAddress,
    other.address,
  ])
  expect(amounts(local)).toEqual({ verify: ['1', '1'], settle: ['1', '1'] })
})

test.each<[string, object]>([
  ['by the forwarded request', { shown: 'transformed' }],
  ['by a store', { shown: 'original', store: true }],
])('a price that was nothing stays nothing, told %s', async (_, how) => {
  const { shown, store } = how as { shown: 'original' | 'transformed'; store?: boolean }
  const prices = [0, 5]
  const options = {
    credits: () => prices.shift() ?? 5,
    ...(store === true && { store: memoryStore() }),
  }
  const { local, output } = await paid(shown, options, hello)
  expect(textOf(output)).toBe('Hello!')
  expect([amounts(local), local.balance()]).toEqual([{ verify: [], settle: [] }, 100n])
})

test.each([undefined, null, '', 'junk', 7, {}])(
  'a store that gives %p gives nothing',
  async (value) => {
    const store = { put: async () => undefined, take: async () => value as string }
    const { local, output } = await paid('original', { store }, hello)
    expect(outcomeOf(output)).toBe('settled')
    expect(amounts(local)).toEqual({ verify: ['1', '1'], settle: ['1'] })
  },
)

test('what is kept is kept for as long as the Gateway may wait', async () => {
  const kept: unknown[][] = []
  const store = { put: async (...args: unknown[]) => void kept.push(args), take: async () => null }
  await paid('original', { store }, hello)
  expect(kept).toEqual([[expect.any(String), expect.any(String), 960]])
})
