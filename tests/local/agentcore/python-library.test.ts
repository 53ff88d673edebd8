import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { startLocal, type Local } from '../../../src/local/index.js'
import { started } from '../support/gateway.js'
import { namedCall } from './support/named-call.js'
import { ACCEPT, BASE_SEPOLIA_USDC, MERCHANT, ROLE } from './support/payments-service.js'
import { isSigned, type SignedTransfer } from './support/transfers.js'

/*
 * What AWS's library for Python sends and reads: PaymentClient makes a manager, and PaymentManager pays with it. It was
 * seen with bedrock-agentcore 1.22.0 and 1.25.0 on boto3 1.44.8, with AWS_ENDPOINT_URL_BEDROCK_AGENTCORE(_CONTROL) and
 * with BEDROCK_AGENTCORE_(DP|CP)_ENDPOINT. Version 1.23.0 and older take AWS's own names only, which a hosts file then
 * lets point here.
 */

const HEADERS = {
  'accept-encoding': 'identity',
  'amz-sdk-request': 'attempt=1; max=3',
  'x-amz-date': '20260101T000000Z',
  'user-agent': 'Boto3/1.44.8 md/Botocore#1.44.8 ua/2.1 bedrock-agentcore/1.25.0',
}
const AS_USER = {
  ...HEADERS,
  'x-amzn-bedrock-agentcore-payments-user-id': 'u1',
  'x-amzn-bedrock-agentcore-payments-agent-name': 'py',
}

type Fields = Record<string, unknown>

interface Planes {
  control: (path: string, body?: object) => Promise<Fields>
  data: (path: string, body: object) => Promise<Fields>
}

/** The two planes under these names. Each call has to succeed. */
function planes(local: Local, controlHost: string, dataHost: string): Planes {
  const call = async (path: string, headers: Record<string, string>, body?: object) => {
    const answer = await namedCall(local.port, path, headers, body)
    if (Math.floor((answer.status ?? 0) / 100) === 2) return answer.body
    throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }
  return {
    control: (path, body) => call(path, { ...HEADERS, host: controlHost }, body),
    data: (path, body) => call(path, { ...AS_USER, host: dataHost }, body),
  }
}

interface Manager {
  paymentManagerArn: string
  paymentConnectorId: string
}

/** What `create_payment_manager_with_connector` sends. */
async function makeManager({ control }: Planes): Promise<Manager> {
  const provider = await control('/identities/CreatePaymentCredentialProvider', {
    name: 'prov',
    credentialProviderVendor: 'CoinbaseCDP',
    providerConfigurationInput: {
      coinbaseCdpConfiguration: { apiKeyId: 'k', apiKeySecret: 'c2Vj', walletSecret: 'd2Fs' },
    },
  })
  const made = { name: 'Py', roleArn: ROLE, authorizerType: 'AWS_IAM', clientToken: randomUUID() }
  const { paymentManagerArn, paymentManagerId } = await control('/payments/managers', made)
  const manager = `/payments/managers/${String(paymentManagerId)}`
  expect(await control(manager)).toMatchObject({ status: 'READY' })
  const { credentialProviderArn } = provider
  const { paymentConnectorId } = await control(`${manager}/connectors`, {
    name: 'cdp',
    type: 'CoinbaseCDP',
    credentialProviderConfigurations: [{ coinbaseCDP: { credentialProviderArn } }],
    clientToken: randomUUID(),
    description: 'd',
  })
  const connector = `${manager}/connectors/${String(paymentConnectorId)}`
  expect(await control(connector)).toMatchObject({ status: 'READY' })
  return {
    paymentManagerArn: String(paymentManagerArn),
    paymentConnectorId: String(paymentConnectorId),
  }
}

const INSTRUMENT = {
  paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
  paymentInstrumentDetails: {
    embeddedCryptoWallet: {
      network: 'ETHEREUM',
      linkedAccounts: [{ email: { emailAddress: 'a@example.com' } }],
    },
  },
}

interface Named {
  paymentInstrument: { paymentInstrumentId: string }
  paymentSession: { paymentSessionId: string }
}

