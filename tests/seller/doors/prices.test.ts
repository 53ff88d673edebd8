import { expect, jest, test } from '@jest/globals'
import {
  Payments,
  requiresPayment,
  type GatewayEvent,
  type PaidHandler,
  type RequiresPaymentOptions,
} from '../../../src/index.js'
import { amounts, asked } from '../../support/recorded.js'
import {
  allTextOf,
  challengeHeaderOf,
  challengeOf,
  contextWith,
  eventOf,
  hello,
  receiptOf,
  recordingLogger,
  responseOf,
  sell,
  silent,
  stack,
  textOf,
} from '../../support/seller.js'

const TOOL = 'T___hello'

test.each<[string, RequiresPaymentOptions['credits'], string]>([
  ['one credit by default', undefined, '1'],
  ['a fixed number', 5, '5'],
  ['a fixed bigint', 7n, '7'],
  ['what a function says', () => 4, '4'],
  ['what an async function says', async () => 6n, '6'],
  [
    'what the arguments make it',
    ({ mcp }) => (mcp.gatewayRequest.body.params.arguments['detailed'] === true ? 10 : 2),
    '10',
  ],
  ['what the number of arguments makes it', argumentsTimesTwo, '4'],
])('the price is %s', async (_, credits, expected) => {
  const local = await stack()
  await sell(local, hello, { credits })(local.paidEvent(TOOL, { detailed: true, b: 2 }))
  expect(amounts(local)).toEqual({ verify: [expected], settle: [expected] })
  expect(local.balance()).toBe(100n - BigInt(expected))
})

function argumentsTimesTwo({ mcp }: GatewayEvent): number {
  return 2 * Object.keys(mcp.gatewayRequest.body.params.arguments).length
}

test('a price function is asked once, with the event without payment and the context', async () => {
  const local = await stack()
  const credits = jest.fn<(...args: unknown[]) => number>(() => 2)
  const token = local.accessToken()
  const context = contextWith(60_000)
  await sell(local, hello, { credits })(local.paidEvent(TOOL, {}, token), context)
  expect(credits.mock.calls).toEqual([
    [expect.objectContaining({ mcp: expect.anything() }), context],
  ])
  expect(JSON.stringify(credits.mock.calls)).not.toContain(token)
})

test.each<[string, () => unknown]>([
  ['a fraction', () => 0.5],
  ['a negative number', () => -1],
  ['a text', () => '5'],
  ['nothing', () => undefined],
  ['NaN', () => Number.NaN],
  ['more than a safe integer', () => 2 ** 53],
  ['a rejection', () => Promise.reject(new Error('hunter2'))],
  [
    'an exception',
    () => {
      throw new Error('hunter2')
    },
  ],
  ['more than maxCredits', () => 51],
])('a price function that gives %s stops the call before anything runs', async (_, price) => {
  const local = await stack()
  const logger = recordingLogger()
  const handler = jest.fn(hello)
  const credits = price as () => number
  const sold = sell(local, handler, { credits, maxCredits: 50, logger })
  const output = await sold(local.paidEvent(TOOL))
  expect(allTextOf(output)).toMatch(/not charged/)
  expect(JSON.stringify(output)).not.toContain('hunter2')
  expect(challengeOf(output)).toBeUndefined()
  expect(challengeHeaderOf(output)).toBeUndefined()
  expect(handler).not.toHaveBeenCalled()
  expect(amounts(local)).toEqual({ verify: [], settle: [] })
  expect(logger.lines).toMatchObject([{ level: 'error', details: { code: 'price_invalid' } }])
})

test.each<[string, RequiresPaymentOptions['credits']]>([
  ['fixed', 0],
  ['computed', () => 0],
])('a %s price of zero asks for no payment', async (_, credits) => {
  const local = await stack()
  const output = await sell(local, hello, { credits })(local.paidEvent(TOOL, {}, null))
  expect(textOf(output)).toBe('Hello!')
  expect(receiptOf(output)).toBeUndefined()
  expect(local.calls).toEqual([])
})

test('a price of zero up to a maximum is verified and charges what the handler says', async () => {
  const local = await stack()
  const answer = { content: [], _meta: { creditsToCharge: 4 } }
  const handler = sell(local, () => answer, { credits: 0, maxCredits: 9 })
  expect(challengeOf(await handler(local.paidEvent(TOOL, {}, null)))).toBeDefined()
  await handler(local.paidEvent(TOOL))
  expect(amounts(local)).toEqual({ verify: ['9'], settle: ['4'] })
})

