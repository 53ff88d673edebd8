import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { ListPaymentSessionsCommand, ThrottlingException } from '@aws-sdk/client-bedrock-agentcore'
import { buyer, refusal, type Buyer } from './support/payments-service.js'

const operation = 'ProcessPayment'

async function ready(): Promise<Buyer & { payOnce: (clientToken?: string) => Promise<unknown> }> {
  const paying = await buyer()
  const [wallet, limited] = [await paying.instrument(), await paying.session('1.00')]
  const payOnce = (clientToken: string = randomUUID()) =>
    paying.pay(wallet, limited, { clientToken })
  return { ...paying, payOnce }
}

test('an error of AWS arrives under its name, and nothing is done', async () => {
  const { service, payOnce } = await ready()
  service.faults.set({
    kind: 'error',
    operation,
    name: 'ThrottlingException',
    status: 429,
    message: 'Slow down',
  })
  const error = await refusal(payOnce())
  expect(error).toBeInstanceOf(ThrottlingException)
  expect(error).toMatchObject({ message: 'Slow down', $metadata: { httpStatusCode: 429 } })
  expect(service.sessions()).toMatchObject([{ spent: '0.00' }])
  await payOnce()
})

test('an error without a name is one of the server', async () => {
  const { service, payOnce } = await ready()
  service.faults.set({ kind: 'error', operation })
  expect(await refusal(payOnce())).toMatchObject({
    name: 'InternalServerException',
    $metadata: { httpStatusCode: 500 },
  })
})

test('a ValidationException that was set has the reason the model requires', async () => {
  const { service, payOnce } = await ready()
  service.faults.set({ kind: 'error', operation, name: 'ValidationException', status: 400 })
  expect(await refusal(payOnce())).toMatchObject({ reason: 'FieldValidationFailed' })
})

test('a connection that breaks before did nothing, one that breaks after did', async () => {
  const { service, payOnce } = await ready()
  service.faults.set({ kind: 'reset', operation })
  expect((await refusal(payOnce())).message).toMatch(/ECONNRESET|socket hang up/)
  expect(service.sessions()).toMatchObject([{ spent: '0.00' }])
  const clientToken = randomUUID()
  service.faults.set({ kind: 'lost-answer', operation })
  expect((await refusal(payOnce(clientToken))).message).toMatch(/ECONNRESET|socket hang up/)
  expect(service.sessions()).toMatchObject([{ spent: '0.01' }])
  await payOnce(clientToken)
  expect(service.sessions()).toMatchObject([{ spent: '0.01' }])
  const statuses = service.calls.filter((call) => call.operation === operation)
  expect(statuses.map(({ status }) => status)).toEqual([undefined, undefined, 200])
})

test('an answer can be garbage when all is done', async () => {
  const { service, payOnce } = await ready()
  service.faults.set({ kind: 'garbage', operation })
  expect(await refusal(payOnce())).toBeInstanceOf(SyntaxError)
  expect(service.sessions()).toMatchObject([{ spent: '0.01' }])
})

test.each([
  ['a proof that is missing', {}, {}],
  [
    'a proof of a kind nobody knows',
    { paid: { in: 'shells' } },
    { $unknown: ['paid', { in: 'shells' }] },
  ],
])('an answer can have %s', async (_title, paymentOutput, seen) => {
  const { service, payOnce } = await ready()
  service.faults.set({ kind: 'edit', operation, edit: (answer) => ({ ...answer, paymentOutput }) })
  expect(await payOnce()).toMatchObject({ status: 'PROOF_GENERATED', paymentOutput: seen })
  expect(service.sessions()).toMatchObject([{ spent: '0.01' }])
})

test('an edited answer is edited once: the service keeps its own', async () => {
  const { service, payOnce } = await ready()
  const edit = (answer: Record<string, unknown>) => Object.assign(answer, { status: 'ODD' })
  service.faults.set({ kind: 'edit', operation, edit })
  const clientToken = randomUUID()
  expect(await payOnce(clientToken)).toMatchObject({ status: 'ODD' })
  expect(await payOnce(clientToken)).toMatchObject({ status: 'PROOF_GENERATED' })
})

test('a delay holds the answer back, and other faults come with it', async () => {
  const { service, payOnce } = await ready()
  service.faults.set({ kind: 'delay', delayMs: 80, operation })
  service.faults.set({ kind: 'error', operation })
  const start = performance.now()
  await refusal(payOnce())
  expect(performance.now() - start).toBeGreaterThan(75)
})

test('every answer can be delayed', async () => {
  const { data, base } = await buyer({ delayMs: 50 })
  const start = performance.now()
  await data.send(new ListPaymentSessionsCommand(base))
  expect(performance.now() - start).toBeGreaterThan(45)
})

test('a fault hits its operation, as often as it says, after those it lets pass', async () => {
  const { service, data, base, payOnce } = await ready()
  const list = () => data.send(new ListPaymentSessionsCommand(base))
  service.faults.set({ kind: 'error', operation, times: 2, skip: 1 })
  await list()
  await payOnce()
  await refusal(payOnce())
  await list()
  await refusal(payOnce())
  await payOnce()
  const remove = service.faults.set({ kind: 'error' })
  remove()
  await payOnce()
  service.faults.set({ kind: 'error' })
  await refusal(list())
  service.faults.set({ kind: 'error', times: 10 })
  service.faults.clear()
  await payOnce()
})
