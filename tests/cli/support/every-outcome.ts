import type { Context } from 'aws-lambda'
import {
  HTTPFacilitatorClient,
  Payments,
  PaymentsError,
  createLambdaHandler,
  requiresPayment,
  type FacilitatorClient,
  type PaidHandler,
} from '../../../src/index.js'

/** A module for `--handler`. Every outcome of a call, and every mistake in the set-up, has a tool here. */

const env = (name: string): string => process.env[name] ?? ''
const planId = env('NVM_PLAN_ID')
const payments = Payments.getInstance({
  nvmApiKey: env('NVM_API_KEY'),
  backendUrl: env('NVM_BACKEND_URL'),
})
const { facilitator: plans } = payments
const hello = () => ({ content: [{ type: 'text', text: 'Hello!' }] })
const onPlan = { payments, planId, credits: 1 } as const
const money = new HTTPFacilitatorClient({ url: env('X402_FACILITATOR_URL') })
const inMoney = {
  price: '$0.01',
  payTo: env('PAY_TO'),
  network: 'eip155:84532',
  facilitators: [money],
  replayAnswers: 'all',
  waitForAnswerMs: 0,
} as const

/** A facilitator of plans whose verify or settle gives something else. */
function plansWith(answers: Partial<typeof real>) {
  const facilitator = { ...real, ...answers }
  const chain = { scheme: 'nvm:erc4337', network: 'eip155:84532' }
  return { facilitator, planId, credits: 1, ...chain } as const
}

const real = {
  verifyPermissions: (...all: Parameters<typeof plans.verifyPermissions>): Promise<unknown> =>
    plans.verifyPermissions(...all),
  settlePermissions: (...all: Parameters<typeof plans.settlePermissions>): Promise<unknown> =>
    plans.settlePermissions(...all),
}

const lost = (): Promise<never> =>
  Promise.reject(
    new PaymentsError({
      code: 'timeout',
      httpStatus: undefined,
      retryable: false,
      outcome: 'unknown',
    }),
  )
const refused = () => Promise.resolve({ success: false, errorReason: 'BCK.X402.0005' })
const used = () => Promise.resolve({ isValid: false, invalidReason: 'BCK.X402.0059' })

/** A facilitator of money that says: it was sent, and is not confirmed. */
const unconfirmed: FacilitatorClient = {
  getSupported: () => money.getSupported(),
  verify: (...all) => money.verify(...all),
  settle: () =>
    Promise.resolve({
      success: false,
      errorReason: 'settlement_pending',
      transaction: `0x${'5e'.repeat(32)}`,
      network: 'eip155:84532',
    }),
}

function forecast(city: string): never {
  throw new Error(`no such city: ${city}`)
}

const slowly: PaidHandler = async () => {
  await new Promise((resolve) => setTimeout(resolve, 300))
  return hello()
}

interface AnyEvent {
  mcp: {
    gatewayRequest: { headers?: Record<string, string>; body: { params?: { name?: string } } }
  }
}
type AnyHandler = (event: AnyEvent, context: Context) => unknown

const handlers: Record<string, AnyHandler> = {
  hello: requiresPayment(hello, onPlan),
  either: requiresPayment(hello, {
    ...{ ...inMoney, payments, planId },
    ...{ credits: () => 2n, maxCredits: 5n },
  }),
  money: requiresPayment(hello, inMoney),
  other_money: requiresPayment(hello, inMoney),
  slow_money: requiresPayment(slowly, inMoney),
  free: requiresPayment(hello, { ...onPlan, tools: { free: 'free' } }),
  nothing: requiresPayment(() => ({ ...hello(), _meta: { creditsToCharge: 0 } }), onPlan),
  throws: requiresPayment(() => forecast('Nowhere'), onPlan),
  errors: requiresPayment(() => ({ ...hello(), isError: true }), onPlan),
  unreadable: requiresPayment(() => new Map() as never, onPlan),
  checked: requiresPayment(hello, { ...onPlan, validate: () => 'city is missing' }),
  no_plan: requiresPayment(hello, { ...onPlan, planId: '404' }),
  no_facilitator: requiresPayment(hello, plansWith({ verifyPermissions: lost })),
  bad_price: requiresPayment(hello, { ...onPlan, credits: () => Number.NaN }),
  used: requiresPayment(hello, plansWith({ verifyPermissions: used })),
  refused_settle: requiresPayment(hello, plansWith({ settlePermissions: refused })),
  delivered: requiresPayment(hello, {
    ...plansWith({ settlePermissions: refused }),
    onSettlementRefused: 'deliver',
  }),
  unknown_settle: requiresPayment(hello, plansWith({ settlePermissions: lost })),
  pending: requiresPayment(hello, {
    ...inMoney,
    facilitators: [unconfirmed],
    settleTimeoutMs: 1_000,
  }),
  refund: requiresPayment(() => forecast('Nowhere'), { ...onPlan, flow: 'upfront' }),
  talks: requiresPayment(() => {
    console.log('the handler says this')
    return hello()
  }, onPlan),
  listed: requiresPayment(hello, { payments, tools: { Greeter___weather: { planId } } }),
  hook: requiresPayment(hello, {
    ...onPlan,
    onAfterSettle: () => {
      throw new Error('no metrics')
    },
  }),
  headless: withoutHeaders(requiresPayment(hello, onPlan)),
  http: requiresPayment((event: { requestContext: { http: { path: string } } }) => {
    return event.requestContext.http.path
  }, onPlan),
  raw: hello,
  page: () => ({ statusCode: 200, body: '<p>Hello!</p>' }),
  crash: ({ mcp }) => {
    throw new Error(`what is ${mcp.gatewayRequest.headers?.['payment-signature']}?`)
  },
  through: createLambdaHandler({ payments, planId, credits: 1 }),
}

function withoutHeaders(handler: AnyHandler): AnyHandler {
  return (event, context) => {
    delete event.mcp.gatewayRequest.headers
    return handler(event, context)
  }
}

export const tools = Object.keys(handlers).map((name) => ({
  name,
  description: name,
  inputSchema: { type: 'object' },
}))

export const handler: AnyHandler = async (event, context) => {
  const { name = '' } = event.mcp.gatewayRequest.body.params ?? {}
  const sold = handlers[name.replace('Greeter___', '')] ?? handlers['hello']
  return await sold?.(event, context)
}