test('every plan is offered in order, each with its own scheme and network', async () => {
  const local = await stack()
  const stripe = local.ledger.addPlan({ fiatProvider: 'stripe' }).planId
  const visa = local.ledger.addPlan({ fiatProvider: 'visa' }).planId
  const endpoint = 'https://seller.example/mcp'
  const planIds = [stripe, local.planId, visa]
  const handler = sell(local, hello, { planIds, agentId: 'agent-1', endpoint })
  const unpaid = await handler(local.paidEvent(TOOL, {}, null))
  const extra = { version: '1', agentId: 'agent-1', httpVerb: 'POST' }
  const accepts = [
    { scheme: 'nvm:card-delegation', network: 'stripe', planId: stripe, extra },
    { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: local.planId, extra },
    { scheme: 'nvm:card-delegation', network: 'visa', planId: visa, extra },
  ]
  expect(challengeOf(unpaid)?.accepts).toEqual(accepts)
  await handler(local.paidEvent(TOOL))
  expect(asked(local, 'verify')[0]?.paymentRequired.accepts).toEqual(accepts)
  expect(local.balance()).toBe(99n)
})

test('a plan paid by card is offered as such', async () => {
  const local = await stack({ plan: { fiatProvider: 'braintree' } })
  const handler = sell(local)
  const unpaid = await handler(local.paidEvent(TOOL, {}, null))
  expect(challengeOf(unpaid)?.accepts).toMatchObject([
    { scheme: 'nvm:card-delegation', network: 'braintree' },
  ])
  expect(textOf(await handler(local.paidEvent(TOOL)))).toBe('Hello!')
})

test('scheme and network that are given are not looked up', async () => {
  const local = await stack()
  const handler = sell(local, hello, { scheme: 'nvm:erc4337', network: 'eip155:84532' })
  expect(textOf(await handler(local.paidEvent(TOOL)))).toBe('Hello!')
  expect(local.calls.map(({ route }) => route)).toEqual(['verify', 'settle'])
})

const lookUps = (local: Awaited<ReturnType<typeof stack>>) =>
  local.calls.filter(({ route }) => route === 'plan').length

test('a plan is looked up once in five minutes, and served stale while it is refreshed', async () => {
  const local = await stack()
  let nowMs = 0
  const handler = sell(local, hello, { now: () => nowMs })
  await handler(local.paidEvent(TOOL))
  nowMs += 299_999
  await handler(local.paidEvent(TOOL))
  expect(lookUps(local)).toBe(1)
  nowMs += 1
  local.faults.set({ route: 'plan', kind: 'error' })
  expect(textOf(await handler(local.paidEvent(TOOL)))).toBe('Hello!')
  expect(lookUps(local)).toBe(2)
})

test('a failed look-up is remembered for ten seconds', async () => {
  const local = await stack()
  let nowMs = 0
  local.faults.set({ route: 'plan', kind: 'error' })
  const handler = sell(local, hello, { now: () => nowMs })
  await handler(local.paidEvent(TOOL))
  nowMs += 9_999
  expect(challengeOf(await handler(local.paidEvent(TOOL, {}, null)))).toBeUndefined()
  expect(lookUps(local)).toBe(1)
  nowMs += 1
  expect(textOf(await handler(local.paidEvent(TOOL)))).toBe('Hello!')
})

test('a look-up gets no more time than the invocation has left', async () => {
  const local = await stack()
  const getPlan = () => new Promise<never>(() => undefined)
  const { facilitator } = Payments.getInstance({
    nvmApiKey: local.nvmApiKey,
    backendUrl: local.url,
  })
  const payments = { facilitator, plans: { getPlan } }
  const limits = { verifyTimeoutMs: 1_500, logger: silent }
  const handler = requiresPayment(hello, { payments, planId: local.planId, ...limits })
  const output = await handler(local.paidEvent(TOOL), contextWith(1_100))
  expect(allTextOf(output)).toMatch(/try again later/i)
}, 1_000)

test.each([
  ['by its full name', 'Weather___forecast', '2'],
  ['by its bare name', 'News___forecast', '3'],
  ['by its bare name without target', 'forecast', '3'],
  ['split at the first ___', 'T___a___b', '4'],
  ['not by the text after the last ___', 'T___x___forecast', '9'],
  ['by the default where it has no row', 'T___other', '9'],
])('a tool is priced %s', async (_, tool, credits) => {
  const local = await stack()
  const tools = {
    forecast: { credits: 3 },
    Weather___forecast: { credits: 2 },
    a___b: { credits: 4 },
    b: { credits: 5 },
  }
  await sell(local, hello, { planId: local.planId, credits: 9, tools })(local.paidEvent(tool))
  expect(amounts(local).settle).toEqual([credits])
})

