/**
 * A payment manager with a connector to Stripe's Privy, step by step: what
 * `createPaymentManagerWithConnector` does in one call, for those who keep or share the parts. Without it,
 * undoing is up to you. Next: payment-instruments.ts.
 *
 * Needs AWS credentials and a role that AgentCore may act in. Offline,
 * `AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL` names a local stack, and any values do.
 */
import { AwsError, PaymentClient } from 'agentcore-x402/agentcore'

const {
  PAYMENT_ROLE_ARN = '',
  PRIVY_APP_ID,
  PRIVY_APP_SECRET,
  PRIVY_AUTHORIZATION_ID,
  PRIVY_AUTHORIZATION_PRIVATE_KEY,
} = process.env

const client = new PaymentClient()

/** The provider of this name, made if it is not there: several managers can use one. */
async function credentialProvider(name: string): Promise<string> {
  try {
    const found = await client.getPaymentCredentialProvider({ name })
    return found.credentialProviderArn
  } catch (error) {
    const isMissing = error instanceof AwsError && error.code === 'aws.ResourceNotFoundException'
    if (!isMissing) throw error
  }
  const created = await client.createPaymentCredentialProvider({
    name,
    credentialProviderVendor: 'StripePrivy',
    providerConfigurationInput: {
      stripePrivyConfiguration: {
        appId: PRIVY_APP_ID,
        appSecret: PRIVY_APP_SECRET,
        authorizationId: PRIVY_AUTHORIZATION_ID,
        authorizationPrivateKey: PRIVY_AUTHORIZATION_PRIVATE_KEY,
      },
    },
  })
  return created.credentialProviderArn
}

export async function create(name: string) {
  const credentialProviderArn = await credentialProvider('privy')
  const roleArn = PAYMENT_ROLE_ARN
  const manager = await client.createPaymentManager({ name, roleArn, waitForReady: true })
  const connector = await client.createPaymentConnector({
    paymentManagerId: manager.paymentManagerId,
    name: 'privy',
    type: 'StripePrivy',
    credentialProviderConfigurations: [{ stripePrivy: { credentialProviderArn } }],
    waitForReady: true,
  })
  return { manager, connector }
}

if (process.argv[1]?.includes('payment-manager-privy')) {
  const { manager, connector } = await create(process.argv[2] ?? 'research')
  console.log(`export PAYMENT_MANAGER_ARN=${manager.paymentManagerArn}`)
  console.log(`export PAYMENT_CONNECTOR_ID=${connector.paymentConnectorId}`)
}
