import { Worker } from 'node:worker_threads'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, expect, test } from '@jest/globals'
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore'
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control'
import { OptionsError, PaymentClient, PaymentManager } from '../../../src/agentcore/index.js'
import { checkConnection } from '../../../src/agentcore/aws/connection.js'
import { answering } from '../support/answering.js'
import { NO_SESSION, OPERATE } from '../support/manager-operations.js'
import { CREDENTIALS, failure, funded, setup } from '../support/payment-manager.js'
import { ACCEPT } from '../../local/agentcore/support/payments-service.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

const paymentManagerArn =
  'arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/mine-abcdefghij'

/** Both clients, impatient, at another address. */
function impatient(endpoint: string, requestTimeoutMs = 60) {
  const options = { endpoint, credentials: CREDENTIALS, maxAttempts: 1, requestTimeoutMs }
  const manager = new PaymentManager({ paymentManagerArn, userId: 'alice', ...options })
  const client = new PaymentClient({ region: 'us-west-2', ...options })
  return { manager, client }
}

test.each<[string, Parameters<typeof answering>[0]]>([
  ['never comes', () => undefined],
  ['stops after its headers', (_, response) => void response.writeHead(200).flushHeaders()],
  ['stops halfway', (_, response) => void response.writeHead(200).write('{"paymentSess')],
])('a call whose answer %s ends as a timeout', async (_, listener) => {
  const { url } = await answering(listener)
  const { manager, client } = impatient(url)
  const calls = {
    GetPaymentSession: () => manager.getPaymentSession({ paymentSessionId: NO_SESSION }),
    ListPaymentManagers: () => client.listPaymentManagers(),
  }
  for (const [operation, call] of Object.entries<() => Promise<unknown>>(calls)) {
    expect(await failure(call())).toMatchObject({
      name: 'PaymentError',
      code: 'timeout',
      message: `${operation}: no answer in time`,
    })
  }
})

/** Something that listens, and takes up no connection. @returns its URL */
async function unaccepting(): Promise<string> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     const server = require('node:net').createServer()
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port)
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
     })`,
    { eval: true },
  )
  closing.push(() => worker.terminate())
  const [port] = (await once(worker, 'message')) as [number]
  // As many as the system keeps in line.
  const waiting: Socket[] = Array.from({ length: 8 }, () => connect(port, '127.0.0.1'))
  for (const socket of waiting) socket.on('error', () => undefined)
  closing.push(() => waiting.forEach((socket) => socket.destroy()))
  await once(waiting[0] as Socket, 'connect')
  return `http://127.0.0.1:${port}`
}

test('a connection that does not come about is a timeout, and nothing was charged', async () => {
  const endpoint = await unaccepting()
  const { managerWith } = await setup()
  const manager = managerWith({ endpoint, maxAttempts: 1, connectionTimeoutMs: 60 })
  const startedAt = performance.now()
  expect(await failure(OPERATE.ProcessPayment(manager))).toMatchObject({
    code: 'timeout',
    message: 'ProcessPayment: no answer in time',
  })
  expect(performance.now() - startedAt).toBeLessThan(3_000)
})

/** A payment at a service that takes its time. */
async function slow(times: number) {
  const one = await funded()
  const { paymentInstrumentId, paymentSessionId } = one
  const fault = { operation: 'ProcessPayment', kind: 'delay', delayMs: 400, times } as const
  one.buyer.service.faults.set(fault)
  const paid = one.managerWith({ maxAttempts: 1, requestTimeoutMs: 100 }).processPayment({
    paymentInstrumentId,
    paymentSessionId,
    paymentType: 'CRYPTO_X402',
    paymentInput: { cryptoX402: { version: '2', payload: ACCEPT } },
  })
  const tokens = () =>
    one.calls('ProcessPayment').map(({ body }) => (body as { clientToken: string }).clientToken)
  return { ...one, paid, tokens }
}

test('a payment that is not answered in time may be made, which is said', async () => {
  const { paid, tokens } = await slow(9)
  expect(await failure(paid)).toMatchObject({
    code: 'timeout',
    message: expect.stringMatching(/no answer in time; the session may have been charged, /),
  })
  expect(tokens()).toHaveLength(3)
  expect(new Set(tokens()).size).toBe(1)
})

test('a payment that was not answered in time is asked for again, and made once', async () => {
  const { paid, tokens, buyer } = await slow(1)
  expect((await paid).status).toBe('PROOF_GENERATED')
  expect(new Set(tokens()).size).toBe(1)
  expect(buyer.service.sessions()[0]?.spent).toBe('0.01')
})

test('where nobody says how long, a connection may take 5 s and an answer 60 s', () => {
  expect(checkConnection({}).config.requestHandler).toEqual({
    connectionTimeout: 5_000,
    requestTimeout: 60_000,
    socketTimeout: 60_000,
    throwOnRequestTimeout: true,
  })
})

const wrong = (make: () => unknown) => {
  try {
    make()
  } catch (error) {
    return error instanceof OptionsError ? error.option : error
  }
  return 'nothing'
}

test.each(['connectionTimeoutMs', 'requestTimeoutMs'])(
  '%s that is no whole number of ms is refused by name, and so it is beside a client',
  (option) => {
    for (const value of [0, -1, 1.5, NaN, Infinity, '60', null, 900_001]) {
      const options = { [option]: value }
      expect(wrong(() => new PaymentManager({ paymentManagerArn, ...options }))).toBe(option)
      expect(wrong(() => new PaymentClient(options))).toBe(option)
    }
    const options = { [option]: 900_000 }
    expect(wrong(() => new PaymentManager({ paymentManagerArn, ...options }))).toBe('nothing')
    const client = new BedrockAgentCoreClient({ region: 'us-west-2' })
    expect(wrong(() => new PaymentManager({ paymentManagerArn, client, ...options }))).toBe(option)
    const control = new BedrockAgentCoreControlClient({ region: 'us-west-2' })
    expect(wrong(() => new PaymentClient({ client: control, ...options }))).toBe(option)
  },
)
