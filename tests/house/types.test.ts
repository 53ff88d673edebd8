import { expect, test } from '@jest/globals'
import type { Context, Handler } from 'aws-lambda'
import {
  Payments,
  isAssetRequirement,
  isPlanRequirement,
  requiresPayment,
  type GatewayEvent,
  type InterceptorOutput,
  type JsonRpcId,
  type McpContent,
  type McpRequest,
  type McpResponse,
  type McpResult,
  type PaidHandler,
  type RequiresPaymentOptions,
  type VerifiedPayment,
  type WrappedHandler,
} from '../../src/index.js'
import { challengeOf, eventOf, hello, sell, stack, textOf, toolCall } from '../support/seller.js'

/** True if the two types are the same, so that `any` does not pass for a type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const exactly =
  <B>() =>
  <A>(value: A, same: Same<A, B>) => [value, same]

const facilitator = {
  verifyPermissions: () => Promise.resolve({ isValid: true }),
  settlePermissions: () => Promise.resolve({ success: true }),
}
const payments = { facilitator, plans: { getPlan: () => Promise.resolve({}) } }

test('the arguments of a tool are typed as the handler declares them', async () => {
  const local = await stack()
  const client = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const handler = requiresPayment<{ city: string }>(
    (event) => {
      const { city } = event.mcp.gatewayRequest.body.params.arguments
      exactly<string>()(city, true)
      return city
    },
    { payments: client, planId: local.planId },
  )
  expect(textOf(await handler(local.paidEvent('T___hello', { city: 'Bern' })))).toBe('Bern')
})

test('the arguments are taken from the event of a typed handler too', async () => {
  const local = await stack()
  const client = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
  const add = async ({ mcp }: GatewayEvent<{ a: number; b: number }>) => {
    const { a, b } = mcp.gatewayRequest.body.params.arguments
    return String(a + b)
  }
  const paid = requiresPayment({ payments: client, planId: local.planId })
  const output = await paid(add)(local.paidEvent('T___add', { a: 2, b: 3 }))
  expect(textOf(output)).toBe('5')
})

test('arguments nobody declared are unknown, and an empty object where none came', async () => {
  const local = await stack()
  const handler = sell(local, (event) => {
    const args = event.mcp.gatewayRequest.body.params.arguments
    exactly<Record<string, unknown>>()(args, true)
    return JSON.stringify(args)
  })
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'hello' } }
  const output = await handler(eventOf(body, { 'payment-signature': local.accessToken() }))
  expect(textOf(output)).toBe('{}')
})

test('the handler is given a Lambda context and what was paid', () => {
  const handler: PaidHandler = (event, context, payment) => {
    exactly<GatewayEvent>()(event, true)
    exactly<Context>()(context, true)
    exactly<VerifiedPayment>()(payment, true)
    exactly<bigint>()(payment.credits, true)
    exactly<string | undefined>()(payment.payer, true)
    return 'ok'
  }
  expect(handler).toHaveLength(3)
})

test('what is exported to Lambda is a Lambda handler', () => {
  const handler = requiresPayment(hello, { payments, planId: 'plan-1' })
  exactly<WrappedHandler>()(handler, true)
  const forLambda: Handler<unknown, InterceptorOutput> = handler
  expect(forLambda).toHaveLength(2)
})

test.each<[string, PaidHandler]>([
  ['a bare result', () => ({ content: [{ type: 'text', text: 'Hello!' }] })],
  ['a result with override', async () => ({ content: [], _meta: { creditsToCharge: 5 } })],
  ['a JSON-RPC result', () => ({ jsonrpc: '2.0', id: 1, result: { content: [] } })],
  ['a JSON-RPC error', () => ({ jsonrpc: '2.0', error: { code: -32000, message: 'no' } })],
  [
    'a complete output',
    () => ({ interceptorOutputVersion: '1.0', mcp: { transformedGatewayResponse: { body: {} } } }),
  ],
  ['an output without version', () => ({ mcp: { transformedGatewayResponse: { body: {} } } })],
  ['text', () => 'Hello!'],
])('a handler may answer with %s', async (_, handler) => {
  const local = await stack()
  const output = await sell(local, handler)(local.paidEvent('T___hello'))
  expect(output.mcp.transformedGatewayResponse?.statusCode).toBe(200)
})

test('a handler that answers with a number or nothing does not compile', () => {
  const options = { payments, planId: 'plan-1' }
  // @ts-expect-error -- a number is no answer
  expect(requiresPayment(() => 5, options)).toHaveLength(2)
  // @ts-expect-error -- undefined is no answer
  expect(requiresPayment(() => undefined, options)).toHaveLength(2)
})

test('a client shaped like the official one is taken, its protected environment read', async () => {
  const local = await stack()
  class OfficialPayments {
    protected environmentName: 'sandbox' | 'live' = 'live'
    public facilitator = new OfficialFacilitator()
    public plans = { getPlan: async (planId: string) => ({ id: planId, ...CRYPTO_PLAN }) }
  }
  const official = new OfficialPayments()
  const handler = requiresPayment(hello, { payments: official, planId: 'plan-1' })
  const unpaid = await handler(local.paidEvent('T___hello', {}, null))
  expect(challengeOf(unpaid)?.accepts).toMatchObject([
    { scheme: 'nvm:erc4337', network: 'eip155:8453', planId: 'plan-1' },
  ])
  const paid = await handler(eventOf(toolCall('T___hello'), { 'payment-signature': 'token' }))
  expect(textOf(paid)).toBe('Hello!')
  expect(official.facilitator.asked).toEqual(['verify token 1', 'settle token 1'])
})

const CRYPTO_PLAN = { registry: { price: { isCrypto: true } }, metadata: { plan: {} } }

/**
 * The signatures of the official client's facilitator.
 *
 * @see https://github.com/nevermined-io/payments/blob/main/src/x402/facilitator-api.ts
 */
