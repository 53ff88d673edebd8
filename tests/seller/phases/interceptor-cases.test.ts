import { expect, test } from '@jest/globals'
import {
  OptionsError,
  Payments,
  createInterceptor,
  createLambdaHandler,
  type InterceptorOptions,
} from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { seller } from '../../client/support/client.js'
import { TOOL, mcpOf, rawEvent, responseTo } from '../../support/doors.js'
import { memoryStore } from './support/memory-store.js'
import { countOf, outcomeOf } from '../../support/outcome.js'
import { paid } from './support/paid-phases.js'
import {
  bothPhases,
  hello,
  intercept,
  interceptorOptions,
  result,
  SHOWN,
} from './support/phases.js'
import { amounts, asked } from '../../support/recorded.js'
import {
  challengeHeaderOf,
  challengeOf,
  receiptOf,
  responseOf,
  stack,
  toolCall,
} from '../../support/seller.js'

const CONTENT = [{ type: 'text', text: 'Hello!' }]
const listing = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
const unpaid = (tool: string) => rawEvent(toolCall(tool))

/** What the buyer of a tool is asked to pay. */
async function offer(local: Local, options: object, tool = TOOL) {
  const output = mcpOf(await intercept(local, options)(unpaid(tool)))
  const challenge = challengeOf(output)
  const price = challengeHeaderOf(output)?.['extensions'] as Record<string, unknown>
  return { ...challenge, price: price['agentcore-x402/credits'] }
}
const planIdsOf = ({ accepts = [] }: Awaited<ReturnType<typeof offer>>) =>
  accepts.map(({ planId }) => planId)

test.each<[string, (options: InterceptorOptions) => unknown]>([
  ['createInterceptor', createInterceptor],
  ['createLambdaHandler', createLambdaHandler],
  [
    'payments.agentcore.createInterceptor',
    (options) => (options.payments as Payments).agentcore.createInterceptor(options),
  ],
  [
    'payments.agentcore.createLambdaHandler',
    (options) => (options.payments as Payments).agentcore.createLambdaHandler(options),
  ],
])('%s says at once which option is wrong', async (_, create) => {
  const local = await stack()
  const options = interceptorOptions(local)
  const wrong: [string, object][] = [
    ['planId', { planId: undefined }],
    ['planIds', { planIds: [local.planId] }],
    ['tools.a.planIds', { tools: { a: { planId: '1', planIds: ['2'] } } }],
    ['tools.a.planId', { planId: undefined, tools: { a: { credits: 1 } } }],
    ['endpoint', { agentId: 'a' }],
    ['credits', { credits: 0.5 }],
    ['secret', { secret: 'short' }],
    ['secret', { secret: 7 }],
    ['store', { store: { put: () => undefined } }],
    ['default_credits', { default_credits: 1 }],
  ]
  for (const [option, more] of wrong) {
    const make = () => create({ ...options, ...more })
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_options', option }))
    expect(make).toThrow(OptionsError)
  }
})

test('a store needs a secret, where the client gives none to derive', async () => {
  const local = await stack()
  const { facilitator } = seller(local)
  const options = { facilitator, scheme: 's', network: 'n', planId: '1', store: memoryStore() }
  expect(() => createInterceptor(options)).toThrow(expect.objectContaining({ option: 'secret' }))
  const handler = createInterceptor({ ...options, secret: 'x'.repeat(32) }).handle
  expect(handler).toBeInstanceOf(Function)
})

test('one plan is asked for', async () => {
  const local = await stack()
  expect(planIdsOf(await offer(local, {}))).toEqual([local.planId])
})

test('every plan is asked for, in challenge, verify and settle alike', async () => {
  const local = await stack()
  const planIds = [local.planId, local.ledger.addPlan().planId]
  expect(planIdsOf(await offer(local, { planIds }))).toEqual(planIds)
  await bothPhases(intercept(local, { planIds }), local.paidEvent(TOOL))
  const accepted = [...asked(local, 'verify'), ...asked(local, 'settle')].map((it) =>
    it.paymentRequired.accepts.map(({ planId }) => planId),
  )
  expect(accepted).toEqual([planIds, planIds])
})

test.each(SHOWN)('every tool has its own price (%s request)', async (shown) => {
  const tools = { one: { credits: 1 }, five: { credits: 5 } }
  for (const [tool, credits] of [
    ['T___one', '1'],
    ['T___five', '5'],
  ] as const) {
    const local = await stack()
    const options = { planId: local.planId, tools }
    expect((await offer(local, options, tool)).price).toEqual({ info: { credits } })
    const { local: sold } = await paid(shown, options, hello, {
      local,
      event: () => local.paidEvent(tool),
    })
    expect(amounts(sold)).toMatchObject({ settle: [credits] })
  }
})