test('a row takes from the defaults only what it leaves out', async () => {
  const local = await stack()
  const other = local.ledger.addPlan().planId
  const tools = { hello: { planId: other, description: 'Own' }, plain: {} }
  const handler = sell(local, hello, {
    planId: local.planId,
    credits: 2,
    maxCredits: 8,
    description: 'Default',
    tools,
  })
  const own = challengeOf(await handler(local.paidEvent('T___hello', {}, null)))
  const plain = challengeOf(await handler(local.paidEvent('T___plain', {}, null)))
  expect(own).toMatchObject({ resource: { description: 'Own' }, accepts: [{ planId: other }] })
  expect(plain).toMatchObject({
    resource: { description: 'Default' },
    accepts: [{ planId: local.planId }],
  })
  await handler(local.paidEvent('T___plain'))
  expect(amounts(local)).toEqual({ verify: ['8'], settle: ['2'] })
})

test.each(['T___other', 'other', 'constructor', '__proto__'])(
  'the tool %s that no row and no plan covers is unknown, and never run',
  async (tool) => {
    const local = await stack()
    const handler = jest.fn(hello)
    const tools = { hello: { planId: local.planId } }
    const output = await sell(local, handler, { tools })(local.paidEvent(tool))
    expect(responseOf(output)).toMatchObject({
      statusCode: 200,
      body: { id: 1, error: { code: -32602 } },
    })
    expect(handler).not.toHaveBeenCalled()
    expect(local.calls).toEqual([])
  },
)

const SEARCH = 'x_amz_bedrock_agentcore_search'

test('the Gateway’s own search is forwarded free of charge', async () => {
  const local = await stack()
  const handler = jest.fn(hello)
  const output = await sell(local, handler)(local.paidEvent(SEARCH, { query: 'q' }, null))
  expect(output.mcp.transformedGatewayRequest?.body).toMatchObject({ params: { name: SEARCH } })
  expect(handler).not.toHaveBeenCalled()
})

test('the Gateway’s own search costs where a row says so', async () => {
  const local = await stack()
  const tools = { [SEARCH]: { planId: local.planId, credits: 2 } }
  const handler = sell(local, hello, { tools })
  expect(challengeOf(await handler(local.paidEvent(SEARCH, {}, null)))).toBeDefined()
  await handler(local.paidEvent(SEARCH))
  expect(local.balance()).toBe(98n)
})

test.each(['initialize', 'tools/list', 'ping', 'resources/read'])(
  '%s is forwarded free of charge by default',
  async (method) => {
    const local = await stack()
    const handler = jest.fn(hello)
    const body = { jsonrpc: '2.0', id: 1, method }
    const output = await sell(local, handler)(eventOf(body, { 'x-other': 'kept' }))
    expect(output).toEqual({
      interceptorOutputVersion: '1.0',
      mcp: { transformedGatewayRequest: { headers: { 'x-other': 'kept' }, body } },
    })
    expect(handler).not.toHaveBeenCalled()
    expect(local.calls).toEqual([])
  },
)

test('a notification is forwarded', async () => {
  const local = await stack()
  const body = { jsonrpc: '2.0', method: 'notifications/initialized' }
  const output = await sell(local)(eventOf(body))
  expect(output.mcp.transformedGatewayRequest?.body).toEqual(body)
})

test('the handler answers free methods where the seller wants that', async () => {
  const local = await stack()
  const tools: PaidHandler = (event) => event.mcp.gatewayRequest.body.method
  const handler = sell(local, tools, { otherMethods: 'handler' })
  const output = await handler(eventOf({ jsonrpc: '2.0', id: 'a', method: 'tools/list' }))
  expect(textOf(output)).toBe('tools/list')
  expect(responseOf(output).body.id).toBe('a')
  expect(local.calls).toEqual([])
})

test('pay-as-you-go plans settle without redeeming credits', async () => {
  const local = await stack({ plan: { billingModel: 'pay-as-you-go' } })
  const used: bigint[] = []
  const handler = sell(local, hello, { onAfterSettle: (credits) => void used.push(credits) })
  const { delegationId } = local.ledger.addDelegation(local.subscriberAddress, {
    spendingLimitCents: 500n,
  })
  const output = await handler(local.paidEvent(TOOL, {}, local.accessToken({ delegationId })))
  const [settlement] = local.ledger.settlements
  expect(textOf(output)).toBe('Hello!')
  expect(receiptOf(output)).toMatchObject({ creditsRedeemed: '0', orderTx: settlement?.orderTx })
  expect(used).toEqual([0n])
})
