import { expect, test } from '@jest/globals'
import {
  OptionsError,
  PaymentError,
  requiresPayment,
  type RequiresPaymentOptions,
} from '../../../src/index.js'
import { hello, sell, stack, textOf } from '../../support/seller.js'

const facilitator = {
  verifyPermissions: () => Promise.resolve({ isValid: true }),
  settlePermissions: () => Promise.resolve({ success: true }),
}
const payments = { facilitator, plans: { getPlan: () => Promise.resolve({}) } }
const GOOD = { payments, planId: 'plan-1' }
const NONE = { planId: undefined, payments: undefined }

/** What making a wrapper with these options throws. */
function thrownBy(options: unknown): OptionsError {
  try {
    requiresPayment(hello, options as RequiresPaymentOptions)
  } catch (error) {
    if (error instanceof OptionsError) return error
  }
  throw new Error('no OptionsError was thrown')
}

const TEXT: [unknown[], string] = [['', '  ', 1, null, {}], 'expected a non-empty string']
const WHOLE = [-1, 0.5, '1', Number.NaN, Infinity, null, 2 ** 53, -1n]
const MS = [0, -1, 1.5, 900_001, '5', null, Infinity, Number.NaN]
const HOOK: [unknown[], string] = [['log', {}, null], 'expected a function']
const FLAG: [unknown[], string] = [['yes', 1, null], 'expected true or false']
const POLICY: [unknown[], string] = [['drop', true, null], `expected 'withhold' or 'deliver'`]

const BAD: [option: string, values: unknown[], expected: string][] = [
  ['payments', [1, 'key', {}, { facilitator: {} }, null], 'expected a Payments instance'],
  ['facilitator', [1, {}, { verifyPermissions: hello }, null], 'expected a facilitator with'],
  ['planId', ...TEXT],
  ['planIds', ['plan-1', [], [''], [1], null], 'expected a non-empty list of non-empty strings'],
  ['credits', WHOLE, 'expected a whole number of credits ≥ 0'],
  ['maxCredits', [...WHOLE, () => 1], 'expected a whole number of credits ≥ 0'],
  ['creditsFrom', ['meta', ['footer'], [1], null], `expected a list of 'meta'`],
  ['tools', ['free', [], 1, null], 'expected an object of tool names'],
  ['scheme', ...TEXT],
  ['network', ...TEXT],
  ['agentId', ...TEXT],
  ['endpoint', ['', '  ', 'no url', 1, null, {}], 'expected a URL'],
  ['description', ...TEXT],
  ['mimeType', ...TEXT],
  [
    'tokenHeader',
    ['', ' ', [], ['X-Pay', ''], 'a b', 'a:b', 1, null],
    'expected an HTTP header name',
  ],
  ['billableMethods', ['tools/call', [], [''], null], 'expected a non-empty list'],
  ['otherMethods', ['target', true, null], `expected 'gateway' or 'handler'`],
  ['onBeforeVerify', ...HOOK],
  ['onAfterVerify', ...HOOK],
  ['onAfterSettle', ...HOOK],
  ['onPaymentError', ...HOOK],
  ['onSettlementRefused', ...POLICY],
  ['onSettlementUnknown', ...POLICY],
  ['retrySettleByRequestId', ...FLAG],
  ['chargeOnError', ...FLAG],
  ['verifyTimeoutMs', MS, 'expected whole milliseconds from 1 to 900000'],
  ['settleTimeoutMs', MS, 'expected whole milliseconds from 1 to 900000'],
  ['settleReserveMs', MS, 'expected whole milliseconds from 1 to 900000'],
  ['logger', [1, {}, { warn: hello }, null], 'expected a logger with'],
  ['now', [0, null], 'expected a function'],
]

test.each(BAD.flatMap(([option, values, expected]) => values.map((v) => [option, v, expected])))(
  'the option %s refuses %p when the wrapper is made',
  (option, value, expected) => {
    const error = thrownBy({ ...GOOD, [String(option)]: value })
    expect(error.option).toBe(option)
    expect(error.message.startsWith(`${String(option)}: ${String(expected)}`)).toBe(true)
    expect(error).toBeInstanceOf(PaymentError)
    expect(error.code).toBe('invalid_options')
  },
)

