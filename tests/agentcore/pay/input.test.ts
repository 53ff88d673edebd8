import { expect, test } from '@jest/globals'
import {
  PaymentInstrumentConfigurationRequired,
  PaymentInstrumentNotFound,
  PaymentManager,
  PaymentSessionConfigurationRequired,
  PaymentSessionExpired,
  PaymentSessionNotFound,
  type PaymentHeaderInput,
} from '../../../src/agentcore/index.js'
import { answering } from '../support/answering.js'
import { challengeV2, paying } from '../support/payment-header.js'
import { failure, jwt } from '../support/payment-manager.js'
import { buyerOf, clock } from '../../local/agentcore/support/payments-service.js'

const REQUEST = { statusCode: 402, body: challengeV2() }

test.each<[string, object]>([
  ['the input', { paymentRequiredRequest: undefined }],
  ['paymentRequiredRequest', { paymentRequiredRequest: 'HTTP 402' }],
  ['paymentRequiredRequest', { paymentRequiredRequest: [] }],
  ['paymentRequiredRequest.statusCode', { paymentRequiredRequest: { body: challengeV2() } }],
  [
    'paymentRequiredRequest.statusCode',
    { paymentRequiredRequest: { ...REQUEST, statusCode: 200 } },
  ],
  [
    'paymentRequiredRequest.statusCode',
    { paymentRequiredRequest: { ...REQUEST, statusCode: '402' } },
  ],
  ['paymentRequiredRequest.headers', { paymentRequiredRequest: { ...REQUEST, headers: 'a: b' } }],
  ['paymentInstrumentId', { paymentInstrumentId: '' }],
  ['paymentInstrumentId', { paymentInstrumentId: 7 }],
  ['paymentSessionId', { paymentSessionId: ' ' }],
  ['userId', { userId: '' }],
  ['userId', { userId: 'a\nb' }],
  ['clientToken', { clientToken: 'short' }],
  ['clientToken', { clientToken: '' }],
  ['clientToken', { clientToken: 'with spaces in the middle of the token' }],
  ['clientToken', { clientToken: 7 }],
  ['permit2AllowanceLimit', { permit2AllowanceLimit: '0' }],
  ['permit2AllowanceLimit', { permit2AllowanceLimit: 'a' }],
  ['paymentConnector', { paymentConnector: 'a' }],
  ['limit', { limit: {} }],
])('%s is named if it does not fit, before anything is asked', async (name, more) => {
  const { manager, paymentInstrumentId, paymentSessionId, calls } = await paying()
  const before = calls().length
  const ids = { paymentInstrumentId, paymentSessionId }
  const input = { ...ids, paymentRequiredRequest: REQUEST, ...more } as PaymentHeaderInput
  const error = await failure(manager.generatePaymentHeader(input))
  expect(error).toMatchObject({ name: 'PaymentError', code: 'invalid_input' })
  if (name !== 'the input') expect(String(error)).toContain(name)
  expect(calls()).toHaveLength(before)
})

test.each([undefined, null, 'text', []])('an input that is %j is refused', async (input) => {
  const { manager } = await paying()
  const error = await failure(manager.generatePaymentHeader(input as never))
  expect(error).toMatchObject({ code: 'invalid_input' })
})

test('without an instrument the error says how to get one, and comes first', async () => {
  const { manager, calls } = await paying()
  const before = calls().length
  const error = await failure(manager.generatePaymentHeader({ paymentRequiredRequest: REQUEST }))
  expect(error).toBeInstanceOf(PaymentInstrumentConfigurationRequired)
  expect(error).toMatchObject({ code: 'instrument_required' })
  expect(String(error)).toMatch(/paymentInstrumentId.*createPaymentInstrument.*PaymentManager/)
  expect(calls()).toHaveLength(before)
})

test('without a session the error says how to get one', async () => {
  const { manager, paymentInstrumentId, calls } = await paying()
  const before = calls().length
  const input = { paymentInstrumentId, paymentRequiredRequest: REQUEST }
  const error = await failure(manager.generatePaymentHeader(input))
  expect(error).toBeInstanceOf(PaymentSessionConfigurationRequired)
  expect(error).toMatchObject({ code: 'session_required' })
  expect(String(error)).toMatch(/paymentSessionId.*createPaymentSession.*PaymentManager/)
  expect(calls()).toHaveLength(before)
})

test('instrument and session of the manager are used, unless a call has its own', async () => {
  const { managerWith, paymentInstrumentId, paymentSessionId, calls, buyer } = await paying()
  const manager = managerWith({ paymentInstrumentId, paymentSessionId })
  await manager.generatePaymentHeader({ paymentRequiredRequest: REQUEST })
  const own = {
    paymentInstrumentId: await buyer.instrument(),
    paymentSessionId: await buyer.session(),
  }
  await manager.generatePaymentHeader({ ...own, paymentRequiredRequest: REQUEST })
  expect(calls('ProcessPayment').map(({ body }) => body)).toEqual([
    expect.objectContaining({ paymentInstrumentId, paymentSessionId }),
    expect.objectContaining(own),
  ])
})

