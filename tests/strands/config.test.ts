import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { OptionsError, PaymentManager } from '../../src/agentcore/index.js'
import {
  AgentCorePaymentsConfig,
  AgentCorePaymentsPlugin,
  AgentCorePaymentsPluginConfig,
  type AgentCorePaymentsPluginOptions,
} from '../../src/strands/index.js'

const ARN = 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:payment-manager/mine-abcdefghij'
const REQUIRED = { paymentManagerArn: ARN, userId: 'alice' }
const config = (options: Partial<AgentCorePaymentsPluginOptions> = {}) =>
  new AgentCorePaymentsPluginConfig({ ...REQUIRED, ...options })

test('what is left out has the defaults of the Python plugin', () => {
  const { paymentInstrumentId, paymentSessionId, paymentToolAllowlist, ...fields } = config()
  const mutable = { paymentInstrumentId, paymentSessionId, paymentToolAllowlist }
  expect(mutable).toEqual({})
  expect(fields).toEqual({
    ...REQUIRED,
    autoPayment: true,
    provideHttpRequest: true,
    postPaymentRetryDelaySeconds: 3,
    maxInterruptRetries: 5,
    autoSession: false,
    autoSessionBudget: '1.00',
    autoSessionExpiryMinutes: 60,
    maxErrorRetries: 3,
    limits: {},
    allowPrivateHosts: false,
  })
})

test('what is given is kept under its name', () => {
  const logger = console
  const given = {
    paymentInstrumentId: 'payment-instrument-1',
    paymentSessionId: 'payment-session-1',
    paymentConnectorId: 'connector-1',
    region: 'eu-west-1',
    networkPreferencesConfig: [],
    autoPayment: false,
    agentName: 'shopper',
    paymentToolAllowlist: [],
    provideHttpRequest: false,
    postPaymentRetryDelaySeconds: 0.5,
    maxInterruptRetries: 0,
    autoSession: true,
    autoSessionBudget: '0.50',
    autoSessionExpiryMinutes: 15,
    onPaymentError: () => 'retry',
    maxErrorRetries: 0,
    buyerPaysGasFees: false,
    permit2AllowanceLimit: '1',
    allowPrivateHosts: true,
    logger,
  }
  expect(config(given)).toMatchObject(given)
})

test('limits of single payments are those of the manager', () => {
  const limits = {
    maxAmountPerPayment: '10000',
    schemes: ['exact'],
    assets: ['eip155:8453/0xabc'],
    payees: ['0xdef'],
    hosts: ['Shop.Example', '[::1]:8080'],
    maxTimeoutSeconds: 60,
  }
  const { limits: kept } = config({ limits })
  expect(kept).toEqual(limits)
  expect(Object.isFrozen(kept)).toBe(true)
  limits.payees.push('0xbad')
  expect(kept.payees).toEqual(['0xdef'])
})

test.each<[string, unknown]>([
  ['paymentManagerArn', undefined],
  ['paymentManagerArn', ''],
  ['paymentManagerArn', 'mine'],
  ['userId', undefined],
  ['userId', '  '],
  ['region', 'us-east-1'],
  ['paymentInstrumentId', ''],
  ['paymentSessionId', 7],
  ['paymentConnectorId', ' '],
  ['networkPreferencesConfig', 'base'],
  ['autoPayment', 'yes'],
  ['autoPayment', 1],
  ['autoPayment', null],
  ['agentName', ''],
  ['bearerToken', 'two\nlines'],
  ['tokenProvider', 'a token'],
  ['paymentToolAllowlist', 'http_request'],
  ['paymentToolAllowlist', [1]],
  ['provideHttpRequest', 0],
  ['postPaymentRetryDelaySeconds', -1],
  ['postPaymentRetryDelaySeconds', NaN],
  ['postPaymentRetryDelaySeconds', Infinity],
  ['postPaymentRetryDelaySeconds', true],
  ['maxInterruptRetries', -1],
  ['maxInterruptRetries', 1.5],
  ['maxInterruptRetries', '5'],
  ['customHandlers', () => undefined],
  ['autoSession', 'yes'],
  ['autoSessionBudget', 1],
  ['autoSessionBudget', '0.00'],
  ['autoSessionBudget', '$1'],
  ['autoSessionExpiryMinutes', 14],
  ['autoSessionExpiryMinutes', 481],
  ['onPaymentError', 'retry'],
  ['maxErrorRetries', true],
  ['maxErrorRetries', -1],
  ['buyerPaysGasFees', 'no'],
  ['permit2AllowanceLimit', '0'],
  ['permit2AllowanceLimit', '1.5'],
  ['limits', 'none'],
  ['allowPrivateHosts', 'no'],
  ['logger', null],
  ['logger', { debug: console.debug }],
  ['endpoint', 'not a url'],
])('%s of %p is refused by name', (name, value) => {
  const make = () => config({ [name]: value })
  expect(make).toThrow(OptionsError)
  expect(make).toThrow(expect.objectContaining({ option: name }))
})

