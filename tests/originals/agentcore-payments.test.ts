/**
 * The snippets of AWS's Python SDK for AgentCore payments, as their reader would write them in TypeScript, against
 * the local payments service. Pages, as read on 2026-08-20:
 *
 * - README of `bedrock_agentcore.payments` 1.9.1, at commit ddfab76:
 *   https://github.com/aws/bedrock-agentcore-sdk-python/blob/ddfab76/src/bedrock_agentcore/payments/README.md
 * - Amazon Bedrock AgentCore Developer Guide, Process a payment:
 *   https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments-process-payment.html
 * - the same, Create a Payment Manager and Connector:
 *   https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments-create-manager.html
 */
import { expect, test } from '@jest/globals'
import {
  InsufficientBudget,
  InvalidPaymentInstrument,
  OptionsError,
  PaymentError,
  PaymentInstrumentNotFound,
  PaymentManager,
  PaymentSessionExpired,
  PaymentSessionNotFound,
  extractChallenges,
  isMppPaymentRequired,
  parseWwwAuthenticate,
  selectChallenge,
  type PaymentManagerOptions,
} from '../../src/agentcore/index.js'
import { ACCEPT_V1, base64, challengeV2, mpp } from '../agentcore/support/payment-header.js'
import { decoded, failure, funded, jwt, setup } from '../agentcore/support/payment-manager.js'
import { ACCEPT } from '../local/agentcore/support/payments-service.js'

const wallet = (network: 'ETHEREUM' | 'SOLANA') => ({
  embeddedCryptoWallet: {
    network,
    linkedAccounts: [{ email: { emailAddress: 'user@example.com' } }],
  },
})

/** A manager with a CUSTOM_JWT authorizer. */
async function ofJwt() {
  const { buyer } = await setup()
  const { paymentManagerArn, paymentConnectorId } = buyer.service.addManager('CUSTOM_JWT')
  const make = (auth: Partial<PaymentManagerOptions>) =>
    new PaymentManager({ paymentManagerArn, endpoint: buyer.service.url, ...auth })
  return { make, paymentConnectorId, service: buyer.service }
}

test('README, Authentication: a bearer token or its provider, and no user id', async () => {
  const { make, paymentConnectorId, service } = await ofJwt()
  let fetched = 0
  const tokenProvider = () => ((fetched += 1), jwt('user-of-jwt'))
  await make({ bearerToken: jwt('user-of-jwt') }).createPaymentSession({ expiryTimeInMinutes: 60 })
  const manager = make({ tokenProvider })
  await manager.createPaymentInstrument({
    paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: wallet('ETHEREUM'),
  })
  await manager.listPaymentSessions()
  expect(fetched).toBe(2) // before each request
  expect([...service.sessions(), ...service.instruments()].map(({ userId }) => userId)).toEqual([
    'user-of-jwt',
    'user-of-jwt',
  ])
  expect(() => make({ bearerToken: 'a', tokenProvider })).toThrow(OptionsError)
})

test.each(['pm-jwt', 'my-manager', 'pm-abc123'])(
  'README and guide: an ARN with the id %s',
  (id) => {
    const arn = (region: string) =>
      `arn:aws:bedrock-agentcore:${region}:123456789012:payment-manager/${id}`
    const options = { paymentManagerArn: arn('us-east-1'), tokenProvider: () => 'a' }
    expect(new PaymentManager({ ...options, region: 'us-east-1' })).toBeInstanceOf(PaymentManager)
    const python = { ...options, region_name: 'us-east-1' }
    expect(() => new PaymentManager(python)).toThrow(
      'region_name: is not one of the options of PaymentManager; did you mean region?',
    )
  },
)

test('README, Quick Start and sessions: instrument, session, balance, what is left', async () => {
  const { manager, buyer } = await setup()
  const { paymentConnectorId } = buyer
  const instrument = await manager.createPaymentInstrument({
    paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: wallet('ETHEREUM'),
    userId: 'user-123',
  })
  const { paymentInstrumentId } = instrument
  const { redirectUrl } = instrument.paymentInstrumentDetails.embeddedCryptoWallet ?? {}
  expect(redirectUrl).toMatch(/^http/)
  const session = await manager.createPaymentSession({
    expiryTimeInMinutes: 60,
    userId: 'user-123',
    limits: { maxSpendAmount: { value: '100.00', currency: 'USD' } },
  })
  const balance = await manager.getPaymentInstrumentBalance({
    paymentConnectorId,
    paymentInstrumentId,
    chain: 'BASE_SEPOLIA',
    token: 'USDC',
    userId: 'user-123',
  })
  expect(balance).toMatchObject({ tokenBalance: { token: 'USDC', chain: 'BASE_SEPOLIA' } })
  const { paymentSessionId } = session
  const details = await manager.getPaymentSession({ paymentSessionId, userId: 'user-123' })
  expect(details.availableLimits?.availableSpendAmount).toEqual({
    value: '100.00',
    currency: 'USD',
  })
  const sessions = await manager.listPaymentSessions({ userId: 'user-123' })
  expect(sessions.paymentSessions).toMatchObject([{ paymentSessionId }])
  const solana = await manager.createPaymentInstrument({
    paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: wallet('SOLANA'),
    userId: 'user-123',
  })
  expect(solana).toMatchObject({ paymentInstrumentDetails: wallet('SOLANA') })
})

