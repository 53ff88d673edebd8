/**
 * The snippets of AWS's Python SDK for AgentCore payments, as their reader would write them in TypeScript, against
 * the local payments service. Pages, as read on 2026-08-20:
 *
 * - README of `bedrock_agentcore.payments` 1.9.1, at commit ddfab76:
 *   https://github.com/aws/bedrock-agentcore-sdk-python/blob/ddfab76/src/bedrock_agentcore/payments/README.md
 * - Amazon Bedrock AgentCore Developer Guide, Process a payment:
 *   https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments-process-payment.html
 * - the same, Create a Payment Manager and Connector:
 *   https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments-create-manager.html
 */
import { expect, test } from '@jest/globals'
import {
  PaymentConnectorProvisionMode,
  PaymentManagerCreationFailed,
} from '../../src/agentcore/index.js'
import { COINBASE, PRIVY, setUp, withManager } from '../agentcore/support/payment-client.js'
import { failure } from '../agentcore/support/payment-manager.js'

const ROLE = 'arn:aws:iam::123456789012:role/BedrockAgentCoreFullAccess'
const withConnector = (name: string, description: string) => ({
  paymentManagerName: 'AgentCorePaymentManager',
  paymentManagerDescription: 'Payment Manager for Agent Core',
  authorizerType: 'AWS_IAM' as const,
  roleArn: ROLE,
  paymentConnectorConfig: {
    name,
    description,
    paymentCredentialProviderConfig: {
      name: 'agent-core-provider',
      credentialProviderVendor: 'CoinbaseCDP' as const,
      credentials: COINBASE,
    },
  },
  waitForReady: true,
  maxWait: 300,
  pollInterval: 5,
})

test('README, Creating Payment Manager and Connector: READY, or rolled back', async () => {
  const { client, state } = await setUp(1_000)
  // AWS's own reference leaves no room for the hyphens of the README's name.
  const refused = await failure(
    client.createPaymentManagerWithConnector(
      withConnector('agent-core-connector', 'Payment Connector'),
    ),
  )
  expect(refused).toBeInstanceOf(PaymentManagerCreationFailed)
  expect((refused as Error).message).toContain(
    'paymentConnectorConfig.name: expected 1 to 48 letters, digits and underscores',
  )
  expect(await state()).toEqual({ managers: [], connectors: [], providers: [] })
  const made = await client.createPaymentManagerWithConnector(
    withConnector('agent_core_connector', 'Payment Connector for Agent Core'),
  )
  expect(made.paymentManager.paymentManagerArn).toMatch(/^arn:aws:bedrock-agentcore:/)
  expect(made.paymentConnector).toMatchObject({ status: 'READY' })
  expect(made.credentialProvider?.credentialProviderArn).toMatch(/^arn:/)
})

test('README, Stripe Privy: its authorization_key is authorizationPrivateKey', async () => {
  const { client } = await setUp(1_000)
  const base = withConnector('privy', 'Privy')
  const config = (credentials: object) => ({
    ...base,
    paymentConnectorConfig: {
      name: 'privy',
      paymentCredentialProviderConfig: {
        name: 'privy',
        credentialProviderVendor: 'StripePrivy' as const,
        credentials: credentials as typeof PRIVY,
      },
    },
  })
  const { appId, appSecret } = PRIVY
  const python = config({ appId, appSecret, authorization_key: '' })
  expect(String(await failure(client.createPaymentManagerWithConnector(python)))).toMatch(
    /authorization_key: is no key of StripePrivy/,
  )
  const made = await client.createPaymentManagerWithConnector(config(PRIVY))
  expect(made.paymentConnector).toMatchObject({ type: 'StripePrivy', status: 'READY' })
})

test('README, Quick Create: somebody consents, then it is READY', async () => {
  const { client, paymentManagerId } = await withManager(0)
  const connector = await client.createPaymentConnector({
    paymentManagerId,
    name: 'coinbase_quick_create',
    type: 'CoinbaseCDP',
    credentialProviderConfigurations: [],
    provisionMode: PaymentConnectorProvisionMode.QUICK_CREATE,
  })
  expect(connector.status).toBe('PENDING_AUTHENTICATION')
  await (await fetch(String(connector.authorizationUrl))).text()
  const { paymentConnectorId } = connector
  const statuses: string[] = []
  for (let i = 0; i < 3; i += 1) {
    const seen = await client.getPaymentConnector({ paymentManagerId, paymentConnectorId })
    statuses.push(seen.status)
  }
  expect(statuses.at(-1)).toBe('READY')
})

test('README and guide, Control Plane Operations', async () => {
  const { client } = await setUp()
  const manager = await client.createPaymentManager({
    name: 'MyPaymentManager',
    roleArn: 'arn:aws:iam::123456789012:role/PaymentRole',
    authorizerType: 'AWS_IAM',
    waitForReady: true,
  })
  const { paymentManagerId } = manager
  const { credentialProviderArn } = await client.createPaymentCredentialProvider({
    name: 'keys',
    credentialProviderVendor: 'CoinbaseCDP',
    providerConfigurationInput: { coinbaseCdpConfiguration: COINBASE },
  })
  const connector = {
    paymentManagerId,
    name: 'MyCoinbaseConnector',
    credentialProviderConfigurations: [{ coinbaseCDP: { credentialProviderArn } }],
    waitForReady: true,
  }
  const python = { ...connector, connector_type: 'CoinbaseCDP' } as never
  expect(String(await failure(client.createPaymentConnector(python)))).toContain(
    'did you mean type?',
  )
  const { paymentConnectorId } = await client.createPaymentConnector({
    ...connector,
    type: 'CoinbaseCDP',
  })
  expect((await client.listPaymentManagers({ maxResults: 10 })).paymentManagers).toHaveLength(1)
  expect(
    (await client.listPaymentConnectors({ paymentManagerId })).paymentConnectors,
  ).toMatchObject([{ paymentConnectorId }])
  await client.updatePaymentManager({ paymentManagerId, description: 'Updated description' })
  expect(await client.getPaymentManager({ paymentManagerId })).toMatchObject({
    description: 'Updated description',
  })
  await client.deletePaymentConnector({
    paymentManagerId,
    paymentConnectorId,
    waitForDeletion: true,
  })
  await client.deletePaymentManager({ paymentManagerId, waitForDeletion: true })
  expect((await client.listPaymentManagers()).paymentManagers).toEqual([])
})

test('README, Setting Up a CUSTOM_JWT Payment Manager', async () => {
  const { client } = await setUp()
  const options = {
    name: 'JWTPaymentManager',
    roleArn: ROLE,
    authorizerType: 'CUSTOM_JWT',
    waitForReady: true,
  } as const
  // The README's customJWTConfiguration is no member of AWS's model: the SDK would leave it out.
  const issuer = 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE'
  const made = await client.createPaymentManager({
    ...options,
    authorizerConfiguration: {
      customJWTAuthorizer: {
        discoveryUrl: `${issuer}/.well-known/openid-configuration`,
        allowedAudience: ['your-client-id'],
      },
    },
  })
  expect(made).toMatchObject({ authorizerType: 'CUSTOM_JWT', status: 'READY' })
})
