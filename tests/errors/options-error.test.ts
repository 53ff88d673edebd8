import axios from 'axios'
import { expect, test } from '@jest/globals'
import { PaymentClient, PaymentManager } from '../../src/agentcore/index.js'
import { createBudget, payingAxios, payingFetch, payingMcp } from '../../src/client/index.js'
import {
  HTTPFacilitatorClient,
  OptionsError,
  Payments,
  composeInterceptors,
  createInterceptor,
  createLambdaHandler,
  markRefunded,
  memoryStore,
  requiresPayment,
} from '../../src/index.js'
import { startGateway, startLocal } from '../../src/local/index.js'
import { dynamoDbStore } from '../../src/store/index.js'
import { AgentCorePaymentsPlugin, payingMcpClient } from '../../src/strands/index.js'
import { shown } from '../../src/errors/shown.js'
import { stack } from '../support/seller.js'

const handler = () => ({ content: [] })
const facilitator = {
  verifyPermissions: () => Promise.resolve({ isValid: true }),
  settlePermissions: () => Promise.resolve({ success: true }),
}
const STUBBED = { facilitator, planId: 'plan-1', scheme: 'nvm:erc4337', network: 'eip155:84532' }

const KEY = 'sandbox:eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIweDEifQ.c2lnbmF0dXJl'

