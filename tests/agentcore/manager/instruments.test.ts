import type { PaymentInstrumentDetails } from '@aws-sdk/client-bedrock-agentcore'
import { expect, test } from '@jest/globals'
import { PaymentInstrumentNotFound } from '../../../src/agentcore/index.js'
import { failure, setup, type Setup } from '../support/payment-manager.js'

const WALLET: PaymentInstrumentDetails = {
  embeddedCryptoWallet: {
    network: 'ETHEREUM',
    linkedAccounts: [{ email: { emailAddress: 'alice@example.com' } }],
  },
}

const create = ({ manager, buyer: { paymentConnectorId } }: Setup, more: object = {}) =>
  manager.createPaymentInstrument({
    paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: WALLET,
    ...more,
  })

const NOBODY = 'payment-instrument-000000000000000'

test('an instrument is created, unwrapped and of the type of AWS', async () => {
  const one = await setup()
  const instrument = await create(one)
  expect(instrument).toEqual({
    paymentInstrumentId: expect.stringMatching(/^payment-instrument-[0-9a-zA-Z-]{15}$/),
    paymentManagerArn: one.buyer.paymentManagerArn,
    paymentConnectorId: one.buyer.paymentConnectorId,
    userId: 'user-1',
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: {
      embeddedCryptoWallet: {
        ...WALLET.embeddedCryptoWallet,
        walletAddress: expect.stringMatching(/^0x/),
        redirectUrl: expect.stringContaining('http'),
      },
    },
    status: 'ACTIVE',
    createdAt: expect.any(Date),
    updatedAt: expect.any(Date),
  })
  expect(one.calls()[0]?.body).toEqual({
    paymentManagerArn: one.buyer.paymentManagerArn,
    paymentConnectorId: one.buyer.paymentConnectorId,
    paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
    paymentInstrumentDetails: WALLET,
    clientToken: expect.stringMatching(/^[\da-f-]{36}$/),
  })
})

test('two instruments are created with different client tokens', async () => {
  const one = await setup()
  const [a, b] = [await create(one), await create(one)]
  expect(a.paymentInstrumentId).not.toBe(b.paymentInstrumentId)
  const tokens = one.calls().map(({ body }) => (body as { clientToken: string }).clientToken)
  expect(new Set(tokens).size).toBe(2)
})

test('the client token of the caller makes the same instrument once', async () => {
  const one = await setup()
  const clientToken = 'an-instrument-of-alice-and-of-nobody-else'
  const [a, b] = [await create(one, { clientToken }), await create(one, { clientToken })]
  expect(a.paymentInstrumentId).toBe(b.paymentInstrumentId)
  expect(one.calls()[0]?.body).toMatchObject({ clientToken })
})

test('an instrument is read, unwrapped', async () => {
  const one = await setup()
  const created = await create(one)
  const { paymentInstrumentId } = created
  expect(await one.manager.getPaymentInstrument({ paymentInstrumentId })).toEqual(created)
  const { paymentConnectorId } = one.buyer
  await one.manager.getPaymentInstrument({ paymentInstrumentId, paymentConnectorId })
  expect(one.calls('GetPaymentInstrument').map(({ body }) => body)).toEqual([
    { paymentManagerArn: one.buyer.paymentManagerArn, paymentInstrumentId },
    { paymentManagerArn: one.buyer.paymentManagerArn, paymentInstrumentId, paymentConnectorId },
  ])
})

test('instruments are listed, a hundred unless told otherwise', async () => {
  const one = await setup()
  const { paymentInstrumentId } = await create(one)
  const { paymentConnectorId } = one.buyer
  const page = await one.manager.listPaymentInstruments()
  expect(page).not.toHaveProperty('$metadata')
  expect(page.paymentInstruments).toEqual([expect.objectContaining({ paymentInstrumentId })])
  await one.manager.listPaymentInstruments({ paymentConnectorId, maxResults: 1 })
  const [first, second] = one.calls('ListPaymentInstruments')
  expect(first?.body).toMatchObject({ maxResults: 100 })
  expect(second?.body).toMatchObject({ maxResults: 1, paymentConnectorId })
})

test('a list goes on where its page ended', async () => {
  const one = await setup()
  for (let i = 0; i < 3; i++) await create(one)
  const first = await one.manager.listPaymentInstruments({ maxResults: 2 })
  expect(first.paymentInstruments).toHaveLength(2)
  const { nextToken } = first
  const second = await one.manager.listPaymentInstruments({ maxResults: 2, nextToken })
  expect(second.paymentInstruments).toHaveLength(1)
  expect(second.nextToken).toBeUndefined()
})

test('iterating gives every instrument once, and asks for a page when it is needed', async () => {
  const one = await setup()
  const made: string[] = []
  for (let i = 0; i < 5; i++) made.push((await create(one)).paymentInstrumentId)
  const seen: unknown[] = []
  const asked: number[] = []
  for await (const { paymentInstrumentId } of one.manager.iteratePaymentInstruments({
    maxResults: 2,
  })) {
    seen.push(paymentInstrumentId)
    asked.push(one.calls('ListPaymentInstruments').length)
  }
  expect(seen.toSorted()).toEqual(made.toSorted())
  expect(asked).toEqual([1, 1, 2, 2, 3])
})

