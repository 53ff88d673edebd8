import { readFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { python, testWithBoto3 } from './support/boto3.js'
import { BASE_SEPOLIA_USDC, MERCHANT, buyer } from './support/payments-service.js'
import { isSigned, type SignedTransfer } from './support/transfers.js'

interface Paid {
  paymentOutput: {
    cryptoX402: {
      payload: {
        signature: `0x${string}`
        authorization: Omit<SignedTransfer, 'signature'>
      }
    }
  }
}

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\+00:00$/)

testWithBoto3(
  'AWS’s SDK for Python uses both planes, and reads every answer and error',
  async () => {
    const { service, paymentManagerArn, paymentConnectorId } = await buyer()
    const program = await readFile(new URL('support/boto3_payments.py', import.meta.url), 'utf8')
    const seen = await python(program, service.url, paymentManagerArn, paymentConnectorId)
    expect(seen).toMatchObject(CONTROL_PLANE)
    expect(seen).toMatchObject(DATA_PLANE)
    expect(seen).toMatchObject({
      instrument: { paymentManagerArn, paymentConnectorId },
      paid: { paymentManagerArn },
    })
    const { signature, authorization } = (seen as { paid: Paid }).paid.paymentOutput.cryptoX402
      .payload
    const usdc = {
      name: 'USDC',
      version: '2',
      chainId: 84532,
      verifyingContract: BASE_SEPOLIA_USDC,
    }
    await expect(isSigned({ signature, ...authorization }, usdc)).resolves.toBe(true)
    expect(authorization.to).toBe(MERCHANT)
    const operations = service.calls.map(({ operation }) => operation)
    expect(new Set(operations).size).toBe(25)
    expect(operations).not.toContain(undefined)
  },
  60_000,
)

const CONTROL_PLANE = {
  provider: {
    name: 'mine',
    credentialProviderArn: expect.stringContaining(':eu-central-1:'),
    credentialProviderVendor: 'CoinbaseCDP',
    providerConfigurationOutput: {
      coinbaseCdpConfiguration: {
        apiKeyId: 'k',
        apiKeySecretArn: { secretArn: expect.any(String) },
        walletSecretArn: { secretArn: expect.any(String) },
      },
    },
    createdTime: expect.any(String),
    lastUpdatedTime: expect.any(String),
  },
  providers: expect.arrayContaining(['mine']),
  manager: { name: 'Boto', status: 'READY', createdAt: TIME, lastUpdatedAt: TIME },
  updated: 'UPDATING',
  managers: expect.arrayContaining(['Boto']),
  connector: { name: 'cdp', type: 'CoinbaseCDP', status: 'READY', createdAt: TIME },
  connectors: 1,
  connectorUpdated: 'UPDATING',
  conflict: {
    class: 'ConflictException',
    status: 409,
    message: expect.stringContaining('has payment connectors'),
  },
  providerInUse: { code: 'ConflictException', status: 409 },
  connectorDeleted: 'DELETING',
  managerDeleted: 'DELETING',
  managerGone: { class: 'ResourceNotFoundException', status: 404 },
}

const DATA_PLANE = {
  instrument: {
    userId: 'boto-user',
    status: 'ACTIVE',
    paymentInstrumentDetails: {
      embeddedCryptoWallet: {
        network: 'ETHEREUM',
        linkedAccounts: [{ email: { emailAddress: 'a@example.com' } }],
        walletAddress: expect.stringMatching(/^0x/),
      },
    },
    createdAt: TIME,
    updatedAt: TIME,
  },
  balance: { amount: '0', decimals: 6, token: 'USDC', network: 'ETHEREUM', chain: 'BASE_SEPOLIA' },
  pages: [2, 1],
  instruments: 1,
  paid: { paymentType: 'CRYPTO_X402', status: 'PROOF_GENERATED', createdAt: TIME, updatedAt: TIME },
  sameProof: true,
  overBudget: {
    class: 'ValidationException',
    status: 400,
    reason: 'FieldValidationFailed',
    message: expect.stringContaining('budget'),
  },
  session: {
    limits: { maxSpendAmount: { value: '0.03', currency: 'USD' } },
    availableLimits: { availableSpendAmount: { value: '0.01', currency: 'USD' }, updatedAt: TIME },
    expiryTimeInMinutes: 60,
    createdAt: TIME,
  },
  mismatch: { code: 'ValidationException', reason: 'IdempotentParameterMismatchException' },
  tooLong: { class: 'ValidationException', fields: ['expiryTimeInMinutes'] },
  nobody: { class: 'ValidationException', fields: ['userId'] },
  instrumentDeleted: 'DELETED',
  instrumentGone: {
    class: 'ResourceNotFoundException',
    status: 404,
    message: expect.stringContaining('not found'),
  },
  sessionDeleted: 'DELETED',
  sessionGone: { class: 'ResourceNotFoundException', status: 404 },
}
