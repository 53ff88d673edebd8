/**
 * Makes a payment manager with a connector to Coinbase, with keys of yours. This is the first step of a buyer
 * on AgentCore payments. Run it once for each deployment. Next: payment-instruments.ts.
 *
 * It needs AWS credentials, a role that AgentCore may act in, and a subscription to Coinbase's wallets in AWS
 * Marketplace. Offline, `AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL` names a local stack, and any values do.
 */
import {
  PaymentClient,
  PaymentManagerCreationFailed,
  type ManagerWithConnectorOptions,
} from 'agentcore-x402/agentcore'

const { PAYMENT_ROLE_ARN = '', CDP_API_KEY_ID, CDP_API_KEY_SECRET, CDP_WALLET_SECRET } = process.env

const client = new PaymentClient()

/**
 * Makes a credential provider, a manager and a connector. If anything fails, what was made is deleted again.
 */
export async function create(name: string) {
  const options: ManagerWithConnectorOptions = {
    paymentManagerName: name,
    roleArn: PAYMENT_ROLE_ARN,
    paymentConnectorConfig: {
      name: 'coinbase',
      paymentCredentialProviderConfig: {
        name: `${name}-coinbase`,
        credentialProviderVendor: 'CoinbaseCDP',
        credentials: {
          apiKeyId: CDP_API_KEY_ID,
          apiKeySecret: CDP_API_KEY_SECRET,
          walletSecret: CDP_WALLET_SECRET,
        },
      },
    },
    waitForReady: true,
    pollInterval: 5, // Unit: seconds.
    onProgress: ({ resource, status }) => console.error(`${resource}: ${status}`),
  }
  // If the time is up, what was made is deleted again, too.
  const abortSignal = AbortSignal.timeout(10 * 60_000)
  return client.createPaymentManagerWithConnector(options, { abortSignal })
}

if (process.argv[1]?.includes('payment-manager-coinbase')) {
  try {
    const { paymentManager, paymentConnector } = await create(process.argv[2] ?? 'research')
    console.log(`export PAYMENT_MANAGER_ARN=${paymentManager.paymentManagerArn}`)
    console.log(`export PAYMENT_CONNECTOR_ID=${paymentConnector.paymentConnectorId}`)
  } catch (error) {
    if (!(error instanceof PaymentManagerCreationFailed)) throw error
    // The message says what went wrong, and what has to be deleted by hand, if anything.
    console.error(error.message)
    process.exitCode = 1
  }
}
