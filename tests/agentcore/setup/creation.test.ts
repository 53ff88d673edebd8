import { expect, test } from '@jest/globals'
import { OptionsError, type ManagerWithConnectorOptions } from '../../../src/agentcore/index.js'
import { COINBASE, PRIVY, WITH_CONNECTOR, rejection, setUp } from '../support/payment-client.js'
import { ROLE } from '../../local/agentcore/support/payments-service.js'

const CONNECTOR = WITH_CONNECTOR.paymentConnectorConfig
const PROVIDER = CONNECTOR.paymentCredentialProviderConfig
const PRIVY_PROVIDER = {
  name: 'privy-keys',
  credentialProviderVendor: 'StripePrivy',
  credentials: PRIVY,
} as const
const QUICK = {
  ...WITH_CONNECTOR,
  paymentConnectorConfig: { name: 'quick', provisionMode: 'QUICK_CREATE' },
} as const

test('a provider, a manager and a connector are made, in this order, and told in one answer', async () => {
  const { client, state, called } = await setUp(15_000)
  const made = await client.createPaymentManagerWithConnector({
    ...WITH_CONNECTOR,
    paymentManagerDescription: 'sells things',
    paymentConnectorConfig: { ...CONNECTOR, description: 'pays things' },
    waitForReady: true,
  })
  const { paymentManagerId } = made.paymentManager
  expect(made).toEqual({
    paymentManager: {
      paymentManagerArn: expect.stringContaining(paymentManagerId),
      paymentManagerId: expect.stringMatching(/^shop-\w{10}$/),
      name: 'shop',
      description: 'sells things',
      status: 'READY',
    },
    paymentConnector: {
      paymentConnectorId: expect.stringMatching(/^coinbase-\w{10}$/),
      paymentManagerId,
      name: 'coinbase',
      description: 'pays things',
      type: 'CoinbaseCDP',
      status: 'READY',
    },
    credentialProvider: {
      credentialProviderArn: expect.stringContaining('coinbase-keys'),
      name: 'coinbase-keys',
      credentialProviderVendor: 'CoinbaseCDP',
    },
  })
  expect(called().filter((operation) => operation.startsWith('Create'))).toEqual([
    'CreatePaymentCredentialProvider',
    'CreatePaymentManager',
    'CreatePaymentConnector',
  ])
  expect(await state()).toEqual({
    managers: ['shop'],
    connectors: ['coinbase'],
    providers: ['coinbase-keys'],
  })
})

test('the manager is waited for in any case, the connector only if that is asked for', async () => {
  const { client, naps } = await setUp(15_000)
  const { paymentManager, paymentConnector } =
    await client.createPaymentManagerWithConnector(WITH_CONNECTOR)
  expect(paymentManager.status).toBe('READY')
  expect(paymentConnector.status).toBe('CREATING')
  expect(naps).toEqual([10_000, 10_000])
})

test("Coinbase's credentials go to the provider, and its ARN to the connector", async () => {
  const { client, bodies } = await setUp()
  const { credentialProvider } = await client.createPaymentManagerWithConnector(WITH_CONNECTOR)
  expect(bodies('CreatePaymentCredentialProvider')).toEqual([
    {
      name: 'coinbase-keys',
      credentialProviderVendor: 'CoinbaseCDP',
      providerConfigurationInput: { coinbaseCdpConfiguration: COINBASE },
    },
  ])
  const { credentialProviderArn } = credentialProvider ?? {}
  expect(bodies('CreatePaymentConnector')).toEqual([
    {
      name: 'coinbase',
      type: 'CoinbaseCDP',
      credentialProviderConfigurations: [{ coinbaseCDP: { credentialProviderArn } }],
      clientToken: expect.any(String),
    },
  ])
})

test("Privy's credentials go to the provider, and its ARN to the connector", async () => {
  const { client, bodies } = await setUp()
  const { credentialProvider, paymentConnector } = await client.createPaymentManagerWithConnector({
    ...WITH_CONNECTOR,
    paymentConnectorConfig: { ...CONNECTOR, paymentCredentialProviderConfig: PRIVY_PROVIDER },
  })
  expect(paymentConnector.type).toBe('StripePrivy')
  expect(bodies('CreatePaymentCredentialProvider')[0]).toMatchObject({
    credentialProviderVendor: 'StripePrivy',
    providerConfigurationInput: { stripePrivyConfiguration: PRIVY },
  })
  const { credentialProviderArn } = credentialProvider ?? {}
  expect(bodies('CreatePaymentConnector')[0]).toMatchObject({
    type: 'StripePrivy',
    credentialProviderConfigurations: [{ stripePrivy: { credentialProviderArn } }],
  })
})

test('who may call the manager is passed on', async () => {
  const { client, bodies } = await setUp()
  const discoveryUrl = 'https://issuer.example/.well-known/openid-configuration'
  const authorizerConfiguration = { customJWTAuthorizer: { discoveryUrl } }
  await client.createPaymentManagerWithConnector({
    ...WITH_CONNECTOR,
    authorizerType: 'CUSTOM_JWT',
    authorizerConfiguration,
  })
  await client.createPaymentManagerWithConnector({
    ...WITH_CONNECTOR,
    paymentManagerName: 'other',
    paymentConnectorConfig: {
      ...CONNECTOR,
      paymentCredentialProviderConfig: { ...PROVIDER, name: 'other' },
    },
  })
  const roleArn = ROLE
  expect(bodies('CreatePaymentManager')).toMatchObject([
    { name: 'shop', roleArn, authorizerType: 'CUSTOM_JWT', authorizerConfiguration },
    { name: 'other', roleArn, authorizerType: 'AWS_IAM' },
  ])
})

