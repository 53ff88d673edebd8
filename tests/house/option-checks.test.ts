import { expect, test } from '@jest/globals'
import { PaymentManager } from '../../src/agentcore/index.js'
import { createBudget, payingFetch } from '../../src/client/index.js'
import { HTTPFacilitatorClient, requiresPayment, type OptionsError } from '../../src/index.js'
import { createGateway } from '../../src/local/gateway/index.js'
import { AgentCorePaymentsPluginConfig } from '../../src/strands/index.js'

const paymentManagerArn =
  'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/mine-abcdefghij'

/** Gives one option a value of any kind, with all else as it should be. */
type Give = (option: string, value: unknown) => unknown

const seller: Give = (option, value) => {
  const facilitator = { verifyPermissions: () => 0, settlePermissions: () => 0 }
  const terms = { facilitator, planId: 'p', scheme: 'nvm:erc4337', network: 'eip155:8453' }
  const { planId, ...others } = terms
  const given = option === 'planIds' ? others : { ...others, planId }
  return requiresPayment({ ...given, [option]: value } as never)(() => 'x')
}
const budget: Give = (option, value) => {
  const budgets = { 'base/0x1': { maxAmountPerPayment: 1n, total: 1n } }
  return createBudget({ budgets, [option.replace('limits.', '')]: value })
}
const plans: Give = (option, value) => {
  const credits = { maxAmountPerPayment: 1n, total: 1n }
  return createBudget({ credits, [option.replace('limits.', '')]: value })
}
const manager: Give = (option, value) => {
  const limits = { [option.replace('limits.', '')]: value }
  const options = option.startsWith('limits.') ? { limits } : { [option]: value }
  return new PaymentManager({ paymentManagerArn, userId: 'u', ...options })
}
const plugin: Give = (option, value) => {
  const limits = { [option.replace('limits.', '')]: value }
  const options = option.startsWith('limits.') ? { limits } : { [option]: value }
  return new AgentCorePaymentsPluginConfig({ paymentManagerArn, userId: 'u', ...options })
}
const facilitator: Give = (option, value) =>
  new HTTPFacilitatorClient({ url: 'https://x.example', [option]: value })
const fetching: Give = (option, value) =>
  payingFetch(
    () => Promise.reject(new Error('not asked')),
    budget('limits.payees', ['0x1']) as never,
    {
      [option]: value,
    },
  )
const gateway: Give = (option, value) =>
  createGateway({ targets: [{ name: 'T', mcp: 'http://x' }], [option]: value })

function said(give: Give, option: string, value: unknown): string {
  try {
    give(option, value)
    return 'taken'
  } catch (error) {
    return (error as OptionsError).expected
  }
}

const WORDS = 'expected a non-empty list of non-empty strings'
const FLAG = 'expected true or false'
const FUNCTION = 'expected a function'
const MS = 'expected whole milliseconds from 1 to 900000'

type Verdicts = [value: unknown, said: string][]

const LISTS: Verdicts = [
  [['a', 'b'], 'taken'],
  [[], WORDS],
  [[''], WORDS],
  [['a', ' '], WORDS],
  [['a', 1], WORDS],
  ['a', WORDS],
  [null, WORDS],
  [{}, WORDS],
]

test.each<[string, Give]>([
  ['planIds', seller],
  ['billableMethods', seller],
  ['limits.networks', budget],
  ['limits.plans', plans],
])('lists are checked alike: %s', (option, give) => {
  expect(LISTS.map(([value]) => [value, said(give, option, value)])).toEqual(LISTS)
})

test.each<[string, Give]>([
  ['chargeOnError', seller],
  ['forwardAuthorization', seller],
  ['trustReceipts', budget],
  ['autoPayment', plugin],
  ['allowPrivateHosts', plugin],
])('flags are checked alike: %s', (option, give) => {
  const verdicts: Verdicts = [
    [true, 'taken'],
    [false, 'taken'],
    [undefined, 'taken'],
    [null, FLAG],
    [0, FLAG],
    ['true', FLAG],
  ]
  expect(verdicts.map(([value]) => [value, said(give, option, value)])).toEqual(verdicts)
})

test.each<[string, Give]>([
  ['onEvent', seller],
  ['now', seller],
  ['confirm', budget],
  ['tokenProvider', manager],
  ['onPaymentError', plugin],
  ['createAuthHeaders', facilitator],
  ['now', facilitator],
  ['fetch', fetching],
])('functions are checked alike: %s', (option, give) => {
  const verdicts: Verdicts = [
    [() => undefined, 'taken'],
    [undefined, 'taken'],
    [null, FUNCTION],
    [{}, FUNCTION],
    ['x', FUNCTION],
  ]
  expect(verdicts.map(([value]) => [value, said(give, option, value)])).toEqual(verdicts)
})

test.each<[string, Give]>([
  ['verifyTimeoutMs', seller],
  ['settleTimeoutMs', seller],
  ['interceptorTimeoutMs', gateway],
  ['targetTimeoutMs', gateway],
])('times are checked alike: %s', (option, give) => {
  const verdicts: Verdicts = [
    [1, 'taken'],
    [900_000, 'taken'],
    [undefined, 'taken'],
    [0, MS],
    [900_001, MS],
    [1.5, MS],
    ['5', MS],
    [Number.NaN, MS],
  ]
  expect(verdicts.map(([value]) => [value, said(give, option, value)])).toEqual(verdicts)
})

test.each<[string, Give]>([
  ['a seller', seller],
  ['limits of a buyer', budget],
  ['a payment manager', manager],
  ['the plugin', plugin],
  ['a client of facilitators', facilitator],
  ['payingFetch', fetching],
  ['a local gateway', gateway],
])('%s takes no option that it does not know, also one that all objects have', (_, give) => {
  for (const option of ['unknown', 'constructor', 'toString']) {
    for (const value of [1, undefined]) {
      expect(said(give, option, value)).toMatch(
        /^is (not an option|not a limit|no option|not one of .+)$/,
      )
    }
  }
})
