import {
  HTTPFacilitatorClient,
  OptionsError,
  Payments,
  createInterceptor,
  memoryStore,
  requiresPayment,
} from '../../../src/index.js'
import { PaymentClient, PaymentManager } from '../../../src/agentcore/index.js'
import { checkManagerWithConnector } from '../../../src/agentcore/setup/manager-with-connector-options.js'
import { checkWait } from '../../../src/agentcore/setup/wait-options.js'
import {
  createBudget,
  payingFetch,
  payingMcp as payingMcpOf,
  type PaymentLimits,
} from '../../../src/client/index.js'
import { createPaymentsService } from '../../../src/local/agentcore/index.js'
import { createGateway } from '../../../src/local/gateway/index.js'
import { toSettings } from '../../../src/local/lambda/settings.js'
import { createX402 } from '../../../src/local/x402/index.js'
import { checkDelegationPayload, tokenArguments } from '../../../src/nevermined/buyer-arguments.js'
import { dynamoDbStore as dynamoDbStoreOf } from '../../../src/store/index.js'
import { createSettlementWorker } from '../../../src/worker/index.js'
import {
  AgentCorePaymentsPluginConfig,
  payingMcpClient as payingMcpClientOf,
} from '../../../src/strands/index.js'

/** Gives one option a value, with all else as it should be. Nothing is sent, and nothing starts. */
export type Give = (option: string, value: unknown) => unknown

/** Values that hardly any option takes. A text tells more of what a text should be than another kind does. */
const WRONG: readonly unknown[] = ['x y', null, '', -1, {}, [], [null]]

/** What the error of a wrong value says, or `undefined` if no value is refused. */
export async function refusalOf(give: Give, path: string, option: string) {
  const said: string[] = []
  for (const value of WRONG) {
    try {
      await give(option, value)
    } catch (error) {
      if (!(error instanceof OptionsError) || !isAbout(error, path + option)) continue
      const { expected } = error
      // What quotes the value that was given is true of that value only.
      if (!/\bx y\b|\bnull\b/.test(expected)) return expected
      said.push(expected)
    }
  }
  return said[0]
}

/** An error about the option itself, or about an entry of the list that it is. */
function isAbout({ option }: OptionsError, path: string): boolean {
  return option === path || option.startsWith(`${path}[`)
}

const PLAN_FACILITATOR = { verifyPermissions: () => 0, settlePermissions: () => 0 }
const FACILITATOR = { verify: () => 0, settle: () => 0, getSupported: () => 0 }
const ADDRESS = `0x${'1'.repeat(40)}`

const PLAN = {
  facilitator: PLAN_FACILITATOR,
  planId: '1',
  scheme: 'nvm:erc4337',
  network: 'eip155:84532',
}
const MONEY = {
  price: '$0.01',
  payTo: ADDRESS,
  network: 'eip155:84532',
  facilitators: [FACILITATOR],
}

/** Prices in money are looked at together with what belongs to them. */
function termsFor(option: string): object {
  return option === 'price' || option === 'payTo' ? MONEY : PLAN
}

export const seller: Give = (option, value) =>
  requiresPayment({ ...termsFor(option), [option]: value } as never)

export const tool: Give = (option, value) => {
  const isMoney = option === 'price' || option === 'payTo'
  const row = isMoney ? { price: '$0.01', payTo: ADDRESS, [option]: value } : { [option]: value }
  return requiresPayment({ ...termsFor(option), tools: { search: row } } as never)
}

export const cors: Give = (option, value) =>
  requiresPayment({ ...PLAN, cors: { [option]: value } } as never)

export const interceptor: Give = (option, value) =>
  createInterceptor({ ...PLAN, [option]: value } as never)

export const memory: Give = (option, value) => memoryStore({ [option]: value })
export { memory as memoryStore }

export const settlementWorker: Give = (option, value) =>
  createSettlementWorker({
    paymentStore: dynamoDbStoreOf({ table: 'payments', secret: 's'.repeat(32) }),
    [option]: value,
  })

export const dynamoDbStore: Give = (option, value) =>
  dynamoDbStoreOf({ table: 'payments', secret: 'x'.repeat(32), [option]: value })

const base64 = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url')
const API_KEY = `sandbox:${base64({ alg: 'none' })}.${base64({ sub: ADDRESS })}.x`

export const payments: Give = (option, value) =>
  Payments.getInstance({ nvmApiKey: API_KEY, [option]: value })

export const warm: Give = (option, value) =>
  Payments.getInstance({ nvmApiKey: API_KEY }).warm({ [option]: value })