test.each<[string, unknown, string]>([
  ['no options', undefined, 'options'],
  ['null for options', null, 'options'],
  ['a list for options', [], 'options'],
  ['an unknown name', { ...GOOD, creditz: 5 }, 'creditz'],
  ['an unknown name that is undefined', { ...GOOD, creditz: undefined }, 'creditz'],
  ['a name every object has', { ...GOOD, toString: 'x' }, 'toString'],
  ['neither payments nor facilitator', { planId: 'plan-1' }, 'payments'],
  ['payments that are undefined', { ...GOOD, payments: undefined }, 'payments'],
  [
    'payments and facilitator',
    { ...GOOD, facilitator, scheme: 'nvm:erc4337', network: 'eip155:1' },
    'payments',
  ],
  ['neither plan nor tools', { payments }, 'planId'],
  ['a plan that is undefined', { ...GOOD, planId: undefined }, 'planId'],
  ['no plan and an empty table', { payments, tools: {} }, 'planId'],
  ['planId and planIds', { ...GOOD, planIds: ['plan-2'] }, 'planIds'],
  ['agentId without endpoint', { ...GOOD, agentId: 'agent-1' }, 'endpoint'],
  ['a facilitator without scheme', { ...GOOD, ...NONE, facilitator, network: 'n' }, 'scheme'],
  ['a facilitator without network', { ...GOOD, ...NONE, facilitator, scheme: 's' }, 'network'],
  ['payments that look up no plans', { ...GOOD, payments: { facilitator } }, 'scheme'],
  ['a tool that is no object', { ...GOOD, tools: { a: 5 } }, 'tools.a'],
  ['a tool that is undefined', { ...GOOD, tools: { a: undefined } }, 'tools.a'],
  ['a tool of a wrong word', { ...GOOD, tools: { a: 'gratis' } }, 'tools.a'],
  ['an unknown name in a tool', { ...GOOD, tools: { a: { prices: 5 } } }, 'tools.a.prices'],
  ['a fraction in a tool', { ...GOOD, tools: { a: { credits: 0.5 } } }, 'tools.a.credits'],
  ['a bad maximum in a tool', { ...GOOD, tools: { a: { maxCredits: -1 } } }, 'tools.a.maxCredits'],
  ['an empty plan in a tool', { ...GOOD, tools: { a: { planId: '' } } }, 'tools.a.planId'],
  ['no plans in a tool', { ...GOOD, tools: { a: { planIds: [] } } }, 'tools.a.planIds'],
  ['two kinds of plans in a tool', toolWith({ planId: 'p', planIds: ['q'] }), 'tools.a.planIds'],
  ['an empty description in a tool', toolWith({ description: '' }), 'tools.a.description'],
  ['a tool without any plan', { payments, tools: { a: { credits: 5 } } }, 'tools.a.planId'],
  ['a fixed price above maxCredits', { ...GOOD, credits: 5, maxCredits: 3 }, 'maxCredits'],
  ['a default price above maxCredits', { ...GOOD, maxCredits: 0 }, 'maxCredits'],
  [
    'a tool priced above its maximum',
    toolWith({ credits: 5, maxCredits: 3 }),
    'tools.a.maxCredits',
  ],
])('%s: refused by name when the wrapper is made', (_, options, option) => {
  expect(thrownBy(options).option).toBe(option)
})

function toolWith(row: Record<string, unknown>) {
  return { ...GOOD, tools: { a: row } }
}

test('an option under its former name is refused with the new one', () => {
  const error = thrownBy({ ...GOOD, unbilled: 'handler' })
  expect(error.option).toBe('unbilled')
  expect(error.message).toContain('did you mean otherMethods?')
})

test('options alone are checked before any handler is given', () => {
  expect(() => requiresPayment({ ...GOOD, credits: 0.5 })).toThrow(OptionsError)
})

test('optional options accept undefined and mean their defaults', async () => {
  const local = await stack()
  const names = BAD.map(([option]) => option).filter((it) => it !== 'payments')
  const unset = Object.fromEntries(names.map((name) => [name, undefined]))
  const handler = sell(local, hello, { ...unset, planId: local.planId })
  expect(textOf(await handler(local.paidEvent('T___hello')))).toBe('Hello!')
  expect(local.balance()).toBe(99n)
})

test('undefined in the row of a tool means the default', async () => {
  const local = await stack()
  const row = { planId: undefined, planIds: undefined, credits: undefined, maxCredits: undefined }
  const tools = { hello: { ...row, description: undefined } }
  const handler = sell(local, hello, { planId: local.planId, credits: 4, tools })
  await handler(local.paidEvent('T___hello'))
  expect(local.balance()).toBe(96n)
})

test('hooks changed after the wrapper was made change nothing', async () => {
  const local = await stack()
  const options: RequiresPaymentOptions = { ...GOOD, scheme: 's', network: 'n' }
  const handler = requiresPayment(hello, options)
  const calls: string[] = []
  options.onPaymentError = () => void calls.push('changed')
  await handler(local.paidEvent('T___hello', {}, null))
  expect(calls).toEqual([])
})

test('prices changed after the wrapper was made change nothing', async () => {
  const local = await stack()
  const tools: Record<string, { credits: number }> = { hello: { credits: 2 } }
  const planIds = [local.planId]
  const handler = sell(local, hello, { planIds, tools })
  planIds.length = 0
  tools['hello'] = { credits: 50 }
  await handler(local.paidEvent('T___hello'))
  expect(local.balance()).toBe(98n)
})

test.each([
  ['one plan', { planId: 'plan-1' }],
  ['several plans', { planIds: ['plan-1', 'plan-2'] }],
  ['plans per tool', { tools: { a: { planId: 'plan-1' }, b: { planIds: ['plan-2'] } } }],
  ['only free tools', { tools: { a: 'free' as const } }],
])('%s make a wrapper', (_, plans) => {
  expect(typeof requiresPayment(hello, { payments, ...plans } as RequiresPaymentOptions)).toBe(
    'function',
  )
})