test('the user of a call is meant in both requests', async () => {
  const { manager, buyer, calls } = await paying()
  const alice = buyerOf(buyer, buyer, 'alice')
  await manager.generatePaymentHeader({
    userId: 'alice',
    paymentInstrumentId: await alice.instrument(),
    paymentSessionId: await alice.session('1.00'),
    paymentRequiredRequest: REQUEST,
  })
  const users = ['GetPaymentInstrument', 'ProcessPayment'].map(
    (name) => calls(name)[0]?.headers['x-amzn-bedrock-agentcore-payments-user-id'],
  )
  expect(users).toEqual(['alice', 'alice'])
})

test('without a user nothing is asked', async () => {
  const { managerWith, paymentInstrumentId, paymentSessionId, calls } = await paying()
  const before = calls().length
  const manager = managerWith({ userId: undefined })
  const input = { paymentInstrumentId, paymentSessionId, paymentRequiredRequest: REQUEST }
  const error = await failure(manager.generatePaymentHeader(input))
  expect(error).toMatchObject({ code: 'invalid_input' })
  expect(String(error)).toContain('userId')
  expect(calls()).toHaveLength(before)
})

test('a bearer token pays without a user', async () => {
  const { buyer } = await paying()
  const { paymentManagerArn, paymentConnectorId } = buyer.service.addManager('CUSTOM_JWT')
  const bearerToken = jwt('alice')
  const manager = new PaymentManager({
    paymentManagerArn,
    bearerToken,
    endpoint: buyer.service.url,
  })
  const { paymentInstrumentId } = await manager.createPaymentInstrument({
    paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: { embeddedCryptoWallet: { network: 'ETHEREUM', linkedAccounts: [] } },
  })
  const { paymentSessionId } = await manager.createPaymentSession({ expiryTimeInMinutes: 15 })
  const input = { paymentInstrumentId, paymentSessionId, paymentRequiredRequest: REQUEST }
  expect(Object.keys(await manager.generatePaymentHeader(input))).toEqual(['PAYMENT-SIGNATURE'])
})

test('every payment has a token of its own, unless the caller gives one', async () => {
  const { pay, calls, buyer } = await paying()
  const first = await pay({ body: challengeV2() })
  expect(await pay({ body: challengeV2() })).not.toEqual(first)
  const clientToken = 'one-purchase-of-alice-on-a-day-in-may'
  const third = await pay({ body: challengeV2() }, { clientToken })
  expect(await pay({ body: challengeV2() }, { clientToken })).toEqual(third)
  const tokens = calls('ProcessPayment').map(
    ({ body }) => (body as { clientToken: string }).clientToken,
  )
  expect(new Set(tokens).size).toBe(3)
  expect(tokens.slice(2)).toEqual([clientToken, clientToken])
  expect(buyer.service.sessions()[0]?.spent).toBe('0.03')
})

test('a lost answer costs nothing more', async () => {
  const { managerWith, paymentInstrumentId, paymentSessionId, buyer, calls } = await paying()
  buyer.service.faults.set({ operation: 'ProcessPayment', kind: 'lost-answer' })
  await managerWith({ maxAttempts: 1 }).generatePaymentHeader({
    paymentInstrumentId,
    paymentSessionId,
    paymentRequiredRequest: REQUEST,
  })
  expect(calls('ProcessPayment')).toHaveLength(2)
  expect(buyer.service.sessions()[0]?.spent).toBe('0.01')
})

test('an instrument or a session that is not there is told apart', async () => {
  const { pay } = await paying()
  const nobody = 'payment-instrument-000000000000000'
  const nowhere = 'payment-session-000000000000000'
  const body = challengeV2()
  const instrument = await failure(pay({ body }, { paymentInstrumentId: nobody }))
  expect(instrument).toBeInstanceOf(PaymentInstrumentNotFound)
  const session = await failure(pay({ body }, { paymentSessionId: nowhere }))
  expect(session).toBeInstanceOf(PaymentSessionNotFound)
})

test('a session that is over says so', async () => {
  const time = clock()
  const { manager, paymentInstrumentId, buyer } = await paying({ now: time.now })
  const paymentSessionId = await buyer.session('1.00', 15)
  time.pass(15 * 60_000 + 1)
  const input = { paymentInstrumentId, paymentSessionId, paymentRequiredRequest: REQUEST }
  expect(await failure(manager.generatePaymentHeader(input))).toBeInstanceOf(PaymentSessionExpired)
})

test.each(['getPaymentInstrument', 'processPayment'])(
  'a payment that is given up during %s rejects with the reason',
  async (operation) => {
    const { managerWith, paymentInstrumentId, paymentSessionId } = await paying()
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const wallet = { embeddedCryptoWallet: { network: 'ETHEREUM', linkedAccounts: [] } }
    const paymentInstrument = { status: 'ACTIVE', paymentInstrumentDetails: wallet }
    const { url } = await answering((request, response) => {
      if (request.url?.endsWith(operation)) controller.abort(reason)
      else response.end(JSON.stringify({ paymentInstrument }))
    })
    const input = { paymentInstrumentId, paymentSessionId, paymentRequiredRequest: REQUEST }
    const manager = managerWith({ endpoint: url })
    const options = { abortSignal: controller.signal }
    expect(await failure(manager.generatePaymentHeader(input, options))).toBe(reason)
  },
)
