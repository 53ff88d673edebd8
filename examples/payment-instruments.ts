/**
 * Makes wallets of an end user, one for each kind of chain. It also says what the user has to do before an
 * agent can pay from them. Run it once for each user. Next: payment-session.ts.
 *
 * Manager and connector come from one of the payment-manager-*.ts. Offline,
 * `AWS_ENDPOINT_URL_BEDROCK_AGENTCORE` names a local stack.
 */
import { PaymentManager } from 'agentcore-x402/agentcore'

const { PAYMENT_MANAGER_ARN = '', PAYMENT_CONNECTOR_ID = '', PAYMENT_USER_ID } = process.env
const { PAYMENT_USER_EMAIL = 'user@example.com' } = process.env

const manager = new PaymentManager({
  paymentManagerArn: PAYMENT_MANAGER_ARN,
  userId: PAYMENT_USER_ID ?? 'user-1',
})

/** An ETHEREUM wallet also pays on Base, and on every other EVM chain. */
const CHAINS = { ETHEREUM: 'BASE_SEPOLIA', SOLANA: 'SOLANA_DEVNET' } as const
type Network = keyof typeof CHAINS

/** Makes a wallet that belongs to the owner of the mail address. */
export async function create(network: Network) {
  const { paymentInstrumentId, paymentInstrumentDetails } = await manager.createPaymentInstrument({
    paymentConnectorId: PAYMENT_CONNECTOR_ID,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: {
      embeddedCryptoWallet: {
        network,
        linkedAccounts: [{ email: { emailAddress: PAYMENT_USER_EMAIL } }],
      },
    },
  })
  const { walletAddress, redirectUrl } = paymentInstrumentDetails.embeddedCryptoWallet ?? {}
  return { paymentInstrumentId, network, walletAddress, redirectUrl }
}

/** Says what the user still has to do. The status alone does not show it: an empty wallet is ACTIVE, too. */
export async function nextSteps({
  paymentInstrumentId,
  network,
  walletAddress,
  redirectUrl,
}: Awaited<ReturnType<typeof create>>): Promise<string[]> {
  const ids = { paymentInstrumentId, paymentConnectorId: PAYMENT_CONNECTOR_ID }
  const chain = CHAINS[network]
  const { status } = await manager.getPaymentInstrument(ids)
  const { tokenBalance } = await manager.getPaymentInstrumentBalance({
    ...ids,
    chain,
    token: 'USDC',
  })
  // With Coinbase, the next step is a page of theirs. With Privy, it is a page of your own app.
  const place = redirectUrl ?? 'the wallet page of the app'
  return [
    `open ${place} and sign in as ${PAYMENT_USER_EMAIL}`,
    ...(status === 'ACTIVE' ? [] : ['consent to the agent paying from this wallet']),
    ...(BigInt(tokenBalance.amount ?? 0) > 0n ? [] : [`send USDC on ${chain} to ${walletAddress}`]),
  ]
}

if (process.argv[1]?.includes('payment-instruments')) {
  for (const network of ['ETHEREUM', 'SOLANA'] as const) {
    const wallet = await create(network)
    console.error([`${network}: the user has to`, ...(await nextSteps(wallet))].join('\n- '))
    const variable =
      network === 'ETHEREUM' ? 'PAYMENT_INSTRUMENT_ID' : 'PAYMENT_SOLANA_INSTRUMENT_ID'
    console.log(`export ${variable}=${wallet.paymentInstrumentId}`)
  }
}