test('a tool may have a plan of its own', async () => {
  const local = await stack()
  const planId = local.ledger.addPlan().planId
  const tools = { own: { planId }, both: { planIds: [planId, local.planId] } }
  const options = { planId: local.planId, tools }
  expect(planIdsOf(await offer(local, options, 'T___own'))).toEqual([planId])
  expect(planIdsOf(await offer(local, options, 'T___both'))).toEqual([planId, local.planId])
  expect(planIdsOf(await offer(local, options, 'T___other'))).toEqual([local.planId])
})

test('methods that cost nothing are forwarded, and nobody is asked', async () => {
  const local = await stack()
  const output = await intercept(local)(rawEvent(listing))
  expect(output).toEqual({
    interceptorOutputVersion: '1.0',
    mcp: { transformedGatewayRequest: { headers: {}, body: listing } },
  })
  expect(local.calls).toEqual([])
})

test('a call without payment is answered with a challenge', async () => {
  const local = await stack()
  const output = mcpOf(await intercept(local)(unpaid(TOOL)))
  expect(responseOf(output)).toMatchObject({
    statusCode: 200,
    body: { id: 1, result: { isError: true, _meta: { x402: true } } },
  })
  expect(challengeHeaderOf(output)).toMatchObject({ accepts: [{ planId: local.planId }] })
  expect(countOf(local, 'verify')).toBe(0)
})

test('a paid call is verified once and forwarded', async () => {
  const local = await stack()
  const output = mcpOf(await intercept(local)(local.paidEvent(TOOL)))
  expect(Object.keys(output)).toEqual(['interceptorOutputVersion', 'mcp'])
  expect(output).toMatchObject({ mcp: { transformedGatewayRequest: { body: toolCall(TOOL) } } })
  expect(responseOf(output)).toBeUndefined()
  expect(amounts(local)).toEqual({ verify: ['1'], settle: [] })
})

test('a payment that is refused is answered with a challenge', async () => {
  const local = await stack()
  local.faults.set({ route: 'verify', kind: 'refuse', reason: 'Too poor' })
  const output = mcpOf(await intercept(local)(local.paidEvent(TOOL)))
  expect(challengeOf(output)?.error).toBe('verification failed: Too poor')
})

test.each(SHOWN)(
  'what was delivered is settled once, with a receipt (%s request)',
  async (shown) => {
    const { local, output } = await paid(shown)
    expect(receiptOf(output)).toMatchObject({
      success: true,
      network: 'eip155:84532',
      creditsRedeemed: '1',
      remainingBalance: '99',
      transactionHash: local.ledger.settlements[0]?.transaction,
    })
    expect(countOf(local, 'settle')).toBe(1)
  },
)

test.each(SHOWN)('the credits a target asks for are settled (%s request)', async (shown) => {
  const target = result({ content: CONTENT, _meta: { creditsToCharge: 2 } })
  const { local } = await paid(shown, { credits: 3 }, target)
  expect(amounts(local).settle).toEqual(['2'])
})

test.each(SHOWN)(
  'the credits a function says are verified and settled (%s request)',
  async (shown) => {
    const { local } = await paid(shown, { credits: () => 3 })
    expect(new Set(amounts(local).verify)).toEqual(new Set(['3']))
    expect(amounts(local).settle).toEqual(['3'])
  },
)

test('a response with status 500 is not settled', async () => {
  const local = await stack()
  const failed = { statusCode: 500, headers: {}, body: { jsonrpc: '2.0', id: 1, result: {} } }
  const output = mcpOf(await intercept(local)(responseTo(local.paidEvent(TOOL), failed)))
  expect(output.mcp).toEqual({ transformedGatewayResponse: failed })
  expect(local.calls).toEqual([])
})

test('a response whose request was not paid is neither settled nor passed on', async () => {
  const local = await stack()
  const body = { jsonrpc: '2.0', id: 1, result: { content: CONTENT } }
  const output = mcpOf(
    await intercept(local)(responseTo(unpaid(TOOL), { statusCode: 200, headers: {}, body })),
  )
  expect(JSON.stringify(output)).not.toContain('Hello!')
  expect(challengeOf(output)?.error).toBe('payment required')
  expect(amounts(local)).toEqual({ verify: [], settle: [] })
})

test('the Lambda handler is the handle, and takes no context', async () => {
  const local = await stack()
  const handler = createLambdaHandler(interceptorOptions(local))
  expect(handler).toHaveLength(2)
  const { output } = await bothPhases((event) => handler(event, undefined), local.paidEvent(TOOL))
  expect(outcomeOf(output)).toBe('settled')
})

test('header and methods are the seller’s choice', async () => {
  const local = await stack()
  const options = { tokenHeader: 'X-Own', billableMethods: ['resources/read'] }
  const reading = { jsonrpc: '2.0', id: 1, method: 'resources/read' }
  const handle = intercept(local, options)
  const event = rawEvent(reading, { 'x-own': local.accessToken() })
  expect(outcomeOf((await bothPhases(handle, event)).output)).toBe('settled')
  expect(await handle(unpaid(TOOL))).toHaveProperty('mcp.transformedGatewayRequest')
})
