import { expect, test } from '@jest/globals'
import {
  AwsError,
  InsufficientBudget,
  PaymentError,
  type ProcessPaymentInput,
} from '../../../src/agentcore/index.js'
import type { PaymentsFault } from '../../../src/local/agentcore/index.js'
import { eventually } from '../../support/outcome.js'
import { answering } from '../support/answering.js'
import { CREDENTIALS, failure, funded, runAlone } from '../support/payment-manager.js'
import { ACCEPT } from '../../local/agentcore/support/payments-service.js'

/** A dollar to spend, at a service in which something may go wrong. */
async function spending(...faults: PaymentsFault[]) {
  const one = await funded()
  const { paymentInstrumentId, paymentSessionId } = one
  for (const fault of faults)
    one.buyer.service.faults.set({ operation: 'ProcessPayment', ...fault })
  const input = {
    paymentInstrumentId,
    paymentSessionId,
    paymentType: 'CRYPTO_X402',
    paymentInput: { cryptoX402: { version: '2', payload: ACCEPT } },
  } satisfies ProcessPaymentInput
  const tokens = () =>
    one.calls('ProcessPayment').map(({ body }) => (body as { clientToken: string }).clientToken)
  const spent = () => one.buyer.service.sessions()[0]?.spent
  return { ...one, input, tokens, spent }
}

test('a payment is processed, as AWS answers it', async () => {
  const { manager, input, calls, buyer } = await spending()
  const { paymentInstrumentId, paymentSessionId } = input
  expect(await manager.processPayment(input)).toEqual({
    processPaymentId: expect.stringMatching(/^[\da-f-]{36}$/),
    paymentManagerArn: buyer.paymentManagerArn,
    paymentSessionId,
    paymentInstrumentId,
    paymentType: 'CRYPTO_X402',
    status: 'PROOF_GENERATED',
    paymentOutput: {
      cryptoX402: {
        version: '2',
        payload: { signature: expect.any(String), authorization: expect.any(Object) },
      },
    },
    createdAt: expect.any(Date),
    updatedAt: expect.any(Date),
  })
  expect(calls('ProcessPayment')[0]?.body).toEqual({
    paymentManagerArn: buyer.paymentManagerArn,
    paymentSessionId,
    paymentInstrumentId,
    paymentType: 'CRYPTO_X402',
    paymentInput: { cryptoX402: { version: '2', payload: ACCEPT } },
    clientToken: expect.stringMatching(/^[\da-f-]{36}$/),
  })
})

test('two payments are two, with tokens of their own', async () => {
  const { manager, input, tokens, spent } = await spending()
  await manager.processPayment(input)
  await manager.processPayment(input)
  expect(new Set(tokens()).size).toBe(2)
  expect(spent()).toBe('0.02')
})

test('the client token of the caller makes one payment of two calls', async () => {
  const { manager, input, tokens, spent } = await spending()
  const clientToken = 'the-one-payment-that-alice-makes-today'
  const first = await manager.processPayment({ ...input, clientToken })
  expect(await manager.processPayment({ ...input, clientToken })).toEqual(first)
  expect(tokens()).toEqual([clientToken, clientToken])
  expect(spent()).toBe('0.01')
})

test.each<[string, PaymentsFault, number | undefined]>([
  ['whose answer is lost', { kind: 'lost-answer' }, undefined],
  ['whose answer is lost, by a client that makes one attempt', { kind: 'lost-answer' }, 1],
  ['whose answers are lost twice', { kind: 'lost-answer', times: 2 }, 1],
  ['whose answer cannot be read', { kind: 'garbage' }, undefined],
  ['whose answers cannot be read', { kind: 'garbage', times: 2 }, 1],
  ['that AWS failed at', { kind: 'error' }, 1],
  ['that AWS failed at twice', { kind: 'error', status: 503, times: 2 }, 1],
  ['whose connection broke', { kind: 'reset' }, 1],
])('a payment %s is made once, with one token', async (_, fault, maxAttempts) => {
  const { managerWith, input, tokens, spent } = await spending(fault)
  const { status } = await managerWith({ maxAttempts }).processPayment(input)
  expect(status).toBe('PROOF_GENERATED')
  expect(tokens()).toHaveLength(1 + (fault.times ?? 1))
  expect(new Set(tokens()).size).toBe(1)
  expect(spent()).toBe('0.01')
})

test.each<[string, PaymentsFault, number | undefined, object]>([
  ['lost', { kind: 'lost-answer', times: 9 }, undefined, { code: 'network_error' }],
  ['lost', { kind: 'lost-answer', times: 9 }, 1, { code: 'network_error' }],
  ['unreadable', { kind: 'garbage', times: 9 }, undefined, { code: 'unreadable_answer' }],
  ['a failure', { kind: 'error', times: 9 }, 2, { code: 'aws.InternalServerException' }],
])('a payment whose every answer is %s ends, and says so', async (_, fault, attempts, expected) => {
  const { managerWith, input, tokens } = await spending(fault)
  const error = await failure(managerWith({ maxAttempts: attempts }).processPayment(input))
  expect(error).toBeInstanceOf(PaymentError)
  expect(error).toMatchObject(expected)
  expect(String(error)).toMatch(
    /; the session may have been charged, and nothing was sent to the sel/,
  )
  expect(tokens().length).toBeGreaterThanOrEqual(3)
  expect(tokens().length).toBeLessThanOrEqual(4)
  expect(new Set(tokens()).size).toBe(1)
})

