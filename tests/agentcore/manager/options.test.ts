import { readFileSync } from 'node:fs'
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore'
import { expect, test } from '@jest/globals'
import {
  OptionsError,
  PaymentManager,
  type PaymentManagerOptions,
  type ProcessPaymentInput,
} from '../../../src/agentcore/index.js'
import { isLoopback } from '../../../src/wire/loopback.js'
import { VERSION } from '../../../src/version.js'
import { failure, funded, setup } from '../support/payment-manager.js'

const ARN = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/mine-abcdefghij'
const make = (options: Partial<PaymentManagerOptions> = {}) =>
  new PaymentManager({ paymentManagerArn: ARN, userId: 'user-1', ...options })
const wrong = (options: object) => {
  try {
    make(options)
  } catch (error) {
    return error instanceof OptionsError ? error.option : error
  }
  return 'nothing'
}

test('the version in the user agent is that of the package', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(VERSION).toBe(version)
})

test.each([
  ['is not there', undefined],
  ['is empty', ''],
  ['is no ARN', 'mine-abcdefghij'],
  ['is of another service', ARN.replace('bedrock-agentcore', 'bedrock')],
  ['has no account', ARN.replace('123456789012', '')],
  ['is of another partition', ARN.replace('arn:aws', 'arn:gcp')],
  ['has a short account', ARN.replace('123456789012', '12345')],
  ['is of another resource', ARN.replace('payment-manager', 'gateway')],
  ['has no id', ARN.replace('mine-abcdefghij', '')],
  ['has neither id nor slash', ARN.replace('/mine-abcdefghij', '')],
  ['has no region', ARN.replace('us-west-2', '')],
  ['has a space in its id', ARN.replace('mine', 'my own')],
  ['has something after it', `${ARN}/more`],
  ['has a region that would be another host', ARN.replace('us-west-2', 'evil-example-com')],
])('a payment manager whose ARN %s is refused by name', (_, paymentManagerArn) => {
  expect(wrong({ paymentManagerArn })).toBe('paymentManagerArn')
})

test.each([
  'arn:aws-us-gov:bedrock-agentcore:us-gov-west-1:123456789012:payment-manager/a-0123456789',
  'arn:aws-cn:bedrock-agentcore:cn-north-1:123456789012:payment-manager/a-b-c-0123456789',
  `arn:aws:bedrock-agentcore:ap-southeast-5:123456789012:payment-manager/${'a'.repeat(49)}-0123456789`,
])('an ARN of any partition will do: %s', (paymentManagerArn) => {
  expect(make({ paymentManagerArn }).protocols).toEqual(['x402', 'mpp'])
})

test.each([
  ['userId', ''],
  ['userId', ' '],
  ['userId', 'a'.repeat(121)],
  ['userId', 'alice\r\nx-admin: 1'],
  ['userId', 7],
  ['agentName', ''],
  ['agentName', 'a'.repeat(257)],
  ['agentName', 'ägent'],
  ['agentName', 'a\nb'],
  ['region', ''],
  ['region', 'evil.example.com#'],
  ['region', 'us-west-2.evil.example.com'],
  ['region', 'US-WEST-2'],
  ['region', 'eu-west-1'],
  ['endpoint', ''],
  ['endpoint', 'localhost:1234'],
  ['endpoint', 'ftp://localhost'],
  ['endpoint', 'https://user:password@localhost'],
  ['endpoint', 'https://localhost?a=b'],
  ['endpoint', 'https://localhost#a'],
  ['credentials', 'AKID'],
  ['credentials', null],
  ['maxAttempts', 0],
  ['maxAttempts', 11],
  ['maxAttempts', 1.5],
  ['maxAttempts', '3'],
  ['client', {}],
  ['client', null],
  ['bearerToken', ''],
  ['bearerToken', 'abc\r\nx-admin: 1'],
  ['bearerToken', 'abc\n'],
  ['bearerToken', 'a\0b'],
  ['bearerToken', 'a b'],
  ['bearerToken', 7],
  ['tokenProvider', 'abc'],
  ['paymentInstrumentId', ''],
  ['paymentSessionId', ''],
  ['networkPreferences', 'base'],
  ['networkPreferences', ['base', '']],
  ['buyerPaysGasFees', 'yes'],
  ['permit2AllowanceLimit', '0'],
  ['permit2AllowanceLimit', '-1'],
  ['permit2AllowanceLimit', '1.5'],
  ['permit2AllowanceLimit', ''],
  ['permit2AllowanceLimit', 100],
  ['permit2AllowanceLimit', '1'.repeat(79)],
  ['limits', 'none'],
  ['limits', null],
  ['now', 1],
  ['paymentManagerARN', ARN],
  ['regionName', 'us-west-2'],
])('%s of %j is refused by name', (option, value) => {
  expect(wrong({ [option]: value })).toBe(option)
})

test.each([
  ['limits.schemes', { schemes: [] }],
  ['limits.schemes', { schemes: 'exact' }],
  ['limits.assets', { assets: [''] }],
  ['limits.payees', { payees: [7] }],
  ['limits.maxAmountPerPayment', { maxAmountPerPayment: 100 }],
  ['limits.maxAmountPerPayment', { maxAmountPerPayment: '1.5' }],
  ['limits.maxAmountPerPayment', { maxAmountPerPayment: '' }],
  ['limits.maxAmount', { maxAmount: '1' }],
])('%s is refused by name in %j', (option, limits) => {
  expect(wrong({ limits })).toBe(option)
})