test('networks that nobody knows are refused with what is known', () => {
  const make = () => config({ networkPreferencesConfig: ['eip155:8453', 'solona-devnet'] })
  expect(make).toThrow(
    /^networkPreferencesConfig\[1\]: "solona-devnet" .*mean solana-devnet\?.*base-sepolia/,
  )
})

test('an ARN of the documentation will do', () => {
  const paymentManagerArn =
    'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/pm-abc123'
  expect(config({ paymentManagerArn }).paymentManagerArn).toBe(paymentManagerArn)
})

test.each([
  ['maxAmountPerPayment', 'limits.maxAmountPerPayment'],
  ['maxTimeoutSeconds', 'limits.maxTimeoutSeconds'],
  ['allowedSchemes', 'limits.schemes'],
  ['allowedAssets', 'limits.assets'],
  ['allowedPayees', 'limits.payees'],
  ['allowedHosts', 'limits.hosts'],
])('the former name %s is answered with %s', (name, now) => {
  expect(() => config({ [name]: '1' })).toThrow(`did you mean ${now}?`)
})

test('an option that does not exist is refused by name', () => {
  const options = { autopayment: true } as Partial<AgentCorePaymentsPluginOptions>
  expect(() => config(options)).toThrow(expect.objectContaining({ option: 'autopayment' }))
})

test('a custom handler that lacks a method is refused by the name of its tool', () => {
  const handler = { extractStatusCode: () => 402 }
  const customHandlers = { my_tool: handler } as unknown as NonNullable<
    AgentCorePaymentsPluginOptions['customHandlers']
  >
  expect(() => config({ customHandlers })).toThrow(
    /^customHandlers.my_tool: expected an object with a method extractHeaders/,
  )
})

test('a bearer token says who the user is, and does not go with a provider of tokens', () => {
  const bearer = { paymentManagerArn: ARN, bearerToken: 'secret-token' }
  expect(new AgentCorePaymentsPluginConfig(bearer).userId).toBeUndefined()
  const provider = { paymentManagerArn: ARN, tokenProvider: () => 'token' }
  expect(new AgentCorePaymentsPluginConfig(provider).userId).toBeUndefined()
  const both = { ...bearer, ...provider }
  expect(() => new AgentCorePaymentsPluginConfig(both)).toThrow(
    expect.objectContaining({ option: 'bearerToken' }),
  )
})

test('neither a config nor a plugin shows its bearer token when it is printed', () => {
  const plugin = new AgentCorePaymentsPlugin({
    paymentManagerArn: ARN,
    bearerToken: 'secret-token',
  })
  const printed = [inspect(plugin, { depth: 9, showHidden: true }), JSON.stringify(plugin.config)]
  expect(printed.join()).not.toContain('secret-token')
})

