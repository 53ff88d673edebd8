import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from '@jest/globals'
import * as exported from '../../../src/index.js'
import {
  Payments,
  createInterceptor,
  requiresPayment,
  type AgentCoreAPI,
  type CreateDelegationPayload,
  type CreateDelegationResponse,
  type CreditsCallable,
  type DelegationConfig,
  type GatewayRequest,
  type GatewayResponse,
  type InterceptorConfig,
  type InterceptorOptions,
  type InterceptorOutput,
  type MCPRequestBody,
  type MCPResponseBody,
  type MCPResult,
  type PaymentContext,
  type PaymentOptions,
  type RequiresPaymentOptions,
  type X402TokenOptions,
} from '../../../src/index.js'
import { hello, stack } from '../../support/seller.js'

/**
 * Public names, options and defaults of payments-py 1.15.1, held against the porting page and against our exports.
 *
 * @see https://github.com/nevermined-io/payments-py/blob/main/payments_py/x402/agentcore/__init__.py
 * @see https://github.com/nevermined-io/payments-py/blob/main/payments_py/x402/agentcore/types.py
 * @see https://github.com/nevermined-io/payments-py/blob/main/payments_py/x402/types.py
 * @see https://github.com/nevermined-io/payments-py/blob/main/payments_py/common/types.py
 */
const NAMES = [
  ...['requires_payment', 'create_interceptor', 'create_lambda_handler', 'AgentCoreInterceptor'],
  ...['PaymentContext', 'CreditsCallable', 'AgentCoreAPI', 'InterceptorConfig'],
  ...['InterceptorOptions', 'MCPRequestBody', 'MCPResponseBody', 'MCPResult', 'GatewayRequest'],
  ...['GatewayResponse', 'InterceptorOutput', 'extract_tool_name', 'extract_credits_to_charge'],
  ...['X402_HEADERS', 'MCP_METHODS'],
]

/** Options of the decorator, the interceptor, `InterceptorConfig` and `InterceptorOptions`, with their defaults. */
const OPTIONS: Record<string, string> = {
  payments: 'required',
  plan_id: '`None`',
  plan_ids: '`None`',
  credits: '`1`',
  agent_id: '`None`',
  endpoint: '`""`, or the ARN of the Lambda',
  network: 'by plan and environment',
  token_header: '`payment-signature`',
  description: '`None`',
  tools: '`None`',
  options: '`InterceptorOptions()`',
  billable_methods: '`["tools/call"]`',
  default_credits: '`1`',
  on_before_verify: '`None`',
  on_after_verify: '`None`',
  on_after_settle: '`None`',
  on_payment_error: '`None`',
}

const OF_THE_CLIENT = [
  ...['get_instance', 'nvm_api_key', 'environment', 'api_version', 'version', 'organization_id'],
  ...['headers', 'app_id', 'return_url', 'get_plan_balance', 'account_address', 'get_plan'],
  ...['order_plan', 'get_x402_access_token', 'token_options', 'X402TokenOptions', 'scheme'],
  ...['network', 'delegation_config', 'DelegationConfig', 'card_id', 'delegation_id'],
  ...['provider_payment_method_id', 'spending_limit_cents', 'duration_secs', 'currency'],
  ...['merchant_account_id', 'max_transactions', 'api_key_id', 'create_delegation'],
  ...['CreateDelegationPayload', 'CreateDelegationResponse', 'delegation_token'],
  ...['list_delegations', 'list_payment_methods', 'verify_permissions', 'settle_permissions'],
  ...['NVM_API_KEY', 'NVM_ENVIRONMENT', 'NVM_PLAN_ID', 'NVM_AGENT_ID', 'NVM_SUBSCRIBER_API_KEY'],
]

const VERDICTS = ['same', 'better', 'renamed', 'left out']

interface Row {
  original: string
  originalDefault?: string
  here: string
  verdict: string
  difference: string
}

let names: Row[]
let options: Row[]
let client: Row[]