export const payer: Give = (option, value) =>
  Payments.getInstance({ nvmApiKey: API_KEY }).payer({ [option]: value })

export const token: Give = (option, value) => tokenArguments(['1', undefined, { [option]: value }])

export const delegation: Give = (option, value) => {
  const terms = { provider: 'erc4337', currency: 'usdc', spendingLimitCents: 1, durationSecs: 1 }
  checkDelegationPayload([{ ...terms, [option]: value }])
}

export const facilitator: Give = (option, value) =>
  new HTTPFacilitatorClient({ url: 'https://x.example', [option]: value })

const ALLOWANCE = { maxAmountPerPayment: 1n, total: 1n }
const LIMITS: PaymentLimits = { plans: ['1'], credits: ALLOWANCE }

export const limits: Give = (option, value) => createBudget({ ...LIMITS, [option]: value })

export const allowance: Give = (option, value) =>
  createBudget({ plans: ['1'], credits: { ...ALLOWANCE, [option]: value } })

const noPayer = () => Promise.reject(new Error('not asked'))

const fetching: Give = (option, value) => payingFetch(noPayer, LIMITS, { [option]: value })
export { fetching as payingFetch }

export const payingMcp: Give = (option, value) =>
  payingMcpOf({ callTool: noPayer }, noPayer, LIMITS, { [option]: value })

const paymentManagerArn =
  'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/mine-abcdefghij'

export const manager: Give = (option, value) =>
  new PaymentManager({ paymentManagerArn, userId: 'u', [option]: value })

export const signedLimits: Give = (option, value) =>
  new PaymentManager({ paymentManagerArn, userId: 'u', limits: { [option]: value } })

export const client: Give = (option, value) => new PaymentClient({ [option]: value })

export const wait: Give = (option, value) => checkWait({ [option]: value })

const CONNECTOR = { name: 'mine', provisionMode: 'QUICK_CREATE' }
const WITH_CONNECTOR = {
  paymentManagerName: 'mine',
  roleArn: 'arn:aws:iam::123456789012:role/payments',
  paymentConnectorConfig: CONNECTOR,
}

export const managerWithConnector: Give = (option, value) =>
  checkManagerWithConnector({ ...WITH_CONNECTOR, [option]: value } as never, undefined)

export const connector: Give = (option, value) => {
  const paymentConnectorConfig = { ...CONNECTOR, [option]: value }
  checkManagerWithConnector({ ...WITH_CONNECTOR, paymentConnectorConfig } as never, undefined)
}

export const provider: Give = (option, value) => {
  const credentials = { apiKeyId: 'x', apiKeySecret: 'x', walletSecret: 'x' }
  const config = { name: 'mine', credentialProviderVendor: 'CoinbaseCDP', credentials }
  const paymentCredentialProviderConfig = { ...config, [option]: value }
  const paymentConnectorConfig = { name: 'mine', paymentCredentialProviderConfig }
  checkManagerWithConnector({ ...WITH_CONNECTOR, paymentConnectorConfig } as never, undefined)
}

export const plugin: Give = (option, value) =>
  new AgentCorePaymentsPluginConfig({ paymentManagerArn, userId: 'u', [option]: value })

export const payingMcpClient: Give = (option, value) =>
  payingMcpClientOf({} as never, { [option]: value })

export const x402: Give = async (option, value) => {
  const { close } = await createX402({ [option]: value }, { now: Date.now, delayMs: 0 })
  await close()
}

export const paymentsService: Give = (option, value) => createPaymentsService({ [option]: value })

const TARGETS = { targets: [{ name: 'T', mcp: 'http://x.example' }] }

export const gateway: Give = (option, value) =>
  createGateway({ ...TARGETS, [option]: value }).close()

export const gatewayInterceptor: Give = (option, value) => {
  const both = { lambda: () => 0, [option]: value }
  const options = { ...TARGETS, requestInterceptor: both, responseInterceptor: both }
  return createGateway(options).close()
}

export const gatewayTarget: Give = (option, value) => {
  const kind = option === 'http' ? { http: 'http://x.example' } : { mcp: 'http://x.example' }
  const lambda = { lambda: () => 0, tools: [] }
  const isLambda = option === 'lambda' || option === 'tools'
  const target = { name: 'T', ...(isLambda ? lambda : kind), [option]: value }
  return createGateway({ targets: [target] }).close()
}

export const assumptions: Give = (option, value) =>
  createGateway({ ...TARGETS, assume: { [option]: value } }).close()

export const lambda: Give = (option, value) =>
  toSettings({ file: '.config/run-ts.mjs', [option]: value })
