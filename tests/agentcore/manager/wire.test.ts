import { ListPaymentSessionsCommand } from '@aws-sdk/client-bedrock-agentcore'
import { expect, test } from '@jest/globals'
import { PaymentManager, type PaymentManagerOptions } from '../../../src/agentcore/index.js'
import { VERSION } from '../../../src/version.js'
import { OPERATE, OPERATION_NAMES } from '../support/manager-operations.js'
import {
  CREDENTIALS,
  failure,
  jwt,
  runAlone,
  setup,
  type Setup,
  rejecting,
} from '../support/payment-manager.js'

const USER = 'x-amzn-bedrock-agentcore-payments-user-id'
const AGENT = 'x-amzn-bedrock-agentcore-payments-agent-name'

const OPERATIONS = OPERATION_NAMES.map((name) => [name, OPERATE[name]] as const)

/** Headers of the one call that was made. */
async function headersOf(one: Setup, call: Promise<unknown>) {
  await call.catch(() => undefined)
  expect(one.calls()).toHaveLength(1)
  return one.calls()[0]?.headers ?? {}
}

async function bearer(options: Partial<PaymentManagerOptions>) {
  const one = await setup()
  const { paymentManagerArn } = one.buyer.service.addManager('CUSTOM_JWT')
  const endpoint = one.buyer.service.url
  return { ...one, manager: new PaymentManager({ paymentManagerArn, endpoint, ...options }) }
}

test.each(OPERATIONS)('%s says who, which agent and with what, signed', async (operation, call) => {
  const one = await setup()
  const manager = one.managerWith({ agentName: ' shopper 1 ' })
  const { authorization = '', ...headers } = await headersOf(one, call(manager))
  expect(one.calls()[0]?.operation).toBe(operation)
  expect(headers).toMatchObject({ [USER]: 'user-1', [AGENT]: 'shopper 1' })
  expect(headers['user-agent']).toMatch(new RegExp(` agentcore-x402/${VERSION}$`))
  const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';')
  expect(signed).toEqual(expect.arrayContaining([USER, AGENT]))
})

test.each(OPERATIONS)('the user of one %s beats that of the manager', async (_, call) => {
  const one = await setup()
  const headers = await headersOf(one, call(one.manager, { userId: ' user-2 ' }))
  expect(headers[USER]).toBe('user-2')
  expect(headers).not.toHaveProperty(AGENT)
})

test.each(OPERATIONS)('%s takes no member AWS does not have', async (_, call) => {
  const one = await setup()
  const misspelt = { userId: 'alice', limit: { maxSpendAmount: { value: '1', currency: 'USD' } } }
  const error = await failure(call(one.manager, misspelt))
  expect(error).toMatchObject({ name: 'PaymentError', code: 'invalid_input' })
  expect(String(error)).toContain('limit: ')
  expect(one.calls()).toEqual([])
})

test.each(OPERATIONS)('%s needs to know who it is for', async (_, call) => {
  const one = await setup()
  const manager = one.managerWith({ userId: undefined })
  const error = await failure(call(manager))
  expect(error).toMatchObject({ name: 'PaymentError', code: 'invalid_input' })
  expect(String(error)).toContain('userId')
  expect(one.calls()).toEqual([])
})

test.each(OPERATIONS)(
  '%s with a bearer token is neither signed nor names a user',
  async (_, call) => {
    const bearerToken = jwt('alice')
    const one = await bearer({ bearerToken, userId: 'user-1', agentName: 'shopper' })
    const headers = await headersOf(one, call(one.manager, { userId: 'user-2' }))
    expect(headers.authorization).toBe(`Bearer ${bearerToken}`)
    expect(headers[AGENT]).toBe('shopper')
    const others = Object.keys(headers).filter((name) =>
      /user-id$|^x-amz-(date|security|content)/.test(name),
    )
    expect(others).toEqual([])
  },
)

