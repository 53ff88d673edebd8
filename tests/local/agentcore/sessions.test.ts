import { expect, test } from '@jest/globals'
import {
  CreatePaymentSessionCommand,
  DeletePaymentInstrumentCommand,
  DeletePaymentSessionCommand,
  GetPaymentSessionCommand,
  ListPaymentSessionsCommand,
} from '@aws-sdk/client-bedrock-agentcore'
import { DeletePaymentConnectorCommand } from '@aws-sdk/client-bedrock-agentcore-control'
import { createInstrument } from '../../../src/local/agentcore/data/instruments.js'
import { createWorld } from '../../../src/local/agentcore/options.js'
import { newHoldings } from '../../../src/local/agentcore/world/holdings.js'
import { createPeeks } from '../../../src/local/agentcore/peeks.js'
import { processPayment } from '../../../src/local/agentcore/data/process-payment.js'
import { createSession } from '../../../src/local/agentcore/data/sessions.js'
import {
  ACCEPT,
  MERCHANT,
  buyer,
  buyerOf,
  clock,
  exact,
  refusal,
} from './support/payments-service.js'

const MINUTE_MS = 60_000
const units = (amount: string) => exact({ amount })

test('a session is answered as it was asked for, with all of its limit left', async () => {
  const time = clock()
  const { data, base } = await buyer({ now: time.now })
  const limits = { maxSpendAmount: { value: '1.00', currency: 'USD' as const } }
  const created = await data.send(
    new CreatePaymentSessionCommand({ ...base, limits, expiryTimeInMinutes: 15 }),
  )
  const at = new Date(time.now())
  const { paymentSession } = created
  expect(created.$metadata.httpStatusCode).toBe(201)
  expect(paymentSession).toEqual({
    ...base,
    paymentSessionId: expect.stringMatching(/^payment-session-[0-9a-zA-Z-]{15}$/),
    limits,
    availableLimits: { availableSpendAmount: limits.maxSpendAmount, updatedAt: at },
    expiryTimeInMinutes: 15,
    createdAt: at,
    updatedAt: at,
  })
  const { paymentSessionId } = { ...paymentSession }
  const got = await data.send(new GetPaymentSessionCommand({ ...base, paymentSessionId }))
  expect(got.paymentSession).toEqual(paymentSession)
  const listed = await data.send(new ListPaymentSessionsCommand(base))
  const summary = { ...paymentSession, limits: undefined, availableLimits: undefined }
  expect(listed.paymentSessions).toEqual([summary])
})

