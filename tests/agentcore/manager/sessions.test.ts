import { expect, test } from '@jest/globals'
import { AwsError, PaymentSessionNotFound } from '../../../src/agentcore/index.js'
import { failure, setup, type Setup } from '../support/payment-manager.js'

const LIMITS = { maxSpendAmount: { value: '1.00', currency: 'USD' } } as const
const NO_SESSION = 'payment-session-000000000000000'

const create = ({ manager }: Setup, more: object = {}) =>
  manager.createPaymentSession({ expiryTimeInMinutes: 60, limits: LIMITS, ...more })

test('a session is created, unwrapped and of the type of AWS', async () => {
  const one = await setup()
  expect(await create(one)).toEqual({
    paymentSessionId: expect.stringMatching(/^payment-session-[0-9a-zA-Z-]{15}$/),
    paymentManagerArn: one.buyer.paymentManagerArn,
    userId: 'user-1',
    limits: LIMITS,
    availableLimits: expect.objectContaining({ availableSpendAmount: LIMITS.maxSpendAmount }),
    expiryTimeInMinutes: 60,
    createdAt: expect.any(Date),
    updatedAt: expect.any(Date),
  })
  expect(one.calls()[0]?.body).toEqual({
    paymentManagerArn: one.buyer.paymentManagerArn,
    limits: LIMITS,
    expiryTimeInMinutes: 60,
    clientToken: expect.stringMatching(/^[\da-f-]{36}$/),
  })
})

test('a session needs no limits', async () => {
  const one = await setup()
  const session = await one.manager.createPaymentSession({ expiryTimeInMinutes: 15 })
  expect(session.limits).toBeUndefined()
  expect(one.calls()[0]?.body).not.toHaveProperty('limits')
})

test('the client token of the caller makes the same session once', async () => {
  const one = await setup()
  const clientToken = 'a-session-of-alice-and-of-nobody-else'
  const [a, b] = [await create(one, { clientToken }), await create(one, { clientToken })]
  expect(a.paymentSessionId).toBe(b.paymentSessionId)
})

test.each([14, 481])('%s minutes are refused by name', async (expiryTimeInMinutes) => {
  const error = await failure(create(await setup(), { expiryTimeInMinutes }))
  expect(error).toMatchObject({ code: 'invalid_input', cause: { name: 'ValidationException' } })
  expect(String(error)).toMatch(/^PaymentError: expiryTimeInMinutes: /)
})

test('what else AWS refuses of a session is its own error', async () => {
  const limits = { maxSpendAmount: { value: 'a lot', currency: 'USD' } }
  const error = await failure(create(await setup(), { limits }))
  expect(error).toBeInstanceOf(AwsError)
  expect(error).toMatchObject({ code: 'aws.ValidationException' })
})

test('a session is read, unwrapped', async () => {
  const one = await setup()
  const created = await create(one)
  const { paymentSessionId } = created
  expect(await one.manager.getPaymentSession({ paymentSessionId })).toEqual(created)
  expect(one.calls('GetPaymentSession')[0]?.body).toEqual({
    paymentManagerArn: one.buyer.paymentManagerArn,
    paymentSessionId,
  })
})

test('sessions are listed, a hundred unless told otherwise', async () => {
  const one = await setup()
  const { paymentSessionId } = await create(one)
  const page = await one.manager.listPaymentSessions()
  expect(page).not.toHaveProperty('$metadata')
  expect(page.paymentSessions).toEqual([expect.objectContaining({ paymentSessionId })])
  await one.manager.listPaymentSessions({ maxResults: 7 })
  const asked = one.calls('ListPaymentSessions').map(({ body }) => body)
  expect(asked).toMatchObject([{ maxResults: 100 }, { maxResults: 7 }])
})

test('iterating gives every session once', async () => {
  const one = await setup()
  const made: string[] = []
  for (let i = 0; i < 5; i++) made.push((await create(one)).paymentSessionId)
  const seen: unknown[] = []
  for await (const { paymentSessionId } of one.manager.iteratePaymentSessions({ maxResults: 2 })) {
    seen.push(paymentSessionId)
  }
  expect(seen.toSorted()).toEqual(made.toSorted())
  expect(one.calls('ListPaymentSessions')).toHaveLength(3)
})

test('a deleted session is gone', async () => {
  const one = await setup()
  const { paymentSessionId } = await create(one)
  expect(await one.manager.deletePaymentSession({ paymentSessionId })).toEqual({
    status: 'DELETED',
  })
  const gone = await failure(one.manager.getPaymentSession({ paymentSessionId }))
  expect(gone).toBeInstanceOf(PaymentSessionNotFound)
})

test.each(['getPaymentSession', 'deletePaymentSession'] as const)(
  '%s of a session that is not there says so',
  async (method) => {
    const { manager } = await setup()
    const error = await failure(manager[method]({ paymentSessionId: NO_SESSION }))
    expect(error).toBeInstanceOf(PaymentSessionNotFound)
    expect(error).toMatchObject({ code: 'session_not_found', cause: { httpStatus: 404 } })
    expect(String(error)).toContain(NO_SESSION)
  },
)

test.each(['getPaymentSession', 'deletePaymentSession'] as const)(
  '%s without an id is refused before anything is asked',
  async (method) => {
    const one = await setup()
    const error = await failure(one.manager[method]({ paymentSessionId: '' }))
    expect(error).toMatchObject({ code: 'invalid_input' })
    expect(String(error)).toContain('paymentSessionId')
    expect(one.calls()).toEqual([])
  },
)

test.each([
  ['CreatePaymentSession', 'paymentSession', (one: Setup) => create(one)],
  ['ListPaymentSessions', 'paymentSessions', (one: Setup) => one.manager.listPaymentSessions()],
] as const)('an answer of %s without %s is not passed on', async (operation, member, call) => {
  const one = await setup()
  const edit = (answer: object) => ({ ...answer, [member]: undefined })
  one.buyer.service.faults.set({ operation, kind: 'edit', edit })
  expect(await failure(call(one))).toMatchObject({ code: 'unreadable_answer' })
})