interface Proof {
  cryptoX402: {
    version: string
    payload: { signature: `0x${string}`; authorization: Omit<SignedTransfer, 'signature'> }
  }
}

test.each<[string, string, string]>([
  ['the address', '127.0.0.1', '127.0.0.1'],
  [
    'the names of AWS',
    'bedrock-agentcore-control.us-west-2.amazonaws.com',
    'bedrock-agentcore.us-west-2.amazonaws.com',
  ],
])('a manager is made, pays and is looked at under %s', async (_, controlHost, dataHost) => {
  const local = started.add(await startLocal())
  const { port } = local
  const both = planes(local, `${controlHost}:${port}`, `${dataHost}:${port}`)
  const { paymentManagerArn, paymentConnectorId } = await makeManager(both)
  const data = async (operation: string, body: object) =>
    both.data(`/payments/${operation}`, { paymentManagerArn, ...body })

  const clientToken = randomUUID()
  const made = { paymentConnectorId, ...INSTRUMENT, clientToken }
  const { paymentInstrument } = (await data('createPaymentInstrument', made)) as unknown as Named
  const { paymentInstrumentId } = paymentInstrument
  const { paymentSession } = (await data('createPaymentSession', {
    expiryTimeInMinutes: 60,
    clientToken: randomUUID(),
    limits: { maxSpendAmount: { value: '1.00', currency: 'USD' } },
  })) as unknown as Named
  const { paymentSessionId } = paymentSession
  expect(await data('getPaymentInstrument', { paymentInstrumentId })).toMatchObject({
    paymentInstrument: {
      paymentInstrumentDetails: { embeddedCryptoWallet: { network: 'ETHEREUM' } },
    },
  })

  const paid = (await data('processPayment', {
    paymentSessionId,
    paymentInstrumentId,
    paymentType: 'CRYPTO_X402',
    paymentInput: { cryptoX402: { version: '2', payload: ACCEPT } },
    clientToken: randomUUID(),
  })) as { status: string; paymentOutput: Proof }
  expect(paid.status).toBe('PROOF_GENERATED')
  await expectSettles(local, paid.paymentOutput)

  const looked = { paymentConnectorId, paymentInstrumentId, chain: 'BASE_SEPOLIA', token: 'USDC' }
  expect(await data('getPaymentInstrumentBalance', looked)).toMatchObject({
    tokenBalance: { amount: '9990000', decimals: 6, token: 'USDC' },
  })
  expect(await data('getPaymentSession', { paymentSessionId })).toMatchObject({
    paymentSession: { availableLimits: { availableSpendAmount: { value: '0.99' } } },
  })
  const page = { maxResults: 100 }
  expect(await data('listPaymentInstruments', page)).toMatchObject({ paymentInstruments: [{}] })
  expect(await data('listPaymentSessions', page)).toMatchObject({ paymentSessions: [{}] })
  const gone = { status: 'DELETED' }
  expect(await data('deletePaymentSession', { paymentSessionId })).toMatchObject(gone)
  const instrument = { paymentConnectorId, paymentInstrumentId }
  expect(await data('deletePaymentInstrument', instrument)).toMatchObject(gone)
})

/** The library puts the proof into `PAYMENT-SIGNATURE`, and a seller hands it to its facilitator. */
async function expectSettles(local: Local, { cryptoX402 }: Proof): Promise<void> {
  const { signature, authorization } = cryptoX402.payload
  const usdc = { name: 'USDC', version: '2', chainId: 84532, verifyingContract: BASE_SEPOLIA_USDC }
  await expect(isSigned({ signature, ...authorization }, usdc)).resolves.toBe(true)
  expect(authorization.to).toBe(MERCHANT)
  const paymentPayload = {
    x402Version: 2,
    accepted: ACCEPT,
    payload: cryptoX402.payload,
    extensions: {},
  }
  const body = { x402Version: 2, paymentPayload, paymentRequirements: ACCEPT }
  const settled = await fetch(`${local.url}/facilitator/settle`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(await settled.json()).toMatchObject({ success: true, network: 'eip155:84532' })
}
