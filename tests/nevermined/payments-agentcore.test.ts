import { expect, jest, test } from '@jest/globals'
import type { AgentCoreOptions, Payments } from '../../src/index.js'
import type { Local } from '../../src/local/index.js'
import { seller } from '../client/support/client.js'
import { TOOL, rawEvent } from '../support/doors.js'
import { memoryStore } from '../seller/phases/support/memory-store.js'
import { countOf, outcomeOf } from '../support/outcome.js'
import { bothPhases, intercept } from '../seller/phases/support/phases.js'
import { amounts, asked } from '../support/recorded.js'
import { silent, stack, toolCall } from '../support/seller.js'

const CONTENT = [{ type: 'text', text: 'Hello!' }]

/** The property of the client, with its own plan. */
const selling = ({ planId }: Local, options: object = {}): AgentCoreOptions => ({
  planId,
  logger: silent,
  ...options,
})

test('payments.agentcore is made on first use, and then the same', async () => {
  const local = await stack()
  const payments = seller(local)
  const { agentcore } = payments
  expect(payments.agentcore).toBe(agentcore)
  expect(seller(local).agentcore).not.toBe(agentcore)
  expect(Object.keys(agentcore)).toEqual(['createInterceptor', 'createLambdaHandler'])
  expect(Object.isFrozen(agentcore)).toBe(true)
  expect(local.calls).toEqual([])
})

test.each<
  [string, (payments: Payments, options: AgentCoreOptions) => ReturnType<typeof intercept>]
>([
  ['createInterceptor', ({ agentcore }, options) => agentcore.createInterceptor(options).handle],
  ['createLambdaHandler', ({ agentcore }, options) => agentcore.createLambdaHandler(options)],
])('payments.agentcore.%s sells through that client', async (_, create) => {
  const local = await stack()
  const payments = seller(local)
  const verify = jest.spyOn(payments.facilitator, 'verifyPermissions')
  const settle = jest.spyOn(payments.facilitator, 'settlePermissions')
  const getPlan = jest.spyOn(payments.plans, 'getPlan')
  const handle = create(payments, selling(local))
  const { output } = await bothPhases(handle, local.paidEvent(TOOL))
  expect(outcomeOf(output)).toBe('settled')
  expect([verify, settle, getPlan].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1])
})

test('payments.agentcore sells through no other client, whatever the options say', async () => {
  const local = await stack()
  const other = await stack()
  const options = selling(local, {
    payments: seller(other),
    facilitator: seller(other).facilitator,
  })
  const handle = seller(local).agentcore.createLambdaHandler(options)
  await bothPhases(handle, local.paidEvent(TOOL))
  expect([local.balance(), other.calls]).toEqual([99n, []])
})

test('payments.agentcore takes every option', async () => {
  const local = await stack()
  const store = memoryStore()
  const secret = jest.fn(() => 's'.repeat(32))
  const hooks = { onBeforeVerify: jest.fn(), onAfterVerify: jest.fn(), onAfterSettle: jest.fn() }
  const options = selling(local, {
    ...hooks,
    secret,
    store,
    credits: 3,
    maxCredits: 6,
    agentId: 'agent-1',
    endpoint: 'https://seller.example/mcp',
    network: 'eip155:84532',
    scheme: 'nvm:erc4337',
    description: 'Greets',
    mimeType: 'text/plain',
    tokenHeader: 'x-own',
    tools: { hello: { maxCredits: 5 } },
    creditsFrom: ['body'],
    chargeOnError: true,
    forwardAuthorization: true,
  })
  const handle = seller(local).agentcore.createInterceptor(options).handle
  const headers = { 'x-own': local.accessToken(), authorization: 'Bearer a.b.c' }
  const target = () => ({
    statusCode: 500,
    body: {
      jsonrpc: '2.0',
      id: 1,
      creditsToCharge: 4,
      result: { content: CONTENT, isError: true },
    },
  })
  const event = rawEvent(toolCall(TOOL), headers)
  const { forwarded } = await bothPhases(handle, event, target, { shown: 'original' })
  expect(forwarded).toHaveProperty('headers.authorization', 'Bearer a.b.c')
  expect(amounts(local)).toEqual({ verify: ['5'], settle: ['4'] })
  expect(asked(local, 'settle')[0]?.paymentRequired).toMatchObject({
    resource: { url: 'https://seller.example/mcp', description: 'Greets', mimeType: 'text/plain' },
    accepts: [{ network: 'eip155:84532', scheme: 'nvm:erc4337', extra: { agentId: 'agent-1' } }],
  })
  expect(countOf(local, 'plan')).toBe(0)
  expect(secret).toHaveBeenCalledTimes(1)
  for (const hook of Object.values(hooks)) expect(hook).toHaveBeenCalledTimes(1)
})