test('with a bearer token AWS knows who it is for', async () => {
  const one = await bearer({ bearerToken: jwt('alice') })
  expect(await one.manager.createPaymentSession({ expiryTimeInMinutes: 60 })).toMatchObject({
    userId: 'alice',
  })
})

test('a token provider is asked before every request', async () => {
  const tokens = ['alice', 'bob', 'carol'].map(jwt)
  const left = [...tokens]
  const one = await bearer({ tokenProvider: () => left.shift() ?? '' })
  await one.manager.listPaymentSessions()
  await one.manager.listPaymentSessions()
  expect(one.calls().map(({ headers }) => headers.authorization)).toEqual(
    tokens.slice(0, 2).map((token) => `Bearer ${token}`),
  )
})

test('a token provider is asked again before a request is repeated', async () => {
  const tokens = ['alice', 'bob'].map(jwt)
  const left = [...tokens]
  const one = await bearer({ tokenProvider: async () => left.shift() ?? '' })
  one.buyer.service.faults.set({ kind: 'reset' })
  await one.manager.listPaymentSessions()
  expect(one.calls().map(({ headers }) => headers.authorization)).toEqual(
    tokens.map((token) => `Bearer ${token}`),
  )
})

test('a token provider learns when the caller gives up', async () => {
  const controller = new AbortController()
  const reason = new Error('changed my mind')
  const signals: (AbortSignal | undefined)[] = []
  const one = await bearer({
    tokenProvider: ({ abortSignal }) =>
      new Promise((_, reject) => {
        signals.push(abortSignal)
        abortSignal?.addEventListener('abort', () => reject(new Error('aborted')))
        controller.abort(reason)
      }),
  })
  const { signal: abortSignal } = controller
  expect(await failure(one.manager.listPaymentSessions({}, { abortSignal }))).toBe(reason)
  expect(signals.map((signal) => signal?.aborted)).toEqual([true])
  expect(one.calls()).toEqual([])
})

test('a token provider is given no signal where there is none', async () => {
  const given: unknown[] = []
  const token = jwt('alice')
  const one = await bearer({ tokenProvider: (options) => (given.push(options), token) })
  await one.manager.listPaymentSessions()
  expect(given).toEqual([{}])
})

test.each([
  ['nothing', () => undefined],
  ['the empty string', () => ''],
  ['a line break at the end', () => `${jwt('alice')}\n`],
  ['a header of its own', () => 'abc\r\nx-admin: 1'],
  ['a NUL', () => 'abc\0'],
  ['something else', () => 42],
])('a token that is %s is not sent', async (_, provide) => {
  const one = await bearer({ tokenProvider: provide as () => string })
  const error = await failure(one.manager.listPaymentSessions())
  expect(error).toMatchObject({ name: 'PaymentError', code: 'token_unavailable' })
  expect(one.calls()).toEqual([])
})

test('a token provider that fails is asked once, and what it says is not kept', async () => {
  const token = jwt('alice')
  let asked = 0
  const one = await bearer({
    tokenProvider: () => {
      asked += 1
      throw Object.assign(new Error(`no answer for ${token}`), { code: 'ECONNREFUSED' })
    },
  })
  const error = await failure(one.manager.listPaymentSessions())
  expect(error).toMatchObject({
    code: 'token_unavailable',
    message: 'tokenProvider threw; nothing was sent',
    cause: { name: 'Error', message: 'Error', code: 'ECONNREFUSED' },
  })
  expect(asked).toBe(1)
})

test('a token provider whose own server fails is not asked again for a payment', async () => {
  let asked = 0
  const failed = Object.assign(new Error('down'), { $metadata: { httpStatusCode: 503 } })
  const one = await bearer({ tokenProvider: () => ((asked += 1), rejecting(failed)()) })
  const error = await failure(OPERATE.ProcessPayment(one.manager))
  expect(error).toMatchObject({ code: 'token_unavailable', cause: { httpStatus: 503 } })
  expect(asked).toBe(1)
})