class OfficialFacilitator {
  readonly asked: string[] = []
  protected backend = 'https://api.live.nevermined.app'

  async verifyPermissions(params: OfficialVerifyParams): Promise<{ isValid: boolean }> {
    this.asked.push(`verify ${params.x402AccessToken} ${params.maxAmount}`)
    return { isValid: true }
  }

  async settlePermissions(
    params: OfficialVerifyParams & { agentRequestId?: string; batch?: boolean },
  ): Promise<{ success: boolean; transaction: string; creditsRedeemed?: string }> {
    this.asked.push(`settle ${params.x402AccessToken} ${params.maxAmount}`)
    return { success: true, transaction: '0x1', creditsRedeemed: '1' }
  }
}

interface OfficialVerifyParams {
  paymentRequired: {
    x402Version: number
    error?: string
    resource: { url: string; description?: string; mimeType?: string }
    accepts: { scheme: string; network: string; planId: string; extra?: { version?: string } }[]
    extensions: Record<string, unknown>
  }
  x402AccessToken: string
  maxAmount?: bigint
}

test('options that exclude each other, or need each other, do not compile', () => {
  // @ts-expect-error -- payments and facilitator
  const both: RequiresPaymentOptions = { payments, facilitator, planId: 'plan-1' }
  // @ts-expect-error -- neither payments nor facilitator
  const neither: RequiresPaymentOptions = { planId: 'plan-1' }
  // @ts-expect-error -- planId and planIds
  const plans: RequiresPaymentOptions = { payments, planId: 'plan-1', planIds: ['plan-2'] }
  // @ts-expect-error -- agentId without endpoint
  const agent: RequiresPaymentOptions = { payments, planId: 'plan-1', agentId: 'agent-1' }
  // @ts-expect-error -- a facilitator without scheme and network
  const bare: RequiresPaymentOptions = { facilitator, planId: 'plan-1' }
  // @ts-expect-error -- a facilitator without network
  const half: RequiresPaymentOptions = { facilitator, planId: 'plan-1', scheme: 'nvm:erc4337' }
  // @ts-expect-error -- an option nobody knows
  const unknown: RequiresPaymentOptions = { payments, planId: 'plan-1', creditz: 5 }
  for (const options of [both, neither, plans, agent, bare, half, unknown]) {
    expect(() => requiresPayment(hello, options)).toThrow()
  }
})

