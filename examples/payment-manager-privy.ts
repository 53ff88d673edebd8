/**
 * Makes a payment manager with a connector to Stripe's Privy, step by step.
 * `createPaymentManagerWithConnector` does the same in one call. The steps are for those who keep or share
 * the parts. You have to undo them yourself. Next: payment-instruments.ts.
 *
 * It needs AWS credentials and a role that AgentCore may act in. Offline,
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

/** Finds the provider of this name, or makes it. Several managers can use one. */
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