test('progress tells of the manager, then of the connector', async () => {
  const { client } = await setUp()
  const seen: string[] = []
  await client.createPaymentManagerWithConnector({
    ...WITH_CONNECTOR,
    waitForReady: true,
    onProgress: ({ resource, status }) => void seen.push(`${resource} ${status}`),
  })
  expect(seen).toEqual([
    'paymentManager CREATING',
    'paymentManager READY',
    'paymentConnector CREATING',
    'paymentConnector READY',
  ])
})

/** The options, with others for the connector. */
function connector(changes: object): object {
  return { ...WITH_CONNECTOR, paymentConnectorConfig: { ...CONNECTOR, ...changes } }
}
/** The options, with others for the provider. */
function provider(changes: object): object {
  return connector({ paymentCredentialProviderConfig: { ...PROVIDER, ...changes } })
}

const CONFIG = 'paymentConnectorConfig'
const PROVIDER_CONFIG = `${CONFIG}.paymentCredentialProviderConfig`
const CREDENTIALS = `${PROVIDER_CONFIG}.credentials`
const VENDOR = `${PROVIDER_CONFIG}.credentialProviderVendor: expected 'CoinbaseCDP' or 'StripePrivy'`

test.each<[object | undefined, string]>([
  [undefined, 'createPaymentManagerWithConnector: expected an object'],
  [{ ...WITH_CONNECTOR, roleArn: '' }, 'roleArn: expected a non-empty string'],
  [{ ...WITH_CONNECTOR, paymentManagerName: 5 }, 'paymentManagerName: expected a non-empty string'],
  [
    { ...WITH_CONNECTOR, paymentManagerDescription: '' },
    'paymentManagerDescription: expected a non-empty string',
  ],
  [
    { ...WITH_CONNECTOR, name: 'shop' },
    'name: is not an option of createPaymentManagerWithConnector',
  ],
  [
    { ...WITH_CONNECTOR, authorizerType: 'CUSTOM_JWT' },
    'authorizerConfiguration: required with authorizerType CUSTOM_JWT',
  ],
  [{ ...WITH_CONNECTOR, maxWait: -1 }, 'maxWait: expected seconds, above 0 and up to 86400'],
  [{ ...WITH_CONNECTOR, [CONFIG]: undefined }, `${CONFIG}: expected an object`],
  [connector({ name: undefined }), `${CONFIG}.name: expected a non-empty string`],
  [connector({ description: '' }), `${CONFIG}.description: expected a non-empty string`],
  [connector({ type: 'CoinbaseCDP' }), `${CONFIG}.type: is not an option of ${CONFIG}`],
  [
    connector({ provisionMode: 'AUTO' }),
    `${CONFIG}.provisionMode: expected 'MANUAL' or 'QUICK_CREATE'`,
  ],
  [
    connector({ paymentCredentialProviderConfig: undefined }),
    `${PROVIDER_CONFIG}: required, except with QUICK_CREATE`,
  ],
  [
    connector({ provisionMode: 'QUICK_CREATE' }),
    `${PROVIDER_CONFIG}: not together with QUICK_CREATE`,
  ],
  [provider({ name: ' ' }), `${PROVIDER_CONFIG}.name: expected a non-empty string`],
  [provider({ arn: 'a' }), `${PROVIDER_CONFIG}.arn: is not an option of ${PROVIDER_CONFIG}`],
  [provider({ credentialProviderVendor: 'Paypal' }), VENDOR],
  [provider({ credentialProviderVendor: undefined }), VENDOR],
  [provider({ credentials: undefined }), `${CREDENTIALS}: expected the keys of CoinbaseCDP`],
  [
    provider({ credentials: { apiKeyId: 'a', walletSecret: '' } }),
    `${CREDENTIALS}: missing apiKeySecret, walletSecret`,
  ],
  [provider({ credentials: {} }), `${CREDENTIALS}: missing apiKeyId, apiKeySecret, walletSecret`],
  [
    provider({ ...PRIVY_PROVIDER, credentials: { appId: undefined } }),
    `${CREDENTIALS}: missing appId, appSecret, authorizationPrivateKey, authorizationId`,
  ],
  [
    provider({ credentials: { ...COINBASE, api_key_secret: 'a' } }),
    `${CREDENTIALS}.api_key_secret: is no key of CoinbaseCDP; did you mean apiKeySecret?`,
  ],
  [
    { ...QUICK, waitForReady: true },
    'onProgress: required with waitForReady and QUICK_CREATE: it is given the authorizationUrl, ' +
      'where somebody has to consent',
  ],
])('options that cannot work are refused before any call: %#', async (options, message) => {
  const { client, called } = await setUp()
  const wrong = options as ManagerWithConnectorOptions
  const error = await rejection(client.createPaymentManagerWithConnector(wrong))
  expect(error).toBeInstanceOf(OptionsError)
  const { option, expected } = error as OptionsError
  expect(`${option}: ${expected}`).toBe(message)
  expect(called()).toEqual([])
})

test('a signal that is aborted already keeps anything from being made', async () => {
  const { client, called } = await setUp()
  const reason = new Error('too late')
  const call = { abortSignal: AbortSignal.abort(reason) }
  const created = client.createPaymentManagerWithConnector(WITH_CONNECTOR, call)
  expect(await rejection(created)).toBe(reason)
  expect(called()).toEqual([])
})