test('iterating starts where the caller says', async () => {
  const one = await setup()
  for (let i = 0; i < 3; i++) await create(one)
  const { nextToken } = await one.manager.listPaymentInstruments({ maxResults: 2 })
  const rest: unknown[] = []
  for await (const instrument of one.manager.iteratePaymentInstruments({ nextToken })) {
    rest.push(instrument)
  }
  expect(rest).toHaveLength(1)
})

test('a list that leads back to its own page is no endless one', async () => {
  const one = await setup()
  for (let i = 0; i < 2; i++) await create(one)
  const { nextToken } = await one.manager.listPaymentInstruments({ maxResults: 1 })
  const edit = (answer: Record<string, unknown>) => ({ ...answer, nextToken })
  one.buyer.service.faults.set({ kind: 'edit', edit, times: 9 })
  const all = async () => {
    for await (const _ of one.manager.iteratePaymentInstruments({ nextToken })) void _
  }
  expect(await failure(all())).toMatchObject({ code: 'unreadable_answer' })
  expect(one.calls('ListPaymentInstruments')).toHaveLength(2)
})

test('a balance is in atomic units', async () => {
  const one = await setup()
  const { paymentInstrumentId } = await create(one)
  const { paymentConnectorId } = one.buyer
  one.buyer.service.fund(paymentInstrumentId, 12_345n)
  const balance = await one.manager.getPaymentInstrumentBalance({
    paymentInstrumentId,
    paymentConnectorId,
    chain: 'BASE_SEPOLIA',
    token: 'USDC',
  })
  const network = 'ETHEREUM'
  const tokenBalance = { amount: '12345', decimals: 6, token: 'USDC', network }
  expect(balance).toEqual({
    paymentInstrumentId,
    tokenBalance: { ...tokenBalance, chain: 'BASE_SEPOLIA' },
  })
})

test('a deleted instrument is not found again', async () => {
  const one = await setup()
  const { paymentConnectorId } = one.buyer
  const { paymentInstrumentId } = await create(one)
  const input = { paymentInstrumentId, paymentConnectorId }
  expect(await one.manager.deletePaymentInstrument(input)).toEqual({ status: 'DELETED' })
  const gone = await failure(one.manager.getPaymentInstrument({ paymentInstrumentId }))
  expect(gone).toBeInstanceOf(PaymentInstrumentNotFound)
})

test.each([
  ['reading', (one: Setup) => one.manager.getPaymentInstrument({ paymentInstrumentId: NOBODY })],
  [
    'the balance of',
    ({ manager, buyer: { paymentConnectorId } }: Setup) =>
      manager.getPaymentInstrumentBalance({
        paymentInstrumentId: NOBODY,
        paymentConnectorId,
        chain: 'BASE',
        token: 'USDC',
      }),
  ],
  [
    'deleting',
    ({ manager, buyer: { paymentConnectorId } }: Setup) =>
      manager.deletePaymentInstrument({ paymentInstrumentId: NOBODY, paymentConnectorId }),
  ],
])('%s an instrument that is not there says so', async (_, call) => {
  const error = await failure(call(await setup()))
  expect(error).toBeInstanceOf(PaymentInstrumentNotFound)
  expect(error).toMatchObject({ code: 'instrument_not_found', cause: { httpStatus: 404 } })
  expect(String(error)).toContain(NOBODY)
})

test("another user's instrument is not found", async () => {
  const one = await setup()
  const { paymentInstrumentId } = await create(one)
  const input = { paymentInstrumentId, userId: 'user-2' }
  expect(await failure(one.manager.getPaymentInstrument(input))).toBeInstanceOf(
    PaymentInstrumentNotFound,
  )
})

test.each([
  ['paymentConnectorId', (one: Setup) => create(one, { paymentConnectorId: '' })],
  ['paymentInstrumentType', (one: Setup) => create(one, { paymentInstrumentType: undefined })],
  [
    'paymentInstrumentId',
    (one: Setup) => one.manager.getPaymentInstrument({ paymentInstrumentId: ' ' }),
  ],
  [
    'chain',
    (one: Setup) =>
      one.manager.getPaymentInstrumentBalance({
        paymentInstrumentId: NOBODY,
        paymentConnectorId: 'a',
        chain: '' as 'BASE',
        token: 'USDC',
      }),
  ],
  [
    'paymentConnectorId',
    (one: Setup) =>
      one.manager.deletePaymentInstrument({ paymentInstrumentId: NOBODY, paymentConnectorId: '' }),
  ],
  ['input', (one: Setup) => one.manager.getPaymentInstrument(undefined as never)],
  ['input', (one: Setup) => one.manager.listPaymentInstruments(null as never)],
])('a missing %s is named before anything is asked', async (name, call) => {
  const one = await setup()
  const error = await failure(call(one))
  expect(error).toMatchObject({ name: 'PaymentError', code: 'invalid_input' })
  expect(String(error)).toContain(name)
  expect(one.calls()).toEqual([])
})

test.each([
  ['CreatePaymentInstrument', 'paymentInstrument', (one: Setup) => create(one)],
  [
    'ListPaymentInstruments',
    'paymentInstruments',
    (one: Setup) => one.manager.listPaymentInstruments(),
  ],
] as const)('an answer of %s without %s is not passed on', async (operation, member, call) => {
  const one = await setup()
  const edit = (answer: object) => ({ ...answer, [member]: undefined })
  one.buyer.service.faults.set({ operation, kind: 'edit', edit })
  expect(await failure(call(one))).toMatchObject({ code: 'unreadable_answer' })
})