test('an error of AWS stays one when the outcome is unknown', async () => {
  const { manager, input } = await spending({ kind: 'error', times: 9 })
  expect(await failure(manager.processPayment(input))).toBeInstanceOf(AwsError)
})

test('credentials that fail after an answer was lost do not hide that it was', async () => {
  const { managerWith, input, tokens } = await spending({ kind: 'lost-answer' })
  const credentials = async () => {
    if (tokens().length > 0)
      throw Object.assign(new Error('no role'), { name: 'CredentialsProviderError' })
    return { ...CREDENTIALS, expiration: new Date(0) }
  }
  const error = await failure(managerWith({ maxAttempts: 1, credentials }).processPayment(input))
  expect(error).toBeInstanceOf(AwsError)
  expect(error).toMatchObject({ code: 'aws.CredentialsProviderError' })
  expect(String(error)).toContain('the session may have been charged')
  expect(tokens()).toHaveLength(1)
})

test.each<[string, PaymentsFault]>([
  ['a refusal', { kind: 'error', name: 'ValidationException', status: 400, message: 'budget' }],
  ['a conflict', { kind: 'error', name: 'ConflictException', status: 409 }],
  ['a page that is not there', { kind: 'error', name: 'Nothing here', status: 404 }],
])('%s is final', async (_, fault) => {
  const { manager, input, tokens } = await spending(fault)
  const error = await failure(manager.processPayment(input))
  expect(error).toBeInstanceOf(PaymentError)
  expect(String(error)).not.toContain('may have been charged')
  expect(tokens()).toHaveLength(1)
})

test('a payment that never left is not repeated beyond the attempts of the client', async () => {
  const { url } = await answering((request) => request.socket.destroy())
  const source = `
    import { PaymentManager } from 'agentcore'
    for (const endpoint of [process.env.URL, 'http://127.0.0.1:1']) {
      const manager = new PaymentManager({
        paymentManagerArn: process.env.ARN, userId: 'alice', endpoint, maxAttempts: 1,
        credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      })
      const input = {
        paymentInstrumentId: 'a', paymentSessionId: 'b', paymentType: 'MPP',
        paymentInput: { mpp: { version: '1', wwwAuthenticateHeaders: [] } },
      }
      await manager.processPayment(input).catch(({ message }) => console.log(message))
    }
  `
  const { stdout } = await runAlone(source, {
    URL: url,
    ARN: (await funded()).buyer.paymentManagerArn,
  })
  expect(stdout.trim().split('\n')).toEqual([
    'ProcessPayment: no answer (ECONNRESET); the session may have been charged, and nothing was sent to the seller',
    'ProcessPayment: no answer (ECONNREFUSED)',
  ])
})

test('a payment that is given up between attempts rejects with the reason', async () => {
  const controller = new AbortController()
  const reason = new Error('changed my mind')
  const { managerWith, input, tokens } = await spending({ kind: 'garbage', times: 9 })
  const { signal: abortSignal } = controller
  const ended = failure(managerWith({ maxAttempts: 1 }).processPayment(input, { abortSignal }))
  await eventually(() => tokens().length === 1)
  controller.abort(reason)
  expect(await ended).toBe(reason)
  expect(tokens()).toHaveLength(1)
})

test('budgets are kept to the last unit', async () => {
  const { manager, input, buyer } = await spending()
  const paymentSessionId = await buyer.session('0.02')
  for (let i = 0; i < 2; i++) await manager.processPayment({ ...input, paymentSessionId })
  const error = await failure(manager.processPayment({ ...input, paymentSessionId }))
  expect(error).toBeInstanceOf(InsufficientBudget)
  expect(error).toMatchObject({ code: 'budget_insufficient' })
  expect(buyer.service.sessions()).toContainEqual(
    expect.objectContaining({ id: paymentSessionId, spent: '0.02', available: '0.00' }),
  )
})

test.each([
  ['paymentSessionId', { paymentSessionId: '' }],
  ['paymentInstrumentId', { paymentInstrumentId: undefined }],
  ['paymentType', { paymentType: null }],
  ['paymentConnectorId', { paymentConnectorId: 'connector-abcdefghij' }],
])('%s that does not fit is named before anything is asked', async (name, more) => {
  const { manager, input, calls } = await spending()
  const error = await failure(manager.processPayment({ ...input, ...(more as object) }))
  expect(error).toMatchObject({ code: 'invalid_input' })
  expect(String(error)).toContain(name)
  expect(calls('ProcessPayment')).toEqual([])
})