test('ids can be given later, and not be taken away', () => {
  const one = config()
  one.updatePaymentInstrumentId('payment-instrument-1')
  one.updatePaymentSessionId('payment-session-1')
  expect(one).toMatchObject({
    paymentInstrumentId: 'payment-instrument-1',
    paymentSessionId: 'payment-session-1',
  })
  expect(() => one.updatePaymentInstrumentId('')).toThrow(OptionsError)
  expect(() => one.updatePaymentSessionId(' ')).toThrow(OptionsError)
  expect(one.paymentSessionId).toBe('payment-session-1')
})

test('a tool on the allow-list is allowed, and added where every tool was, the only one', () => {
  const one = config()
  expect(one.isToolAllowed('any')).toBe(true)
  one.addToAllowlist('a', 'b', 'a')
  expect(one.paymentToolAllowlist).toEqual(['a', 'b'])
  expect([one.isToolAllowed('a'), one.isToolAllowed('any')]).toEqual([true, false])
})

test('a tool that is removed is not allowed, and no other is that was not', () => {
  const one = config({ paymentToolAllowlist: ['a'] })
  one.removeFromAllowlist('a')
  expect(one.paymentToolAllowlist).toEqual([])
  expect([one.isToolAllowed('a'), one.isToolAllowed('b')]).toEqual([false, false])
  const every = config()
  every.removeFromAllowlist('a')
  expect([every.isToolAllowed('a'), every.isToolAllowed('b')]).toEqual([false, true])
  every.addToAllowlist('a')
  expect([every.isToolAllowed('a'), every.isToolAllowed('b')]).toEqual([true, false])
})

test('the config of a plugin is the one that was given, or one made of the options', () => {
  const one = config()
  expect(new AgentCorePaymentsPlugin(one).config).toBe(one)
  expect(new AgentCorePaymentsPlugin(REQUIRED).config).toBeInstanceOf(AgentCorePaymentsPluginConfig)
  expect(new AgentCorePaymentsPlugin(one).name).toBe('agent-core-payments-plugin')
})

test.each([
  // as in Python
  ...['payment_manager_arn', 'user_id', 'payment_instrument_id', 'network_preferences_config'],
  ...['post_payment_retry_delay_seconds', 'buyer_pays_gas_fees', 'permit2_allowance_limit'],
])('a name of Python is answered with the one here: %s', (name) => {
  const camel = name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  const given = { ...REQUIRED, [name]: 'x' } as never
  const message = `${name}: is not one of the options of AgentCorePaymentsPlugin; did you mean ${camel}?`
  expect(() => new AgentCorePaymentsPlugin(given)).toThrow(
    new OptionsError(name, message.slice(name.length + 2)),
  )
})

test.each([
  ['region_name', 'region'],
  ['regionName', 'region'],
  ['boto_client_config', 'client'],
  ['paymentManagerARN', 'paymentManagerArn'],
  ['UserID', 'userId'],
  ['auto-payment', 'autoPayment'],
  ['networkPreferences', 'networkPreferencesConfig'],
  ['config', 'new AgentCorePaymentsPlugin(config), without braces'],
])('an option of another name is answered with the one meant: %s', (name, meant) => {
  const given = { ...REQUIRED, [name]: 'x' } as never
  expect(() => new AgentCorePaymentsPluginConfig(given)).toThrow(`; did you mean ${meant}?`)
})

test('a name that nobody uses is refused without a guess, and without its value', () => {
  const given = { ...REQUIRED, colour: 'secret-red' } as never
  expect(() => config(given)).toThrow(
    /^colour: is not one of the options of AgentCorePaymentsPlugin$/,
  )
})

test('what the original calls by another name of its own is here under both', () => {
  expect(AgentCorePaymentsConfig).toBe(AgentCorePaymentsPluginConfig)
  expect(AgentCorePaymentsPlugin.MAX_PAYMENT_RETRIES).toBe(3)
  const typed: AgentCorePaymentsConfig = config()
  expect(new AgentCorePaymentsPlugin(typed).paymentManager).toBeInstanceOf(PaymentManager)
})
