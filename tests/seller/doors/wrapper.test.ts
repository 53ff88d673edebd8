import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import {
  Payments,
  requiresPayment,
  type GatewayEvent,
  type InterceptorOutput,
  type PaidHandler,
  type VerifiedPayment,
} from '../../../src/index.js'
import { asked, correlationIds } from '../../support/recorded.js'
import {
  contextWith,
  eventOf,
  hello,
  receiptOf,
  responseOf,
  sell,
  stack,
  textOf,
  toolCall,
} from '../../support/seller.js'

const TOOL = 'T___hello'

test('the wrapper keeps the name of the handler and declares two parameters', async () => {
  const local = await stack()
  const greet: PaidHandler = (event, context, { credits }) =>
    [event.mcp.gatewayRequest.path, context.functionName, credits].join(' ')
  const wrapped = sell(local, greet)
  expect(wrapped.name).toBe('greet')
  expect(wrapped).toHaveLength(2)
})

test('the Lambda context reaches the handler, and may be undefined', async () => {
  const local = await stack()
  const seen: unknown[] = []
  const handler = sell(local, (_event, context) => {
    seen.push(context)
    return 'ok'
  })
  const context = contextWith(60_000)
  await handler(local.paidEvent(TOOL), context)
  const output = await handler(local.paidEvent(TOOL))
  expect(seen).toEqual([context, undefined])
  expect(textOf(output)).toBe('ok')
})

test('options alone make a function that wraps handlers', async () => {
  const local = await stack()
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const paid = requiresPayment({ payments, planId: local.planId, credits: 3 })
  const output = await paid(hello)(local.paidEvent(TOOL))
  expect(textOf(output)).toBe('Hello!')
  expect(local.balance()).toBe(97n)
})

