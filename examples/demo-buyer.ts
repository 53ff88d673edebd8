/** The third part of the demo: a buyer pays a merchant through AgentCore payments, on a local chain. */
import { PaymentClient, PaymentManager } from 'agentcore-x402/agentcore'
import { payingFetch, receiptOf } from 'agentcore-x402/client'
import { startLocal, type Local } from 'agentcore-x402/local'
import { startMerchant, type Merchant } from './demo-merchant.js'
import { line, say, short } from './demo-print.js'

const USER = 'ada'
const PRICE = 300_000n // Unit: millionths of a dollar.

export async function tellOfBuyer(): Promise<void> {
  say('bold', '\nA buyer pays a merchant with AgentCore payments, on a chain of this machine')
  const merchant = await startMerchant(PRICE)
  if ('reason' in merchant) return say('red', `  skipped: ${merchant.reason}`)
  const local = await startLocal({ paymentsService: { tokens: [merchant.token] } })
  useLocalService(local)
  try {
    await shop(await setUp(merchant), merchant)
  } finally {
    merchant.close()
    await local.close()
  }
}

/**
 * Sends AWS's SDK to the local service. With AWS, the SDK finds endpoint and credentials in the environment.
 */
function useLocalService({ url }: Local): void {
  process.env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE = url
  process.env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL = url
  process.env.AWS_ACCESS_KEY_ID = 'local'
  process.env.AWS_SECRET_ACCESS_KEY = 'local'
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
}

async function setUp(merchant: Merchant) {
  const client = new PaymentClient({ region: 'us-west-2' })
  const { paymentManager, paymentConnector } = await client.createPaymentManagerWithConnector({
    paymentManagerName: 'demo',
    authorizerType: 'AWS_IAM',
    roleArn: 'arn:aws:iam::123456789012:role/payments',
    paymentConnectorConfig: {
      name: 'coinbase',
      paymentCredentialProviderConfig: {
        name: 'coinbase-demo',
        credentialProviderVendor: 'CoinbaseCDP',
        credentials: { apiKeyId: 'demo', apiKeySecret: 'demo', walletSecret: 'demo' },
      },
    },
    waitForReady: true,
    pollInterval: 1,
  })
  say('cyan', '\nOnce: a manager with a connector to a wallet provider')
  line('manager', `${paymentManager.paymentManagerId}, ${paymentManager.status}`)
  line('connector', `${paymentConnector.paymentConnectorId}, ${paymentConnector.status}`)

  const { paymentManagerArn } = paymentManager
  const setup = new PaymentManager({ paymentManagerArn, userId: USER })
  const { paymentInstrumentId, paymentInstrumentDetails } = await setup.createPaymentInstrument({
    paymentConnectorId: paymentConnector.paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: { embeddedCryptoWallet: { network: 'ETHEREUM', linkedAccounts: [] } },
  })
  const { walletAddress = '' } = paymentInstrumentDetails.embeddedCryptoWallet ?? {}
  await merchant.mint(walletAddress, 2_000_000n)
  say('cyan', '\nFor each user: an instrument, which the user funds')
  line(
    'wallet',
    `${short(walletAddress)} on ETHEREUM, holds ${await dollars(merchant, walletAddress)}`,
  )

  const { paymentSessionId } = await setup.createPaymentSession({
    expiryTimeInMinutes: 60,
    limits: { maxSpendAmount: { value: '1.00', currency: 'USD' } },
  })
  say('cyan', '\nFor each task: a session of $1.00, for an hour')
  line('session', paymentSessionId)
  const settings = { userId: USER, paymentInstrumentId, paymentSessionId }
  return { paymentSessionId, manager: new PaymentManager({ paymentManagerArn, ...settings }) }
}

type Buyer = Awaited<ReturnType<typeof setUp>>

async function shop({ manager, paymentSessionId }: Buyer, merchant: Merchant): Promise<void> {
  const { network, asset } = merchant.token
  const budgets = { [`${network}/${asset}`]: { maxAmountPerPayment: 500_000n, total: 5_000_000n } }
  const fetch = payingFetch(manager, { budgets })
  for (const nth of ['once', 'twice', 'three times', 'a fourth time']) {
    say('cyan', `\nIt fetches ${merchant.url}/quote ${nth}, for $0.30`)
    try {
      const response = await fetch(`${merchant.url}/quote`)
      const { paid, transaction = '' } = receiptOf(response)
      line('answer', `${response.status} ${await response.text()}`, 'green')
      line('receipt', `paid: ${paid}, transaction ${short(transaction)}`)
    } catch (error) {
      const { name, message } = error as Error
      line('error', `${name}: ${message}`, 'red')
    }
  }
  const { availableLimits } = await manager.getPaymentSession({ paymentSessionId })
  line('session', `$${availableLimits?.availableSpendAmount?.value} left`)
  say('bold', `\nOn the chain: the merchant holds ${await dollars(merchant, merchant.payTo)}.`)
}

async function dollars(merchant: Merchant, address: string): Promise<string> {
  return `$${(Number(await merchant.balanceOf(address)) / 1e6).toFixed(2)}`
}