test('a token provider that rejects with no error is reported too', async () => {
  const one = await bearer({ tokenProvider: rejecting('no') })
  expect(await failure(one.manager.listPaymentSessions())).toMatchObject({
    code: 'token_unavailable',
    cause: { message: 'threw a string' },
  })
})

const ALONE = (options: string) => `
  import { PaymentManager } from 'agentcore'
  const { ARN, URL, TOKEN } = process.env
  const manager = new PaymentManager({ paymentManagerArn: ARN, ${options} })
  try {
    const { userId } = await manager.createPaymentSession({ expiryTimeInMinutes: 60 })
    console.log(userId)
  } catch (error) {
    console.log(error.code, error.message)
  }
`

test('a bearer token needs no AWS credentials', async () => {
  const { service } = (await setup()).buyer
  const { paymentManagerArn: ARN } = service.addManager('CUSTOM_JWT')
  const env = { ARN, URL: service.url, TOKEN: jwt('alice'), AWS_EC2_METADATA_DISABLED: 'true' }
  const { stdout, stderr } = await runAlone(ALONE('endpoint: URL, bearerToken: TOKEN'), env)
  expect([stdout, stderr]).toEqual(['alice\n', ''])
})

test('a bearer token does not go over clear text to where the environment points', async () => {
  const env = {
    ARN: (await setup()).buyer.service.addManager('CUSTOM_JWT').paymentManagerArn,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: 'http://payments.example:80',
    TOKEN: jwt('alice'),
  }
  const { stdout } = await runAlone(ALONE('bearerToken: TOKEN'), env)
  expect(stdout).toMatch(/^invalid_options endpoint: a bearer token is only sent over https/)
})

test('without any credentials the error says so', async () => {
  const { service, paymentManagerArn: ARN } = (await setup()).buyer
  const env = { ARN, URL: service.url, AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nowhere' }
  const { stdout } = await runAlone(ALONE("endpoint: URL, userId: 'alice'"), env)
  expect(stdout).toMatch(/^aws\.CredentialsProviderError CreatePaymentSession: /)
  expect(service.calls).toEqual([])
})

test("a client of the caller's own is used as it is", async () => {
  const one = await setup()
  const { data: client } = one.buyer
  const { paymentManagerArn } = one.buyer
  const manager = new PaymentManager({ paymentManagerArn, client, userId: 'alice', agentName: 'a' })
  const middleware = client.middlewareStack.identify()
  await manager.createPaymentSession({ expiryTimeInMinutes: 60 })
  expect(client.middlewareStack.identify()).toEqual(middleware)
  await client.send(new ListPaymentSessionsCommand({ paymentManagerArn, userId: 'alice' }))
  const [ours, theirs] = one.calls().map(({ headers }) => headers)
  expect(ours).toMatchObject({ [AGENT]: 'a', [USER]: 'alice' })
  expect(ours?.authorization).toContain('/eu-west-1/')
  expect(theirs).not.toHaveProperty(AGENT)
  expect(theirs?.['user-agent']).not.toContain('agentcore-x402')
})

test("who a client of the caller's own is for, it may know itself", async () => {
  const one = await setup()
  const { data: client, paymentManagerArn } = one.buyer
  await failure(new PaymentManager({ paymentManagerArn, client }).listPaymentSessions())
  expect(one.calls()[0]?.headers).not.toHaveProperty(USER)
})

test('as many attempts are made as the caller allows', async () => {
  const one = await setup()
  one.buyer.service.faults.set({ kind: 'error', times: 9 })
  await failure(one.managerWith({ maxAttempts: 2 }).listPaymentSessions())
  expect(one.calls()).toHaveLength(2)
})

test('credentials may come from a function, which is asked when they are needed', async () => {
  const one = await setup()
  const manager = one.managerWith({ credentials: async () => CREDENTIALS })
  await manager.listPaymentSessions()
  expect(one.calls()[0]?.headers.authorization).toContain(CREDENTIALS.accessKeyId)
})