beforeAll(async () => {
  const page = await readFile('docs/coming-from-payments-py.md', 'utf8')
  const tableOf = (title: string): string[][] => {
    const [, section = ''] = page.split(`\n## ${title}\n`)
    const [table = ''] = section.split('\n## ')
    const lines = table.split('\n').filter((line) => line.startsWith('|'))
    return lines.slice(2).map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  }
  const row = ([original = '', here = '', verdict = '', difference = '']: string[]): Row => {
    return { original, here, verdict, difference }
  }
  names = tableOf('Names').map(row)
  client = tableOf('Client').map(row)
  options = tableOf('Options of seller and interceptor').map(
    ([original = '', originalDefault = '', here = '', , verdict = '', difference = '']) => {
      return { original, originalDefault, here, verdict, difference }
    },
  )
})

/** The row that names it, in code. */
function rowOf(rows: readonly Row[], name: string): Row {
  const isNamed = ({ original }: Row) => new RegExp(`\`[^\`]*\\b${name}\\b[^\`]*\``).test(original)
  const row = rows.find(isNamed)
  if (row === undefined) throw new Error(`the porting page does not name ${name}`)
  return row
}

test.each(NAMES)('the page names %s', (name) => expect(rowOf(names, name).verdict).not.toBe(''))
test.each(OF_THE_CLIENT)('the page names %s of the client', (name) => {
  expect(rowOf(client, name).verdict).not.toBe('')
})

test('every row has a verdict, and what is left out or better says why', () => {
  const rows = [...names, ...options, ...client]
  expect(rows.length).toBeGreaterThan(50)
  for (const { verdict, here, difference, original } of rows) {
    expect([original, VERDICTS.includes(verdict)]).toEqual([original, true])
    if (verdict === 'left out' || verdict === 'better') expect(difference).not.toBe('')
    if (verdict === 'same') expect(original === here || here === 'the same').toBe(true)
    if (verdict === 'renamed') expect(here).not.toBe(original)
  }
})

test.each(Object.entries(OPTIONS))(
  'the page names the option %s and its default',
  (name, value) => {
    expect(rowOf(options, name).originalDefault).toBe(value)
  },
)

/** Types have no trace at run time: this fails to compile when one is gone. */
type Types = [
  AgentCoreAPI,
  CreateDelegationPayload,
  CreateDelegationResponse,
  CreditsCallable,
  DelegationConfig,
  GatewayRequest,
  GatewayResponse,
  InterceptorConfig,
  InterceptorOptions,
  InterceptorOutput,
  MCPRequestBody,
  MCPResponseBody,
  MCPResult,
  PaymentContext,
  PaymentOptions,
  X402TokenOptions,
]
const TYPES: Types['length'] = 16

test('what the page says is here is exported', () => {
  const values = Object.keys(exported)
  const source = names.filter(({ here }) => here !== '–').flatMap(({ here }) => here.split(', '))
  const told = source.map((cell) => /^`(\w+)`/.exec(cell)?.[1] ?? '')
  const kept = told.filter((name) => name !== 'handle')
  const types = kept.filter((name) => !values.includes(name))
  expect(types.sort()).toEqual(
    [
      ...['AgentCoreAPI', 'CreditsCallable', 'GatewayRequest', 'GatewayResponse'],
      ...['InterceptorConfig', 'InterceptorOptions', 'InterceptorOutput', 'MCPRequestBody'],
      ...['MCPResponseBody', 'MCPResult', 'PaymentContext'],
    ].sort(),
  )
  expect(types.length + 5).toBe(TYPES)
  expect(exported.X402_HEADERS.PAYMENT_SIGNATURE).toBe('payment-signature')
  expect(exported.MCP_METHODS.TOOLS_CALL).toBe('tools/call')
})

