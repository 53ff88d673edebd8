import { expect, test } from '@jest/globals'
import type { ManagerWithConnectorOptions } from '../../../src/agentcore/index.js'
import {
  COINBASE,
  MANAGER,
  PROVIDER,
  WITH_CONNECTOR,
  failed,
  rejection,
  setUp,
} from '../support/payment-client.js'
import { instead, setup } from '../support/payment-manager.js'

type Call = (options: object) => Promise<unknown>

const { paymentConnectorConfig: CONNECTOR } = WITH_CONNECTOR
const { paymentCredentialProviderConfig: KEYS } = CONNECTOR
const connector = (more: object) =>
  ({ paymentConnectorConfig: { ...CONNECTOR, ...more } }) as Partial<ManagerWithConnectorOptions>
const keys = (more: object) => connector({ paymentCredentialProviderConfig: { ...KEYS, ...more } })

test.each([
  [
    'CreatePaymentManager: ValidationException: paymentManagerName: expected 1 to 48 letters and digits, a letter first',
    { paymentManagerName: 'my-private-shop' },
  ],
  [
    'CreatePaymentManager: ValidationException: paymentManagerDescription: expected 1 to 4 096 letters, digits and spaces',
    { paymentManagerDescription: 'my-private-shop!' },
  ],
  [
    'CreatePaymentManager: ValidationException: roleArn: expected arn:aws:iam::<account>:role/<name>',
    { roleArn: 'my-private-shop' },
  ],
  [
    'CreatePaymentConnector: ValidationException: paymentConnectorConfig.name: expected 1 to 48 letters, digits and underscores',
    connector({ name: 'my-private-shop' }),
  ],
  [
    'CreatePaymentConnector: ValidationException: paymentConnectorConfig.description: expected 1 to 4 096',
    connector({ description: 'my-private-shop' }),
  ],
  [
    'CreatePaymentCredentialProvider: ValidationException: paymentConnectorConfig.paymentCredentialProviderConfig.name: expected 1 to 128 letters, digits, hyphens',
    keys({ name: 'my private shop' }),
  ],
  [
    'paymentConnectorConfig.paymentCredentialProviderConfig.credentials.apiKeySecret: expected 1 to 2048 characters of base64',
    keys({ credentials: { ...COINBASE, apiKeySecret: 'my private shop!' } }),
  ],
])('%s', async (said, options) => {
  const error = await failed(await setUp(), options)
  expect(error.message).toContain(said)
  expect(error.message).not.toMatch(/private|shop!/)
  expect(error.message).toContain('nothing is left of it')
})

test('several fields are named at once', async () => {
  const { message } = await failed(await setUp(), { paymentManagerName: 'a-b', roleArn: 'x' })
  expect(message).toMatch(/paymentManagerName: expected [^;]*; roleArn: expected/)
})

test.each([
  [
    'CreatePaymentCredentialProvider',
    'paymentConnectorConfig.paymentCredentialProviderConfig.name',
  ],
  ['CreatePaymentManager', 'paymentManagerName'],
  ['CreatePaymentConnector', 'paymentConnectorConfig.name'],
])('a conflict of %s is about %s', async (operation, option) => {
  const all = await setUp()
  all.service.faults.set({ operation, kind: 'error', name: 'ConflictException', status: 409 })
  expect((await failed(all)).message).toContain(
    `${operation}: ConflictException: ${option}: taken, or of one that is still being deleted`,
  )
})

test("one operation alone names AWS's own field", async () => {
  const { client } = await setUp()
  const name = 'my-private-shop'
  for (const call of [
    client.createPaymentManager({ ...MANAGER, name }),
    client.createPaymentManager({ ...MANAGER, name: 'x'.repeat(49) }),
    client.createPaymentCredentialProvider({ ...PROVIDER, name: `${name} 2` }),
    client.createPaymentConnector({
      paymentManagerId: 'shop-0123456789',
      name,
      type: 'CoinbaseCDP',
      credentialProviderConfigurations: [],
    }),
  ]) {
    const { message } = (await rejection(call)) as Error
    expect(message).toMatch(
      /^CreatePayment\w+: ValidationException: name: expected 1 to \d+ letters/,
    )
    expect(message).not.toMatch(/private|x{12}/)
  }
  await client.createPaymentCredentialProvider(PROVIDER)
  const again = await rejection(client.createPaymentCredentialProvider(PROVIDER))
  expect((again as Error).message).toContain(
    'CreatePaymentCredentialProvider: ConflictException: name: taken',
  )
})