test('options alone decorate a class method, which keeps its this', async () => {
  const local = await stack()
  const payments = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  class Tool {
    readonly #greeting: string
    constructor(greeting: string) {
      this.#greeting = greeting
    }

    @requiresPayment({ payments, planId: local.planId })
    async call(event: GatewayEvent, context?: Context, payment?: VerifiedPayment) {
      const { name } = event.mcp.gatewayRequest.body.params
      return [this.#greeting, name, context?.functionName, payment?.credits].join(' ')
    }
  }
  const tool = new Tool('Salut')
  const output: unknown = await tool.call(local.paidEvent(TOOL) as unknown as GatewayEvent)
  expect(textOf(output as InterceptorOutput)).toBe(`Salut ${TOOL}  1`)
  expect(tool.call.name).toBe('call')
  expect(local.balance()).toBe(99n)
})

test('calls that overlap in one container keep apart', async () => {
  const local = await stack()
  const poor = local.ledger.addAccount()
  local.ledger.credit(local.planId, poor.address, 5n)
  let release: () => void = () => undefined
  const bothIn = new Promise<void>((resolve) => (release = resolve))
  let running = 0
  const handler = sell(local, async (event, _context, payment) => {
    if (++running === 2) release()
    await bothIn
    const { name } = event.mcp.gatewayRequest.body.params
    return { content: [{ type: 'text', text: `${name} ${payment.payer ?? ''}` }] }
  })
  const [one, two] = await Promise.all([
    handler(local.paidEvent('T___one')),
    handler(local.paidEvent('T___two', {}, local.accessToken({ from: poor.address }))),
  ])
  expect(textOf(one)).toBe(`T___one ${local.subscriberAddress}`)
  expect(textOf(two)).toBe(`T___two ${poor.address}`)
  expect(receiptOf(one)).toMatchObject({ payer: local.subscriberAddress, remainingBalance: '99' })
  expect(receiptOf(two)).toMatchObject({ payer: poor.address, remainingBalance: '4' })
})

test.each<[string, PaidHandler]>([
  ['returns', () => 'done'],
  ['resolves', async () => 'done'],
])('a handler that %s its answer is sold', async (_, handler) => {
  const local = await stack()
  expect(textOf(await sell(local, handler)(local.paidEvent(TOOL)))).toBe('done')
  expect(local.balance()).toBe(99n)
})

test('the handler learns who paid how much, and never the token', async () => {
  const local = await stack()
  const token = local.accessToken()
  const seen: VerifiedPayment[] = []
  const handler: PaidHandler = (_event, _context, payment) => {
    seen.push(payment)
    return 'ok'
  }
  await sell(local, handler, { credits: 2, maxCredits: 9 })(local.paidEvent(TOOL, {}, token))
  expect(seen).toEqual([
    {
      payer: local.subscriberAddress,
      planId: local.planId,
      network: 'eip155:84532',
      scheme: 'nvm:erc4337',
      credits: 2n,
      maxCredits: 9n,
      agentRequestId: asked(local, 'settle')[0]?.agentRequestId,
      correlationId: correlationIds(local)[1],
    },
  ])
})

test('on a free call the handler is told of no payment, even if one came along', async () => {
  const local = await stack()
  const seen: VerifiedPayment[] = []
  const handler: PaidHandler = (_event, _context, payment) => {
    seen.push(payment)
    return 'ok'
  }
  const output = await sell(local, handler, { tools: { hello: 'free' } })(local.paidEvent(TOOL))
  expect(seen).toEqual([{ credits: 0n }])
  expect(receiptOf(output)).toBeUndefined()
  expect(local.balance()).toBe(100n)
})

test('the plan paid with is named where several are accepted', async () => {
  const local = await stack()
  const card = local.ledger.addPlan({ fiatProvider: 'stripe' }).planId
  local.ledger.credit(card, local.subscriberAddress, 10n)
  const handler: PaidHandler = (_event, _context, { planId, scheme, network }) =>
    [planId, scheme, network].join(' ')
  const sold = sell(local, handler, { planIds: [local.planId, card] })
  const output = await sold(local.paidEvent(TOOL, {}, local.accessToken({ planId: card })))
  expect(textOf(output)).toBe(`${card} nvm:card-delegation stripe`)
  expect(local.ledger.balance(card, local.subscriberAddress)).toBe(9n)
  expect(local.balance()).toBe(100n)
})

test('a RESPONSE-phase event passes through and settles nothing', async () => {
  const local = await stack()
  const event = local.paidEvent(TOOL) as { mcp: Record<string, unknown> }
  event.mcp['gatewayResponse'] = { statusCode: 201, headers: { a: 'b' }, body: { jsonrpc: '2.0' } }
  expect(await sell(local)(event)).toEqual({
    interceptorOutputVersion: '1.0',
    mcp: {
      transformedGatewayResponse: {
        statusCode: 201,
        headers: { a: 'b' },
        body: { jsonrpc: '2.0' },
      },
    },
  })
  expect(local.calls).toEqual([])
})

test('an empty gateway response still marks the RESPONSE phase', async () => {
  const local = await stack()
  const event = local.paidEvent(TOOL) as { mcp: Record<string, unknown> }
  event.mcp['gatewayResponse'] = {}
  expect(await sell(local)(event)).toEqual({
    interceptorOutputVersion: '1.0',
    mcp: { transformedGatewayResponse: {} },
  })
  expect(local.calls).toEqual([])
})

test.each<[string, unknown, number]>([
  ['nothing', undefined, -32600],
  ['null', null, -32600],
  ['text', 'event', -32600],
  ['a list', [], -32600],
  ['an empty object', {}, -32600],
  ['an API Gateway event', { httpMethod: 'POST', body: '{}' }, -32600],
  ['a Gateway event without request', { mcp: {} }, -32600],
  ['a batch', eventOf([toolCall(TOOL), toolCall(TOOL)]), -32600],
  ['a body that is text', eventOf('tools/call'), -32600],
  ['no body', eventOf(undefined), -32600],
  ['a request without method', eventOf({ jsonrpc: '2.0', id: 1 }), -32600],
  ['an id that is an object', eventOf(toolCall(TOOL, {}, { id: {} })), -32600],
  ['a tool call without params', eventOf({ jsonrpc: '2.0', id: 1, method: 'tools/call' }), -32602],
  ['a tool call without name', eventOf(toolCall('')), -32602],
  [
    'a tool call with a list of arguments',
    eventOf({ ...toolCall(TOOL), params: { name: TOOL, arguments: [1] } }),
    -32602,
  ],
])('%s is answered with a JSON-RPC error and never run', async (_, event, code) => {
  const local = await stack()
  let ran = false
  const handler = sell(local, () => {
    ran = true
    return 'ok'
  })
  const output = await handler(event)
  expect(responseOf(output)).toMatchObject({ statusCode: 200, body: { error: { code } } })
  expect(output.interceptorOutputVersion).toBe('1.0')
  expect(ran).toBe(false)
  expect(local.calls).toEqual([])
})

test('headers that are null are no headers', async () => {
  const local = await stack()
  const headers = { 'payment-signature': local.accessToken() }
  const output = await sell(local)(eventOf(toolCall(TOOL, { headers }), null))
  expect(textOf(output)).toBe('Hello!')
})

test.each([7, 0, '7', 'req-1', null])('the JSON-RPC id %p comes back as it was', async (id) => {
  const local = await stack()
  const handler = sell(local)
  const headers = { 'payment-signature': local.accessToken() }
  const paid = await handler(eventOf(toolCall(TOOL, {}, { id }), headers))
  const unpaid = await handler(eventOf(toolCall(TOOL, {}, { id })))
  expect(responseOf(paid).body.id).toBe(id)
  expect(responseOf(unpaid).body.id).toBe(id)
})

test('a tool call without id is neither run nor forwarded nor charged', async () => {
  const local = await stack()
  const { id, ...notification } = toolCall(TOOL)
  expect(id).toBe(1)
  const event = eventOf(notification, { 'payment-signature': local.accessToken() })
  expect(await sell(local, hello)(event)).toEqual({
    interceptorOutputVersion: '1.0',
    mcp: { transformedGatewayResponse: { statusCode: 202 } },
  })
  expect(local.calls).toEqual([])
})

test('neither Host header nor function name changes what is sold', async () => {
  const local = await stack()
  const handler = sell(local)
  const context = (name: string) => ({ ...contextWith(60_000), invokedFunctionArn: name })
  const headers = (host: string) => ({ host, 'payment-signature': local.accessToken() })
  await handler(eventOf(toolCall(TOOL), headers('a.example')), context('arn:aws:lambda:a'))
  await handler(eventOf(toolCall(TOOL), headers('b.example')), context('arn:aws:lambda:b'))
  const urls = (['verify', 'settle'] as const).flatMap((route) =>
    asked(local, route).map(({ paymentRequired }) => paymentRequired.resource.url),
  )
  expect(urls).toEqual(Array(4).fill(`mcp://tool/${TOOL}`))
})
