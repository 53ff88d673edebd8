import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { InsufficientBudget } from '../../../src/agentcore/index.js'
import type { PaymentsFault } from '../../../src/local/agentcore/index.js'
import { failure, funded, jwt, runAlone, setup } from '../support/payment-manager.js'
import { ACCEPT } from '../../local/agentcore/support/payments-service.js'

const CHARGED = /; the session may have been charged, and nothing was sent to the seller$/

/** Something that takes one request, breaks its connection, and is gone. @returns its URL */
async function oneReset(): Promise<string> {
  const server = createServer((socket) => {
    socket.once('data', () => {
      server.close()
      socket.resetAndDestroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each([1, 3])(
  'a payment that was lost once may be made, whatever became of the repetitions (%s at a time)',
  async (maxAttempts) => {
    const source = `
      import { PaymentManager } from 'agentcore'
      const manager = new PaymentManager({
        paymentManagerArn: process.env.ARN, userId: 'alice', endpoint: process.env.URL,
        maxAttempts: ${maxAttempts}, credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      })
      await manager.processPayment({
        paymentInstrumentId: 'a', paymentSessionId: 'b', paymentType: 'MPP',
        paymentInput: { mpp: { version: '1', wwwAuthenticateHeaders: [] } },
      }).catch(({ code, message }) => console.log(code, message))
    `
    const { paymentManagerArn: ARN } = (await setup()).buyer
    const { stdout } = await runAlone(source, { URL: await oneReset(), ARN })
    expect(stdout.trim()).toMatch(/^network_error ProcessPayment: no answer \(ECONNREFUSED\); /)
    expect(stdout.trim()).toMatch(CHARGED)
  },
)

/** A payment by a client that makes one attempt, at a service where these go wrong in turn. */
async function paying(...faults: PaymentsFault[]) {
  const one = await funded()
  const { paymentInstrumentId, paymentSessionId, buyer } = one
  faults.forEach((fault, skip) =>
    buyer.service.faults.set({ operation: 'ProcessPayment', ...fault, skip }),
  )
  const paid = one.managerWith({ maxAttempts: 1 }).processPayment({
    paymentInstrumentId,
    paymentSessionId,
    paymentType: 'CRYPTO_X402',
    paymentInput: { cryptoX402: { version: '2', payload: ACCEPT } },
  })
  const tokens = () =>
    one.calls('ProcessPayment').map(({ body }) => (body as { clientToken: string }).clientToken)
  return { ...one, paid, tokens }
}

const REFUSED = { kind: 'error', name: 'ValidationException', status: 400 } as const
const THROTTLED = { kind: 'error', name: 'ThrottlingException', status: 429 } as const

test('a refusal after a payment that was lost keeps its class, and says what may be', async () => {
  const { paid, tokens } = await paying({ kind: 'error' }, { ...REFUSED, message: 'budget' })
  const error = await failure(paid)
  expect(error).toBeInstanceOf(InsufficientBudget)
  expect(error).toMatchObject({ message: expect.stringMatching(CHARGED) })
  expect(tokens()).toHaveLength(2)
})

test('a refusal that has no class of its own says it too', async () => {
  const denied = { kind: 'error', name: 'AccessDeniedException', status: 403 } as const
  const { paid, tokens } = await paying({ kind: 'lost-answer' }, denied)
  const error = await failure(paid)
  expect(error).toMatchObject({ name: 'AwsError', code: 'aws.AccessDeniedException' })
  expect(String(error)).toMatch(CHARGED)
  expect(String(error)).not.toMatch(/charged.*charged/)
  expect(tokens()).toHaveLength(2)
})

test('a refusal with nothing lost before it does not say so', async () => {
  const { paid } = await paying({ ...REFUSED, message: 'budget' })
  expect(String(await failure(paid))).not.toContain('charged')
})

test('throttling after a payment that was lost is no answer to it', async () => {
  const { paid, tokens, buyer } = await paying({ kind: 'lost-answer' }, THROTTLED)
  expect((await paid).status).toBe('PROOF_GENERATED')
  expect(tokens()).toHaveLength(3)
  expect(new Set(tokens()).size).toBe(1)
  expect(buyer.service.sessions()[0]?.spent).toBe('0.01')
})

test('throttling alone charges nothing, and is not repeated beyond the attempts of the client', async () => {
  const { paid, tokens } = await paying(THROTTLED)
  expect(String(await failure(paid))).not.toContain('charged')
  expect(tokens()).toHaveLength(1)
})

test('a token that is not to be had any more does not hide what was lost', async () => {
  const { buyer, managerWith } = await setup()
  const { paymentManagerArn } = buyer.service.addManager('CUSTOM_JWT')
  buyer.service.faults.set({ operation: 'ProcessPayment', kind: 'reset', times: 9 })
  let asked = 0
  const tokenProvider = () => {
    if (asked++ > 0) throw new Error('no token')
    return jwt('alice')
  }
  const manager = managerWith({
    paymentManagerArn,
    credentials: undefined,
    tokenProvider,
    maxAttempts: 1,
  })
  const error = await failure(
    manager.processPayment({
      paymentInstrumentId: 'payment-instrument-000000000000000',
      paymentSessionId: 'payment-session-000000000000000',
      paymentType: 'CRYPTO_X402',
      paymentInput: { cryptoX402: { version: '2', payload: ACCEPT } },
    }),
  )
  expect(error).toMatchObject({ code: 'token_unavailable' })
  expect(String(error)).toMatch(CHARGED)
})