/** A value that each option takes. */
const VALUES: Record<string, unknown> = {
  planId: 'plan-1',
  planIds: ['plan-1'],
  credits: 1,
  agentId: 'agent-1',
  endpoint: 'https://shop.example/mcp',
  network: 'eip155:84532',
  tokenHeader: ['X-Payment'],
  description: 'A tool',
  tools: { hello: { planId: 'plan-1' } },
  billableMethods: ['tools/call'],
  onBeforeVerify: () => undefined,
  onAfterVerify: () => undefined,
  onAfterSettle: () => undefined,
  onPaymentError: () => null,
}

const facilitator = { verifyPermissions: () => 0, settlePermissions: () => 0 }
const payments = { facilitator, plans: { getPlan: () => 0 } }

function given(name: string, value: unknown): Record<string, unknown> {
  const plan = name === 'planIds' || name === 'plan_ids' ? {} : { planId: 'plan-1' }
  const endpoint = name === 'agentId' ? { endpoint: VALUES['endpoint'] } : {}
  return { payments, ...plan, ...endpoint, [name]: value }
}

test.each(Object.keys(OPTIONS).filter((name) => name !== 'payments'))(
  'the option of %s is taken by both doors, and in the style of Python it is named',
  (original) => {
    const { here, verdict } = rowOf(options, original)
    const name = /^`(\w+)/.exec(here)?.[1]
    if (name !== undefined) {
      expect(Object.keys(VALUES)).toContain(name)
      const right = given(name, VALUES[name])
      expect(requiresPayment(hello, right as unknown as RequiresPaymentOptions)).toHaveLength(2)
      expect(createInterceptor(right as unknown as InterceptorOptions)).toHaveProperty('handle')
    }
    if (original === name && verdict !== 'left out') return
    const wrong = given(original, name === undefined ? {} : VALUES[name]) as never
    const wanted = name === undefined ? 'beside planId' : `did you mean ${name}?`
    for (const make of [() => requiresPayment(hello, wrong), () => createInterceptor(wrong)]) {
      expect(make).toThrow(expect.objectContaining({ option: original }))
      expect(make).toThrow(wanted)
    }
  },
)

test.each(['agent_id', 'agentId', 'endpoint', 'network', 'token_header'])(
  'a row of tools with %s is told that it stands beside tools',
  (name) => {
    const tools = { hello: { planId: 'plan-1', [name]: 'https://shop.example' } }
    const make = () => requiresPayment(hello, { payments, tools } as never)
    expect(make).toThrow(expect.objectContaining({ option: `tools.hello.${name}` }))
    expect(make).toThrow(/is the same for every tool: write (agentId|endpoint|network|tokenHeader)/)
  },
)

test('a row of tools in the style of Python is answered with the names here', () => {
  const tools = { hello: { plan_id: 'plan-1' } }
  const make = () => requiresPayment(hello, { payments, tools } as never)
  expect(make).toThrow('tools.hello.plan_id: is not an option; did you mean planId?')
})

test.each(['nvm_api_key', 'backend_url', 'Environment'])('a client with %s is told', (name) => {
  const make = () => Payments.getInstance({ nvmApiKey: 'x', [name]: 'y' })
  expect(make).toThrow(/did you mean (nvmApiKey|backendUrl|environment)\?/)
})

test('options that come before the handler are refused', () => {
  const wrong = requiresPayment as unknown as (...given: unknown[]) => unknown
  expect(() => wrong({ payments, planId: 'plan-1' }, hello)).toThrow(
    expect.objectContaining({ option: 'handler' }),
  )
})

test('the interceptor is one, under either name', async () => {
  const local = await stack()
  const { nvmApiKey, url: backendUrl, planId } = local
  const selling = { payments: Payments.getInstance({ nvmApiKey, backendUrl }), planId }
  const { handle } = new exported.AgentCoreInterceptor(selling)
  const event = local.paidEvent('T___hello', {}, null)
  expect(await handle(event)).toEqual(await createInterceptor(selling).handle(event))
  expect(() => new exported.AgentCoreInterceptor({} as never)).toThrow(exported.OptionsError)
})
