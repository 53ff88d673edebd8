import { PaymentManager } from 'agentcore-x402/agentcore'
import type { Local } from 'agentcore-x402/local'
import type { AgentCorePaymentsPluginOptions } from 'agentcore-x402/strands'
import { silent, stack } from '../../support/seller.js'

/** What a snippet needs only because its service and sellers are on this machine. */
export const LOCAL = {
  allowPrivateHosts: true,
  postPaymentRetryDelaySeconds: 0,
  logger: silent,
} satisfies Partial<AgentCorePaymentsPluginOptions>

export const USER_ID = 'test-user-123'

/** Starts a local stack, and sets the environment that the snippets of the documentation read. */
export async function world(authorizer: 'AWS_IAM' | 'CUSTOM_JWT' = 'AWS_IAM') {
  const local = await stack()
  const { paymentManagerArn, paymentConnectorId } = local.paymentsService.addManager(authorizer)
  const [, , , region = ''] = paymentManagerArn.split(':')
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: local.url,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: local.url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    PAYMENT_MANAGER_ARN: paymentManagerArn,
    PAYMENT_CONNECTOR_ID: paymentConnectorId,
    USER_ID,
  })
  const calls = (operation: string) =>
    local.paymentsService.calls.filter((call) => call.operation === operation)
  return { local, calls, paymentManagerArn, paymentConnectorId }
}

/** Makes a wallet and a session, under the names of the documentation. */
export async function funded(local: Local, manager: PaymentManager, dollars = '1.00') {
  const { paymentInstrumentId } = await manager.createPaymentInstrument({
    paymentConnectorId: process.env.PAYMENT_CONNECTOR_ID ?? '',
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: { embeddedCryptoWallet: { network: 'ETHEREUM', linkedAccounts: [] } },
  })
  const { paymentSessionId } = await manager.createPaymentSession({
    limits: { maxSpendAmount: { value: dollars, currency: 'USD' } },
    expiryTimeInMinutes: 60,
  })
  Object.assign(process.env, {
    PAYMENT_INSTRUMENT_ID: paymentInstrumentId,
    PAYMENT_SESSION_ID: paymentSessionId,
  })
  const spent = () =>
    local.paymentsService.sessions().find(({ id }) => id === paymentSessionId)?.spent
  return { paymentInstrumentId, paymentSessionId, spent }
}

/** Starts the stack, with a user who can pay a dollar. */
export async function fundedWorld() {
  const one = await world()
  const manager = new PaymentManager({ paymentManagerArn: one.paymentManagerArn, userId: USER_ID })
  return { ...one, manager, ...(await funded(one.local, manager)) }
}