test('a deleted session is gone', async () => {
  const { data, base, session, service, pay, instrument } = await buyer()
  const named = { ...base, paymentSessionId: await session() }
  const deleted = await data.send(new DeletePaymentSessionCommand(named))
  expect(deleted).toMatchObject({ status: 'DELETED', $metadata: { httpStatusCode: 200 } })
  for (const command of [
    new GetPaymentSessionCommand(named),
    new DeletePaymentSessionCommand(named),
  ]) {
    expect(await refusal(data.send(command as GetPaymentSessionCommand))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Payment session not found: ${named.paymentSessionId}`,
      $metadata: { httpStatusCode: 404 },
    })
  }
  expect(service.sessions()).toEqual([])
  expect(await refusal(pay(await instrument(), named.paymentSessionId))).toMatchObject({
    name: 'ValidationException',
    message: `Payment session not found: ${named.paymentSessionId}`,
  })
})

test('a session pays until the minute it expires, and can be looked at after', async () => {
  const time = clock()
  const { data, base, pay, instrument, session } = await buyer({ now: time.now })
  const [wallet, short] = [await instrument(), await session(undefined, 15)]
  time.pass(15 * MINUTE_MS - 1)
  await pay(wallet, short)
  time.pass(1)
  expect(await refusal(pay(wallet, short))).toMatchObject({
    name: 'ValidationException',
    message: `Payment session ${short} has expired`,
    $metadata: { httpStatusCode: 400 },
  })
  await data.send(new GetPaymentSessionCommand({ ...base, paymentSessionId: short }))
})

test('a limit is spent to its last unit, and not beyond', async () => {
  const { data, base, pay, instrument, session } = await buyer()
  const [wallet, limited] = [await instrument(), await session('0.01')]
  await pay(wallet, limited, units('9999'))
  const error = await refusal(pay(wallet, limited, units('2')))
  expect(error).toMatchObject({
    name: 'ValidationException',
    message: `The amount exceeds the remaining budget of payment session ${limited}`,
  })
  const get = new GetPaymentSessionCommand({ ...base, paymentSessionId: limited })
  const left = async () =>
    (await data.send(get)).paymentSession?.availableLimits?.availableSpendAmount?.value
  expect(await left()).toBe('0.000001')
  await pay(wallet, limited, units('1'))
  expect(await left()).toBe('0.00')
  await expect(pay(wallet, limited, units('1'))).rejects.toThrow('budget')
})

test('100 payments at once spend no more than there is', async () => {
  const { pay, instrument, session, service } = await buyer()
  const [wallet, limited] = [await instrument(), await session('0.10')]
  const calls = Array.from({ length: 100 }, () => pay(wallet, limited, units('10000')))
  const outcomes = await Promise.allSettled(calls)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  expect(service.sessions()).toMatchObject([{ spent: '0.10', available: '0.00' }])
})

test('tokens of 18 decimals count to their last unit, beside those of 6', async () => {
  const token = { network: 'eip155:31337', asset: MERCHANT, name: 'T', version: '1', decimals: 18 }
  const { pay, instrument, session, service } = await buyer({ tokens: [token] })
  const [wallet, limited] = [await instrument(), await session('0.000002')]
  const accept = { network: token.network, asset: token.asset, extra: { name: 'T', version: '1' } }
  await pay(wallet, limited, exact({ ...accept, amount: '1' }))
  await pay(wallet, limited, units('1'))
  expect(service.sessions()).toMatchObject([
    { spent: '0.000001000000000001', available: '0.000000999999999999' },
  ])
  await expect(pay(wallet, limited, units('1'))).rejects.toThrow('budget')
})

test('a session without a limit has none, and counts all the same', async () => {
  const { data, base, pay, instrument, session, service } = await buyer()
  const [wallet, open] = [await instrument(), await session()]
  await pay(wallet, open, units('123456789000000'))
  const { paymentSession } = await data.send(
    new GetPaymentSessionCommand({ ...base, paymentSessionId: open }),
  )
  expect(paymentSession).not.toHaveProperty('limits')
  expect(paymentSession).not.toHaveProperty('availableLimits')
  expect(service.sessions()).toMatchObject([{ spent: '123456789.00', available: undefined }])
})

test.each(['0', '0.00', '-1', '1e3', '1,00', '', '.5', '1.', '0x1', '1.0000000000000000001'])(
  'a limit of "%s" dollars is refused',
  async (value) => {
    const { data, base } = await buyer()
    const limits = { maxSpendAmount: { value, currency: 'USD' as const } }
    const create = new CreatePaymentSessionCommand({ ...base, limits, expiryTimeInMinutes: 15 })
    expect(await refusal(data.send(create))).toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name: 'limits.maxSpendAmount.value' }],
    })
  },
)

test.each(['DELETED', 'INITIATED', 'FAILED', 'BLOCKED'] as const)(
  'an instrument that is %s is inactive, and nothing is spent',
  async (status) => {
    const { pay, instrument, session, service } = await buyer()
    const [wallet, limited] = [await instrument(), await session('1.00')]
    service.setInstrumentStatus(wallet, status)
    expect(await refusal(pay(wallet, limited))).toMatchObject({
      name: 'ValidationException',
      message: `Payment instrument ${wallet} is inactive: it is ${status}`,
    })
    expect(service.sessions()).toMatchObject([{ spent: '0.00' }])
  },
)

test('an instrument that was deleted over the API is inactive', async () => {
  const { data, base, paymentConnectorId, pay, instrument, session } = await buyer()
  const paymentInstrumentId = await instrument()
  await data.send(
    new DeletePaymentInstrumentCommand({ ...base, paymentConnectorId, paymentInstrumentId }),
  )
  await expect(pay(paymentInstrumentId, await session())).rejects.toThrow('inactive')
})

test('what belongs to another user or manager does not exist', async () => {
  const owner = await buyer()
  const manager = { ...owner }
  const stranger = buyerOf(owner, manager, 'user-2')
  const elsewhere = buyerOf(owner, owner.service.addManager())
  const paymentSessionId = await owner.session()
  for (const other of [stranger, elsewhere]) {
    const get = new GetPaymentSessionCommand({ ...other.base, paymentSessionId })
    expect(await refusal(other.data.send(get))).toMatchObject({ name: 'ResourceNotFoundException' })
    const listed = await other.data.send(new ListPaymentSessionsCommand(other.base))
    expect(listed.paymentSessions).toEqual([])
    await expect(other.pay(await other.instrument(), paymentSessionId)).rejects.toThrow(
      'Payment session not found',
    )
    await expect(other.pay(await owner.instrument(), await other.session())).rejects.toThrow(
      'Payment instrument not found',
    )
  }
})

test('an instrument whose connector was deleted is inactive', async () => {
  const { control, paymentManagerId, paymentConnectorId, pay, instrument, session } = await buyer()
  const [wallet, open] = [await instrument(), await session()]
  await control.send(new DeletePaymentConnectorCommand({ paymentManagerId, paymentConnectorId }))
  expect(await refusal(pay(wallet, open))).toMatchObject({
    name: 'ValidationException',
    message: `Payment instrument ${wallet} is inactive: its payment connector was deleted`,
  })
})

test('what could not be signed is given back to the session', async () => {
  const world = createWorld({}, newHoldings(), undefined)
  const { paymentManagerArn, paymentConnectorId } = createPeeks(world, new Map()).addManager()
  const call = { authorizerType: 'AWS_IAM', region: 'us-west-2', origin: '', fails: false } as const
  const base = { paymentManagerArn, userId: 'user-1' }
  const { paymentInstrument } = await createInstrument(world, call, {
    ...base,
    paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: { embeddedCryptoWallet: { network: 'ETHEREUM', linkedAccounts: [] } },
  })
  const { paymentInstrumentId } = paymentInstrument
  const made = world.instruments.get(paymentInstrumentId)
  Object.assign(made?.wallet ?? {}, { sign: () => Promise.reject(new Error('pen broken')) })
  const limits = { maxSpendAmount: { value: '1.00', currency: 'USD' } } as const
  const { paymentSession } = createSession(world, call, {
    ...base,
    limits,
    expiryTimeInMinutes: 15,
  })
  const { paymentSessionId } = paymentSession
  const payment = processPayment(world, call, {
    ...base,
    paymentInstrumentId,
    paymentSessionId,
    paymentType: 'CRYPTO_X402',
    paymentInput: { cryptoX402: { version: '2', payload: ACCEPT } },
  })
  await expect(payment).rejects.toThrow('pen broken')
  expect(world.sessions.get(paymentSessionId)?.spent).toBe(0n)
})