/** What a call throws, at once or later. */
async function thrownBy(call: () => unknown): Promise<OptionsError> {
  try {
    await call()
  } catch (error) {
    if (error instanceof OptionsError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const WRONG: [call: string, given: string, run: () => unknown][] = [
  ['requiresPayment', "'2'", () => requiresPayment(handler, { ...STUBBED, credits: '2' as never })],
  [
    'requiresPayment',
    '1.5',
    () => requiresPayment(handler, { ...STUBBED, tools: { 'a.b': { credits: 1.5 } } }),
  ],
  ['requiresPayment', 'nothing', () => requiresPayment(handler, undefined as never)],
  [
    'requiresPayment',
    "['meta', 'bodyy']",
    () => requiresPayment(handler, { ...STUBBED, creditsFrom: ['meta', 'bodyy'] as never }),
  ],
  [
    'createInterceptor',
    '999999999',
    () => createInterceptor({ ...STUBBED, verifyTimeoutMs: 999_999_999 }),
  ],
  ['createInterceptor', 'nothing', () => createInterceptor(undefined as never)],
  ['createLambdaHandler', 'a function', () => createLambdaHandler((() => STUBBED) as never)],
  ['composeInterceptors', '[]', () => composeInterceptors([] as never)],
  ['memoryStore', '0', () => memoryStore({ maxRecords: 0 })],
  ['markRefunded', 'an object', () => markRefunded({} as never, 'a')],
  [
    'HTTPFacilitatorClient',
    "'ftp://x.example'",
    () => new HTTPFacilitatorClient({ url: 'ftp://x.example' }),
  ],
  [
    'Payments.getInstance',
    '7',
    () => Payments.getInstance({ nvmApiKey: KEY, backendUrl: 7 as never }),
  ],
  [
    'payingFetch',
    '-1',
    () => payingFetch(pay, { budgets: { 'a/b': { maxAmountPerPayment: -1 as never, total: 1n } } }),
  ],
  ['payingAxios', "'no instance'", () => payingAxios('no instance' as never, pay, LIMITS)],
  ['payingMcp', 'null', () => payingMcp(null as never, pay, LIMITS)],
  ['payingMcp', 'an object', () => payingMcp({ callTool: handler } as never, {} as never, LIMITS)],
  [
    'createBudget',
    "'ten'",
    () => createBudget({ budgets: { 'a/b': { maxAmountPerPayment: 1n, total: 'ten' } } }),
  ],
  [
    'dynamoDbStore',
    "'no table!'",
    () => dynamoDbStore({ table: 'no table!', secret: 'x'.repeat(40) }),
  ],
  ['PaymentManager', 'nothing', () => new PaymentManager({} as never)],
  ['PaymentClient', '0', () => new PaymentClient({ maxAttempts: 0 })],
  [
    'createPaymentManager',
    '5',
    () => new PaymentClient({}).createPaymentManager({ name: 5 } as never),
  ],
  [
    'AgentCorePaymentsPlugin',
    "'yes'",
    () => new AgentCorePaymentsPlugin({ ...PLUGIN, autoPayment: 'yes' as never }),
  ],
  ['payingMcpClient', 'an object', () => payingMcpClient({} as never)],
  ['startLocal', "'yes'", () => startLocal({ x402: { chain: 'yes' as never } })],
  ['startGateway', '[]', () => startGateway({ targets: [] })],
]

const pay = () => Promise.reject(new Error('never asked'))
const LIMITS = { budgets: { 'a/b': { maxAmountPerPayment: 1n, total: 1n } } }
const ARN = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/mine-abcdefghij'
const PLUGIN = { paymentManagerArn: ARN, userId: 'alice' }

test.each(WRONG)('an OptionsError says that %s was given %s', async (call, given, run) => {
  const error = await thrownBy(run)
  expect(error.call).toBe(call)
  expect(error.message).toBe(`${error.option}: ${error.expected} (${call} was given ${given})`)
})

test.each<[string, string, () => unknown]>([
  [
    'requiresPayment',
    'planId',
    () => requiresPayment(handler, { payments: { facilitator, plans: {} } } as never),
  ],
  [
    'requiresPayment',
    'crédits',
    () => requiresPayment(handler, { ...STUBBED, crédits: 1 } as never),
  ],
  ['Payments.getInstance', 'nvmApiKey', () => Payments.getInstance({ nvmApiKey: undefined })],
  [
    'Payments.getInstance',
    'environment',
    () => Payments.getInstance({ nvmApiKey: KEY, environment: 'live' }),
  ],
  ['payingFetch', 'limits', () => payingFetch(pay, {})],
])(
  'where the value says nothing more, an error of %s names the call alone',
  async (call, option, run) => {
    const error = await thrownBy(run)
    expect([error.call, error.option]).toEqual([call, option])
    expect(error.message).toBe(`${option}: ${error.expected} (in ${call})`)
  },
)

test.each(['getPlan', 'getPlanBalance', 'orderPlan'] as const)(
  'a call of a client that is refused before it is sent is named: plans.%s',
  async (method) => {
    const local = await stack()
    const { plans } = Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
    const error = await thrownBy(() => plans[method]({ planId: 7 } as never))
    expect(error.message).toBe(`planId: expected a non-empty string (plans.${method} was given 7)`)
    expect(local.calls).toEqual([])
  },
)

const SECRET_TEXTS = [
  KEY,
  'hunter2hunter2',
  `0x${'4f'.repeat(32)}`,
  'https://alice:hunter2@rpc.example/v3/0123456789abcdef0123456789abcdef?key=hunter2',
  'AKIAIOSFODNN7EXAMPLE',
]

test.each<[string, (secret: never) => unknown]>([
  ['backendUrl', (url) => Payments.getInstance({ nvmApiKey: KEY, backendUrl: [url] as never })],
  ['secret', (secret) => createInterceptor({ ...STUBBED, secret: [secret] as never })],
  ['tokenHeader', (header) => requiresPayment(handler, { ...STUBBED, tokenHeader: [header, ' '] })],
  ['agentId', (agentId) => requiresPayment(handler, { ...STUBBED, agentId: [agentId] as never })],
  ['flow', (flow) => requiresPayment(handler, { ...STUBBED, flow })],
  ['credits', (credits) => requiresPayment(handler, { ...STUBBED, credits })],
  [
    'createAuthHeaders',
    (it) => new HTTPFacilitatorClient({ url: 'https://x.example', createAuthHeaders: it }),
  ],
  ['payer', (payer) => payingFetch(payer, LIMITS)],
  [
    'bearerToken',
    (bearerToken) => new PaymentManager({ ...PLUGIN, bearerToken: [bearerToken] as never }),
  ],
])('no secret goes out in an error, whichever option it stands in: %s', async (_, run) => {
  for (const secret of SECRET_TEXTS) {
    const { message, stack: trace } = await thrownBy(() => run(secret as never))
    expect(message).toContain('was given')
    for (const text of [secret, 'hunter2', '0123456789abcdef', '4f4f4f4f', 'eyJ', 'AKIA']) {
      expect(`${message}${trace ?? ''}`).not.toContain(text)
    }
  }
})

test('an error of a user inside of a call stays what it was', () => {
  const own = new Error('mine')
  const options = {
    ...STUBBED,
    get credits(): number {
      throw own
    },
  }
  expect(() => requiresPayment(handler, options)).toThrow(own)
})

test('a value is shown within bounds', () => {
  expect(shown('a', 'x y '.repeat(100)).length).toBeLessThan(80)
  expect(shown('a', 10n ** 500n).length).toBeLessThan(80)
  expect(shown('a', [1, [2, 3], { b: 1 }, null])).toBe('[1, a list of 2, an object, null]')
  expect(shown('a', Array(9).fill(1))).toBe('a list of 9')
  expect(shown('a', new Map())).toBe('an object of the class Map')
  expect(shown('walletSecret', 'a')).toBe('a text of 1 character')
})

test('requiresPayment with its arguments in the wrong order says so at once', async () => {
  const swapped = requiresPayment as unknown as (...given: unknown[]) => unknown
  const error = await thrownBy(() => swapped(STUBBED, handler))
  expect(error.message).toBe(
    'handler: must be a function and come first: requiresPayment(handler, options) (requiresPayment was given an object)',
  )
})

test('what requiresPayment(options) makes, exported as the handler of a Lambda, says so and answers nothing', async () => {
  const notYet = requiresPayment(STUBBED) as unknown as (event: object, context: object) => unknown
  const event = { mcp: { gatewayRequest: { body: {} } } }
  const error = await thrownBy(() => notYet(event, {}))
  expect(error.message).toMatch(
    /makes a wrapper and no handler: write requiresPayment\(handler, options\)/,
  )
})

test('payingAxios answers with the instance, as payingMcp with its client', () => {
  const instance = axios.create()
  expect(payingAxios(instance, pay, LIMITS)).toBe(instance)
  expect(payingAxios(axios, pay, LIMITS)).toBe(axios)
  axios.interceptors.request.clear()
})
