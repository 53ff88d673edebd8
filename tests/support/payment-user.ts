import { PaymentManager } from '../../src/agentcore/index.js'
import type { Local } from '../../src/local/index.js'

export interface Funds {
  /** Unit: dollars. */
  limit?: string
  network?: 'ETHEREUM' | 'SOLANA'
}

/** Makes Ada, a new user of the stack's AgentCore payments service. She has a wallet and a session. */
export async function paymentUser({ url, paymentsService: service }: Local, funds: Funds = {}) {
  const { paymentManagerArn, paymentConnectorId } = service.addManager()
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' }
  const settings = { paymentManagerArn, userId: 'ada', endpoint: url, credentials }
  const manager = new PaymentManager(settings)
  const ids = await walletAndSession(manager, paymentConnectorId, funds)
  const { address = '' } = service.instruments().at(-1) ?? {}
  return { manager, settings, ids, paymentConnectorId, address: address as `0x${string}` }
}

/** Makes a wallet and a session. Their members have AWS's names. */
export async function walletAndSession(
  manager: PaymentManager,
  paymentConnectorId: string,
  { limit = '1.00', network = 'ETHEREUM' }: Funds = {},
) {
  const { paymentInstrumentId } = await manager.createPaymentInstrument({
    paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: { embeddedCryptoWallet: { network, linkedAccounts: [] } },
  })
  const { paymentSessionId } = await manager.createPaymentSession({
    expiryTimeInMinutes: 60,
    limits: { maxSpendAmount: { value: limit, currency: 'USD' } },
  })
  return { paymentInstrumentId, paymentSessionId }
}