test('values of the wrong type do not compile', () => {
  // @ts-expect-error -- credits as text
  const credits: RequiresPaymentOptions = { payments, planId: 'plan-1', credits: '5' }
  // @ts-expect-error -- a source nobody knows
  const source: RequiresPaymentOptions = { payments, planId: 'plan-1', creditsFrom: ['footer'] }
  // @ts-expect-error -- a policy nobody knows
  const policy: RequiresPaymentOptions = { payments, planId: 'p', onSettlementRefused: 'drop' }
  // @ts-expect-error -- an unknown word in the table of tools
  const table: RequiresPaymentOptions = { payments, planId: 'plan-1', tools: { a: 'gratis' } }
  for (const options of [credits, source, policy, table]) {
    expect(() => requiresPayment(hello, options)).toThrow()
  }
})

test('options straight from the environment compile, and are checked at start', () => {
  const { UNSET_PLAN, UNSET_AGENT, UNSET_ENDPOINT } = process.env
  const options: RequiresPaymentOptions = {
    payments,
    planId: UNSET_PLAN,
    agentId: UNSET_AGENT,
    endpoint: UNSET_ENDPOINT,
    network: process.env['UNSET_NETWORK'],
    tools: { a: { planId: 'plan-1', description: process.env['UNSET_TEXT'] } },
  }
  expect(typeof requiresPayment(hello, options)).toBe('function')
})

test('read-only lists compile', () => {
  const planIds = ['plan-1', 'plan-2'] as const
  const tokenHeader = ['payment-signature', 'X-Pay'] as const
  const options: RequiresPaymentOptions = { payments, planIds, tokenHeader, creditsFrom: ['meta'] }
  expect(typeof requiresPayment(hello, options)).toBe('function')
})

test('hooks are given what they are about, typed', () => {
  const options: RequiresPaymentOptions = {
    payments,
    planId: 'plan-1',
    onBeforeVerify: ({ accepts }, { tool }) => {
      exactly<string | undefined>()(tool, true)
      const [first] = accepts
      if (first === undefined) return undefined
      exactly<string | undefined>()(first.planId, true)
      exactly<string | undefined>()(first.payTo, true)
      if (isPlanRequirement(first)) return exactly<string>()(first.planId, true)
      if (isAssetRequirement(first)) return exactly<string>()(first.amount, true)
      return exactly<never>()(first, true)
    },
    onAfterVerify: ({ isValid }) => exactly<boolean>()(isValid, true),
    onAfterSettle: (creditsUsed, { success }) => {
      exactly<bigint>()(creditsUsed, true)
      exactly<boolean>()(success, true)
    },
    onPaymentError: ({ message, code }) => {
      exactly<string>()(message, true)
      // @ts-expect-error -- the codes are one literal union, so a typing error shows
      void (code === 'payment_requird')
    },
  }
  expect(typeof requiresPayment(hello, options)).toBe('function')
})

test('messages and events of MCP are typed as they travel', () => {
  const request: McpRequest<{ city: string }> = {
    jsonrpc: '2.0',
    id: 'req-1',
    method: 'tools/call',
    params: { name: 'forecast', arguments: { city: 'Bern' }, progress: 1 },
  }
  const block: McpContent = { type: 'image', data: 'AA==', mimeType: 'image/png' }
  const result: McpResult = { content: [block, { type: 'text', text: 'x' }], isError: true }
  const response: McpResponse = { jsonrpc: '2.0', id: 42, result }
  const failed: McpResponse = { jsonrpc: '2.0', id: null, error: { code: -32602, message: 'no' } }
  const event: GatewayEvent<{ city: string }> = {
    interceptorInputVersion: '1.0',
    mcp: {
      gatewayRequest: { headers: null, body: request },
      gatewayResponse: { statusCode: 200, body: response, isStreamingResponse: false },
    },
  }
  const output: InterceptorOutput = {
    interceptorOutputVersion: '1.0',
    mcp: { transformedGatewayRequest: { body: request } },
  }
  // @ts-expect-error -- credits are a number
  const asText: McpResult = { content: [], _meta: { creditsToCharge: '5' } }
  // @ts-expect-error -- the output names its version
  const versionless: InterceptorOutput = { mcp: {} }
  const idOf = (id: JsonRpcId) => exactly<string | number | null>()(id, true)
  expect(idOf(42)).toEqual([42, true])
  expect(JSON.parse(JSON.stringify({ event, output, failed, asText, versionless }))).toMatchObject({
    event: { mcp: { gatewayRequest: { body: { params: { arguments: { city: 'Bern' } } } } } },
    output: { interceptorOutputVersion: '1.0' },
  })
})
