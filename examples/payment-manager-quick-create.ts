/**
 * Makes a payment manager with a connector to Coinbase, without keys of yours. Somebody signs in at Coinbase
 * and consents. AgentCore then makes and keeps the keys. Next: payment-instruments.ts.
 *
 * It needs AWS credentials, a role that AgentCore may act in, and somebody at a browser. Offline,
 * `AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL` names a local stack. There, opening the page is consenting.
 */
import { PaymentClient } from 'agentcore-x402/agentcore'

const { PAYMENT_ROLE_ARN = '' } = process.env

const client = new PaymentClient()

/** Makes the manager and waits for the consent. `ask` gets the page on which somebody has to give it. */
export async function create(name: string, ask: (authorizationUrl: string) => Promise<void>) {
  let asked: string | undefined
  return client.createPaymentManagerWithConnector({
    paymentManagerName: name,
    roleArn: PAYMENT_ROLE_ARN,
    paymentConnectorConfig: { name: 'coinbase', provisionMode: 'QUICK_CREATE' },
    waitForReady: true,
    maxWait: 15 * 60, // Unit: seconds. People are slow.
    pollInterval: 5,
    onProgress: async ({ authorizationUrl }) => {
      if (authorizationUrl === undefined || authorizationUrl === asked) return
      asked = authorizationUrl
      await ask(authorizationUrl)
    },
  })
}

if (process.argv[1]?.includes('payment-manager-quick-create')) {
  const ask = async (url: string) => console.error(`Open this page and consent:\n\n  ${url}\n`)
  const { paymentManager, paymentConnector } = await create(process.argv[2] ?? 'research', ask)
  console.log(`export PAYMENT_MANAGER_ARN=${paymentManager.paymentManagerArn}`)
  console.log(`export PAYMENT_CONNECTOR_ID=${paymentConnector.paymentConnectorId}`)
}