test.each([
  ['getPaymentManager', { paymentManagerId: 'pm-123' }, 'paymentManagerId: expected <name>-<10'],
  ['deletePaymentManager', { paymentManagerId: 'pm-123' }, 'paymentManagerId: expected <name>-<10'],
  ['listPaymentManagers', { maxResults: 101 }, 'maxResults: expected a whole number from 1 to 100'],
  [
    'listPaymentCredentialProviders',
    { maxResults: 21 },
    'maxResults: expected a whole number from 1 to 20',
  ],
  [
    'getPaymentConnector',
    { paymentManagerId: 'shop-0123456789', paymentConnectorId: 'connector-456' },
    'paymentConnectorId: expected <name>-<10',
  ],
])('%s says which field it is', async (method, options, said) => {
  const { client } = await setUp()
  const call = (client as unknown as Record<string, (options: object) => Promise<unknown>>)[method]
  const { message } = (await rejection(
    Promise.resolve(Reflect.apply(call as Call, client, [options]) as unknown),
  )) as Error
  expect(message).toContain(`: ValidationException: ${said}`)
})

test.each([
  [
    'getPaymentSession',
    { paymentSessionId: 'payment-session-abc123' },
    'paymentSessionId: expected payment-session-',
  ],
  [
    'getPaymentInstrument',
    { paymentInstrumentId: 'payment-instrument-xyz789' },
    'paymentInstrumentId: expected payment-instrument-',
  ],
  [
    'createPaymentSession',
    { expiryTimeInMinutes: 5 },
    'expiryTimeInMinutes: expected a whole number from 15 to 480',
  ],
  [
    'createPaymentSession',
    { expiryTimeInMinutes: 60, limits: { maxSpendAmount: { value: '1', currency: 'EUR' } } },
    'limits.maxSpendAmount.currency: expected USD',
  ],
])('%s of a PaymentManager says which field it is', async (method, input, said) => {
  const { manager } = await setup()
  const call = (manager as unknown as Record<string, (input: object) => Promise<unknown>>)[method]
  const { message } = (await rejection(
    Promise.resolve(Reflect.apply(call as Call, manager, [input]) as unknown),
  )) as Error
  expect(message).toContain(said)
  expect(message).not.toMatch(/abc123|xyz789|EUR/)
})

test('a value that AWS quotes, and a field without a rule of ours', async () => {
  const { client, service } = await setUp()
  const fault = {
    operation: 'CreatePaymentManager',
    kind: 'error',
    name: 'ValidationException',
    status: 400,
  } as const
  const quoting =
    "1 validation error detected: Value 'my private name' at 'newField' failed to satisfy constraint: Member must be new"
  service.faults.set({ ...fault, message: quoting })
  const error = (await rejection(client.createPaymentManager(MANAGER))) as Error
  expect(error.message).toBe('CreatePaymentManager: ValidationException: newField: AWS refuses it')
  service.faults.set({ ...fault, message: 'The role cannot be assumed' })
  const other = (await rejection(client.createPaymentManager(MANAGER))) as Error
  expect(other.message).toBe(
    'CreatePaymentManager: ValidationException: The role cannot be assumed',
  )
})

test('of what AWS says of a field without a rule of ours, the value is cut', async () => {
  const message = "Value 'my private name' at 'newField' must be new"
  const manager = await instead((_, response) => {
    response.writeHead(400, { 'x-amzn-errortype': 'ValidationException' })
    const fieldList = [{ name: 'newField', message }]
    response.end(JSON.stringify({ message: 'bad', reason: 'FieldValidationFailed', fieldList }))
  })
  const error = (await rejection(manager.listPaymentSessions())) as Error
  expect(error.message).toBe(
    "ListPaymentSessions: ValidationException: newField: Value at 'newField' must be new",
  )
})