test('README and guide, Processing Payments: x402 in version 1 and 2, and MPP', async () => {
  const { manager, paymentSessionId, paymentInstrumentId } = await funded()
  const one = { paymentSessionId, paymentInstrumentId, userId: 'user-1' }
  for (const [version, payload] of [
    ['1', ACCEPT_V1],
    ['2', { ...ACCEPT, amount: '100000', maxTimeoutSeconds: 300 }],
  ] as const) {
    const paid = await manager.processPayment({
      ...one,
      paymentType: 'CRYPTO_X402',
      paymentInput: { cryptoX402: { version, payload } },
    })
    expect(paid).toMatchObject({
      status: 'PROOF_GENERATED',
      paymentOutput: { cryptoX402: { version } },
    })
  }
  const paid = await manager.processPayment({
    ...one,
    paymentType: 'MPP',
    paymentInput: {
      mpp: { version: '1', wwwAuthenticateHeaders: [mpp()], buyerPaysGasFees: true },
    },
  })
  expect(paid.paymentOutput).toMatchObject({
    mpp: {
      version: '1',
      selectedPaymentId: 'mpp-1',
      paymentCredential: expect.any(String) as unknown,
    },
  })
})

test('README, Payment Header Generation: the protocol is told from the 402', async () => {
  const { manager, paymentSessionId, paymentInstrumentId } = await funded()
  const pay = (headers: Record<string, unknown>, body: unknown, more = {}) =>
    manager.generatePaymentHeader({
      paymentInstrumentId,
      paymentSessionId,
      paymentRequiredRequest: { statusCode: 402, headers, body },
      userId: 'user-1',
      ...more,
    })
  const networkPreferences = ['base-sepolia', 'eip155:8453', 'solana-mainnet']
  const v1 = await pay(
    { 'content-type': 'application/json' },
    { x402Version: 1, accepts: [ACCEPT_V1] },
    { networkPreferences },
  )
  expect(decoded(v1)).toMatchObject(['X-PAYMENT', { x402Version: 1, network: 'base-sepolia' }])
  const v2 = await pay({ 'Payment-Required': base64(challengeV2()) }, {})
  expect(decoded(v2)).toMatchObject(['PAYMENT-SIGNATURE', { x402Version: 2, accepted: ACCEPT }])
  // Only for `upto`, and left out here.
  expect(await pay({}, challengeV2(), { permit2AllowanceLimit: '1000000' })).toHaveProperty(
    'PAYMENT-SIGNATURE',
  )
  const challenges = [mpp(), mpp({ id: 'sol-1', method: 'solana' })]
  for (const sent of [challenges.join(', '), challenges]) {
    const header = await pay({ 'WWW-Authenticate': sent }, {}, { buyerPaysGasFees: true })
    expect(Object.values(header)[0]).toMatch(/^Payment [\w-]+$/)
  }
  // MPP that this instrument cannot pay, beside x402 that it can.
  expect(await pay({ 'WWW-Authenticate': challenges[1] }, challengeV2())).toHaveProperty(
    'PAYMENT-SIGNATURE',
  )
  expect(await failure(pay({ 'WWW-Authenticate': challenges[1] }, {}))).toBeInstanceOf(PaymentError)
  expect(
    await failure(pay({ 'WWW-Authenticate': mpp() }, {}, { buyerPaysGasFees: 'false' })),
  ).toBeInstanceOf(PaymentError)
})

test('README, Working with challenges directly', () => {
  const headers = { 'WWW-Authenticate': [mpp(), mpp({ id: 'sub', intent: 'subscription' })] }
  const request = { statusCode: 402, headers, body: {} }
  expect(isMppPaymentRequired(request)).toBe(true)
  expect(isMppPaymentRequired({ statusCode: 402 })).toBe(false)
  const challenges = extractChallenges(request)
  expect(parseWwwAuthenticate(headers['WWW-Authenticate'])).toEqual(challenges)
  const selected = selectChallenge(challenges, { instrumentNetwork: 'ETHEREUM' })
  expect(selected).toMatchObject({ id: 'mpp-1', method: 'evm', raw: mpp() })
  expect(() => selectChallenge(challenges, { instrumentNetwork: 'SOLANA' })).toThrow(PaymentError)
})

test('README, Deleting Resources and Error Handling', async () => {
  const { manager, buyer, paymentSessionId, paymentInstrumentId } = await funded()
  const userId = 'user-1'
  const { paymentConnectorId } = buyer
  const pay = (amount: string) =>
    manager.processPayment({
      paymentSessionId,
      paymentInstrumentId,
      paymentType: 'CRYPTO_X402',
      paymentInput: { cryptoX402: { version: '2', payload: { ...ACCEPT, amount } } },
    })
  expect(await failure(pay('99000000'))).toBeInstanceOf(InsufficientBudget)
  buyer.service.setInstrumentStatus(paymentInstrumentId, 'BLOCKED')
  expect(await failure(pay('1'))).toBeInstanceOf(InvalidPaymentInstrument)
  const instrument = { paymentInstrumentId, paymentConnectorId, userId }
  expect(await manager.deletePaymentInstrument(instrument)).toEqual({ status: 'DELETED' })
  expect(await failure(manager.deletePaymentInstrument(instrument))).toBeInstanceOf(
    PaymentInstrumentNotFound,
  )
  const session = { paymentSessionId, userId }
  expect(await manager.deletePaymentSession(session)).toEqual({ status: 'DELETED' })
  expect(await failure(manager.deletePaymentSession(session))).toBeInstanceOf(
    PaymentSessionNotFound,
  )
  expect(await failure(pay('1'))).toBeInstanceOf(PaymentSessionNotFound)
  expect(PaymentSessionExpired.prototype).toBeInstanceOf(PaymentError)
})
