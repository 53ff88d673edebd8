import { expect, test } from '@jest/globals'
import type { InterceptorOutput, PaymentEvent } from '../../../src/index.js'
import { FUNCTION_URL } from '../../support/events.js'
import { intercept } from '../phases/support/phases.js'
import {
  challengeOf,
  eventOf,
  hello,
  receiptOf,
  responseOf,
  sell,
  stack,
  toolCall,
} from '../../support/seller.js'

const TOOL = 'T___hello'

test('other methods cost where the seller wants that, and tools/call no longer', async () => {
  const local = await stack()
  const handler = sell(local, hello, { billableMethods: ['resources/read'] })
  const body = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'file:///a' } }
  const unpaid = await handler(eventOf(body))
  expect(challengeOf(unpaid)?.resource.url).toBe('mcp://resources/read')
  const paid = await handler(eventOf(body, { 'payment-signature': local.accessToken() }))
  expect(receiptOf(paid)).toMatchObject({ success: true })
  const call = await handler(eventOf(toolCall(TOOL)))
  expect(call.mcp.transformedGatewayRequest).toBeDefined()
  expect(local.balance()).toBe(99n)
})

test('a method that is no tool is named by its method, to buyers and to the seller', async () => {
  const local = await stack()
  const told: PaymentEvent[] = []
  const options = {
    billableMethods: ['resources/read'],
    onEvent: (event: PaymentEvent) => void told.push(event),
  }
  const handler = sell(local, hello, options)
  const body = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'file:///a' } }
  const unpaid = await handler(eventOf(body))
  expect(responseOf(unpaid).body.error?.message).toMatch(/^Payment required for resources\/read: /)
  await handler(eventOf(body, { 'payment-signature': local.accessToken() }))
  expect(told.length).toBeGreaterThan(1)
  expect(new Set(told.map(({ tool }) => tool))).toEqual(new Set(['resources/read']))
})

test('a method that costs is not given away where only tools have plans', async () => {
  const local = await stack()
  const tools = { hello: { planId: local.planId } }
  const handler = sell(local, hello, { tools, billableMethods: ['tools/call', 'resources/read'] })
  const body = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'file:///a' } }
  const output = await handler(eventOf(body))
  expect(output.mcp.transformedGatewayRequest).toBeUndefined()
})

test.each(['Tools/Call', 'tools/call ', 'tool\u017f/call', 'tools\u200b/call', '\uff34ools/call'])(
  'the method %j is not forwarded past the payment: a lenient server would run a tool',
  async (method) => {
    const local = await stack()
    const event = eventOf({ ...toolCall(TOOL), method })
    const output = await intercept(local)(event)
    expect(output).toMatchObject({
      mcp: { transformedGatewayResponse: { body: { error: { code: -32601 } } } },
    })
    const own = await sell(local)(event)
    expect(own.mcp.transformedGatewayRequest).toBeUndefined()
  },
)

/** Longer than any method, with one that is sold in it. */
const LONG: [string, string][] = [
  ['spaces behind it', `tools/call${' '.repeat(300)}`],
  ['spaces before it', `${' '.repeat(300)}tools/call`],
  ['combining marks behind it', `tools/call${'\u0301'.repeat(300)}`],
  ['marks that nobody sees behind it', `tools/call${'\u200b'.repeat(300)}`],
  ['a million spaces behind it', `tools/call${' '.repeat(1_000_000)}`],
]

test.each(LONG)(
  'a method that is sold, with %s, is refused by both doors and forwarded by none',
  async (_, method) => {
    const local = await stack()
    const body = { ...toolCall(TOOL), method }
    const event = eventOf(body, { 'payment-signature': local.accessToken() })
    for (const door of [
      sell(local),
      sell(local, hello, { otherMethods: 'handler' }),
      intercept(local),
    ]) {
      const { mcp } = (await door(event)) as InterceptorOutput
      expect(mcp.transformedGatewayRequest).toBeUndefined()
      expect(mcp.transformedGatewayResponse).toMatchObject({ body: { error: { code: -32601 } } })
    }
    expect([local.calls, local.balance()]).toEqual([[], 100n])
  },
)

test.each(LONG)(
  'nor does a handler behind a Function URL run for one with %s',
  async (_, method) => {
    const local = await stack()
    let runs = 0
    const handler = sell(local, (...args) => (runs++, hello(...args)), { otherMethods: 'handler' })
    const said = FUNCTION_URL.said(
      await handler(FUNCTION_URL.event({ body: { ...toolCall(TOOL), method } })),
    )
    expect(said).toMatchObject({ status: 404, message: { error: { code: -32601 } } })
    expect(runs).toBe(0)
  },
)