test.each([
  ['a provider', 'bearerToken', { bearerToken: 'abc', tokenProvider: () => 'abc' }],
  ['credentials', 'credentials', { bearerToken: 'abc', credentials: () => 'abc' }],
  ['clear text', 'endpoint', { bearerToken: 'abc', endpoint: 'http://example.com' }],
  [
    'an address that looks like loopback',
    'endpoint',
    { tokenProvider: () => 'abc', endpoint: 'http://127.0.0.1.example.com' },
  ],
])('a token is refused together with %s', (_, option, options) => {
  expect(wrong(options)).toBe(option)
})

test.each(['region', 'endpoint', 'credentials', 'maxAttempts', 'bearerToken', 'tokenProvider'])(
  'a client of the caller has its own %s',
  (option) => {
    const values = {
      region: 'us-west-2',
      endpoint: 'https://localhost',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 3,
      bearerToken: 'abc',
      tokenProvider: () => 'abc',
    }
    const client = new BedrockAgentCoreClient({ region: 'us-west-2' })
    expect(wrong({ client, [option]: values[option as keyof typeof values] })).toBe(option)
  },
)

test('whatever the environment lacks may be left undefined', () => {
  const options: PaymentManagerOptions = {
    paymentManagerArn: ARN,
    agentName: process.env['NOT_SET'],
    userId: process.env['NOT_SET'],
    bearerToken: process.env['NOT_SET'],
    tokenProvider: undefined,
    region: process.env['NOT_SET'],
    endpoint: process.env['NOT_SET'],
    credentials: undefined,
    client: undefined,
    maxAttempts: undefined,
    paymentInstrumentId: process.env['NOT_SET'],
    paymentSessionId: process.env['NOT_SET'],
    networkPreferences: undefined,
    limits: { schemes: undefined, assets: undefined, payees: undefined },
    buyerPaysGasFees: undefined,
    permit2AllowanceLimit: process.env['NOT_SET'],
    now: undefined,
  }
  expect(new PaymentManager(options).protocols).toEqual(['x402', 'mpp'])
})

test.each([
  'http://localhost:1',
  'http://127.0.0.1',
  'http://127.8.9.1:80/',
  'http://[::1]:1',
  'http://aws.localhost',
  'https://example.com',
])('a bearer token goes to %s', (endpoint) => {
  expect(make({ bearerToken: 'abc', endpoint }).protocols).toEqual(['x402', 'mpp'])
})

test.each([
  'example.com',
  '10.0.0.1',
  '128.0.0.1',
  'localhost.example.com',
  '127.0.0.1.nip.io',
  '[::2]',
  '1localhost',
])('%s is no loopback address', (host) => {
  expect(isLoopback(host)).toBe(false)
})

test('signed calls may go anywhere over http, e.g. to a container', () => {
  expect(make({ endpoint: 'http://payments:4566' }).protocols).toEqual(['x402', 'mpp'])
})

test('calls go to the region of the ARN', async () => {
  const { manager, calls } = await setup()
  await manager.listPaymentSessions()
  expect(calls()[0]?.headers.authorization).toContain('/us-west-2/bedrock-agentcore/aws4_request')
})

test.each(['AWS_REGION', 'AWS_DEFAULT_REGION'])('%s does not change the region', async (name) => {
  const { manager, calls } = await setup()
  process.env[name] = 'eu-west-1'
  try {
    await manager.listPaymentSessions()
  } finally {
    Reflect.deleteProperty(process.env, name)
  }
  expect(calls()[0]?.headers.authorization).toContain('/us-west-2/bedrock-agentcore/aws4_request')
})

test('an explicit region that is that of the ARN will do', async () => {
  const { managerWith, calls } = await setup()
  await managerWith({ region: 'us-west-2' }).listPaymentSessions()
  expect(calls()).toHaveLength(1)
})

test('making a manager asks nobody anything', async () => {
  const asked: string[] = []
  const { managerWith, calls } = await setup()
  managerWith({
    credentials: async () => {
      asked.push('credentials')
      return { accessKeyId: 'a', secretAccessKey: 'b' }
    },
  })
  make({ tokenProvider: () => (asked.push('token'), 'abc') })
  expect([...asked, ...calls()]).toEqual([])
})

test.each(['paymentInstrumentID', 'limit', 'paymentManagerArn'])(
  'a payer with the unknown setting %s is refused by name',
  (name) => {
    expect(() => make().payer({ [name]: 'x' })).toThrow(OptionsError)
    expect(() => make().payer({ [name]: 'x' })).toThrow(name)
  },
)

test('a payer with a setting that does not fit is refused by name', () => {
  expect(() => make().payer({ paymentSessionId: '' })).toThrow('paymentSessionId')
})

test.each([
  ['clientToken', { clientToken: 'too-short' }],
  ['clientToken', { clientToken: `-${'a'.repeat(40)}` }],
  ['clientToken', { clientToken: `${'a'.repeat(40)}-` }],
  ['clientToken', { clientToken: 'a'.repeat(257) }],
  ['clientToken', { clientToken: '' }],
  ['userId', { userId: '' }],
  ['userId', { userId: 'a\r\nb' }],
])('%s of %j is refused before anything is asked', async (name, more) => {
  const { manager, calls, paymentInstrumentId, paymentSessionId } = await funded()
  const before = calls().length
  const input = { expiryTimeInMinutes: 60, ...more }
  const paid = {
    paymentInstrumentId,
    paymentSessionId,
    paymentType: 'MPP',
    paymentInput: { mpp: { version: '1', wwwAuthenticateHeaders: [] } },
    ...more,
  } satisfies ProcessPaymentInput
  for (const call of [manager.createPaymentSession(input), manager.processPayment(paid)]) {
    const error = await failure(call)
    expect(error).toMatchObject({ name: 'PaymentError', code: 'invalid_input' })
    expect(String(error)).toContain(name)
  }
  expect(calls()).toHaveLength(before)
})
