import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { AwsError, ResourceFailed, WaitTimeout } from '../../../src/agentcore/index.js'
import {
  CREDENTIALS,
  DENIED,
  NOTHING,
  PROVIDER,
  REFUSED,
  WITH_CONNECTOR,
  failed,
  setUp,
  stateOf,
} from '../support/payment-client.js'
import { runAlone } from '../support/payment-manager.js'
import { ROLE, serve } from '../../local/agentcore/support/payments-service.js'

const CREATES = [
  'CreatePaymentCredentialProvider',
  'CreatePaymentManager',
  'CreatePaymentConnector',
] as const

test.each(CREATES)('when %s is refused, nothing is left of what came before', async (operation) => {
  const all = await setUp(5_000)
  all.service.faults.set({ operation, ...REFUSED })
  const error = await failed(all)
  expect(error).toMatchObject({
    code: 'creation_failed',
    leftovers: [],
    cause: { code: 'aws.ValidationException' },
  })
  expect(error.cause).toBeInstanceOf(AwsError)
  expect(error.message).toContain(`${operation}: ValidationException`)
  expect(error.message).toMatch(/; nothing is left of it$/)
  expect(await all.state()).toEqual(NOTHING)
})

test('what a call that was refused did not make is neither looked for nor deleted', async () => {
  const all = await setUp()
  all.service.faults.set({ operation: 'CreatePaymentConnector', ...REFUSED })
  await failed(all)
  const after = all.called().slice(all.called().indexOf('CreatePaymentConnector') + 1)
  expect(after).toEqual([
    'DeletePaymentManager',
    'GetPaymentManager',
    'DeletePaymentCredentialProvider',
  ])
})

test.each(['CreatePaymentManager', 'CreatePaymentConnector'])(
  'what fails while it is waited for after %s is deleted as well',
  async (operation) => {
    const all = await setUp(5_000)
    all.service.faults.set({ operation, kind: 'fail' })
    const error = await failed(all)
    expect(error.cause).toBeInstanceOf(ResourceFailed)
    expect(error).toMatchObject({ leftovers: [], cause: { status: 'CREATE_FAILED' } })
    expect(await all.state()).toEqual(NOTHING)
  },
)

test('what is not READY in time is deleted, as soon as AWS lets it', async () => {
  const all = await setUp(30_000)
  const error = await failed(all, { maxWait: 5 })
  expect(error.cause).toBeInstanceOf(WaitTimeout)
  expect(error.leftovers).toEqual([])
  expect(await all.state()).toEqual(NOTHING)
})

test.each(['paymentManager', 'paymentConnector'])(
  'a signal that aborts while the %s is waited for undoes everything',
  async (resource) => {
    const all = await setUp(15_000)
    const controller = new AbortController()
    const reason = new Error('enough')
    const onProgress = (progress: { resource: string }) => {
      if (progress.resource === resource) controller.abort(reason)
    }
    const error = await failed(all, { onProgress }, { abortSignal: controller.signal })
    expect(error.cause).toBe(reason)
    expect(error.leftovers).toEqual([])
    expect(await all.state()).toEqual(NOTHING)
  },
)

test.each(CREATES)('a signal that aborts during %s undoes that, too', async (operation) => {
  const all = await setUp()
  all.service.faults.set({ operation, kind: 'delay', delayMs: 50 })
  const controller = new AbortController()
  const outcome = failed(all, {}, { abortSignal: controller.signal })
  while (!all.called().includes(operation)) await delay(2)
  controller.abort(new Error('enough'))
  expect((await outcome).leftovers).toEqual([])
  expect(await all.state()).toEqual(NOTHING)
  const next = CREATES[CREATES.indexOf(operation) + 1] ?? 'none'
  expect(all.called()).not.toContain(next)
})

test('progress that throws undoes everything', async () => {
  const all = await setUp(5_000)
  const bug = new Error('a bug in the progress bar')
  const error = await failed(all, {
    onProgress: ({ resource }) => {
      if (resource === 'paymentConnector') throw bug
    },
  })
  expect(error.cause).toMatchObject({ code: 'hook_refused', cause: bug })
  expect(error.message).not.toContain('progress bar')
  expect(await all.state()).toEqual(NOTHING)
})

test.each(CREATES)(
  '%s whose answer is lost is found by its name, and undone',
  async (operation) => {
    const all = await setUp(5_000)
    all.service.faults.set({ operation, kind: 'lost-answer' })
    const error = await failed(all)
    expect(error.leftovers).toEqual([])
    expect(await all.state()).toEqual(NOTHING)
  },
)

test.each(CREATES)('%s whose answer cannot be read is undone', async (operation) => {
  for (const fault of [{ kind: 'garbage' }, { kind: 'edit', edit: () => ({}) }] as const) {
    const all = await setUp(5_000)
    all.service.faults.set({ operation, ...fault })
    const error = await failed(all)
    expect(error).toMatchObject({ leftovers: [], cause: { code: 'unreadable_answer' } })
    expect(await all.state()).toEqual(NOTHING)
  }
})

test.each(CREATES)(
  '%s that fails at AWS and did nothing leaves nothing to undo',
  async (operation) => {
    const all = await setUp()
    all.service.faults.set({ operation, kind: 'error' })
    expect(await failed(all)).toMatchObject({ leftovers: [] })
    expect(await all.state()).toEqual(NOTHING)
  },
)

test('a provider whose first answer was lost is undone, though the repeated call is refused', async () => {
  const all = await setUp(0, { maxAttempts: 3 })
  const operation = 'CreatePaymentCredentialProvider'
  all.service.faults.set({ operation, kind: 'lost-answer' })
  expect(await failed(all)).toMatchObject({ cause: { code: 'aws.ConflictException' } })
  expect(await all.state()).toEqual(NOTHING)
})

test("somebody else's provider and manager of the same name are left alone", async () => {
  const all = await setUp()
  await all.client.createPaymentCredentialProvider(PROVIDER)
  expect(await failed(all)).toMatchObject({ cause: { code: 'aws.ConflictException' } })
  expect((await all.state()).providers).toEqual([PROVIDER.name])
  await all.client.deletePaymentCredentialProvider({ name: PROVIDER.name })
  await all.client.createPaymentManager({ name: 'shop', roleArn: ROLE })
  expect(await failed(all)).toMatchObject({ cause: { code: 'aws.ConflictException' } })
  expect(await all.state()).toEqual({ ...NOTHING, managers: ['shop'] })
})

test('older ones of the same name are left alone even if the outcome is unknown', async () => {
  const all = await setUp()
  await all.client.createPaymentCredentialProvider(PROVIDER)
  await all.client.createPaymentManager({ name: 'shop', roleArn: ROLE })
  all.time.pass(10 * 60_000)
  for (const operation of CREATES.slice(0, 2)) {
    all.service.faults.set({ operation, kind: 'reset' })
    const other = { ...WITH_CONNECTOR.paymentConnectorConfig.paymentCredentialProviderConfig }
    const paymentCredentialProviderConfig =
      operation === 'CreatePaymentManager' ? { ...other, name: 'other' } : other
    const name = 'coinbase'
    const paymentConnectorConfig = { name, paymentCredentialProviderConfig }
    expect(await failed(all, { paymentConnectorConfig })).toMatchObject({ leftovers: [] })
  }
  const { managers, providers } = await all.state()
  expect({ managers, providers }).toEqual({ managers: ['shop'], providers: [PROVIDER.name] })
})

test.each([['a provider of another vendor', { credentialProviderVendor: 'StripePrivy' }]])(
  '%s is none of ours',
  async (_, changes) => {
    const all = await setUp()
    all.service.faults.set({ operation: 'CreatePaymentCredentialProvider', kind: 'lost-answer' })
    const edit = (answer: object) => ({ ...answer, ...changes })
    all.service.faults.set({
      operation: 'GetPaymentCredentialProvider',
      kind: 'edit',
      edit,
      times: 99,
    })
    expect(await failed(all)).toMatchObject({ leftovers: [] })
    expect((await all.state()).providers).toEqual([PROVIDER.name])
  },
)

test.each([
  ['in another role', { roleArn: `${ROLE}-of-others` }],
  ['that somebody deletes', { status: 'DELETING' }],
  ['of another name', { name: 'shop2' }],
])('a manager %s is none of ours', async (_, changes) => {
  const all = await setUp()
  all.service.faults.set({ operation: 'CreatePaymentManager', kind: 'lost-answer' })
  const edit = ({ paymentManagers }: Record<string, unknown>) => ({
    paymentManagers: (paymentManagers as object[]).map((one) => ({ ...one, ...changes })),
  })
  all.service.faults.set({ operation: 'ListPaymentManagers', kind: 'edit', edit, times: 99 })
  expect(await failed(all)).toMatchObject({ leftovers: [] })
  expect((await all.state()).managers).toEqual(['shop'])
})

test('of several managers that could be meant, the one that our request made is deleted', async () => {
  const all = await setUp()
  all.service.faults.set({ operation: 'CreatePaymentManager', kind: 'lost-answer' })
  const edit = ({ paymentManagers }: Record<string, unknown>) => {
    const [ours] = paymentManagers as object[]
    return { paymentManagers: [{ ...ours, paymentManagerId: 'shop-0123456789' }, ours] }
  }
  all.service.faults.set({ operation: 'ListPaymentManagers', kind: 'edit', edit })
  expect(await failed(all)).toMatchObject({ leftovers: [] })
  expect(await all.state()).toEqual(NOTHING)
  expect(all.called().filter((operation) => operation === 'DeletePaymentManager')).toHaveLength(1)
})

test('what was made may take a moment to be found by its name', async () => {
  const all = await setUp()
  all.service.faults.set({ operation: 'CreatePaymentManager', kind: 'lost-answer' })
  const edit = () => ({ paymentManagers: [] })
  all.service.faults.set({ operation: 'ListPaymentManagers', kind: 'edit', edit, times: 2 })
  expect(await failed(all)).toMatchObject({ leftovers: [] })
  expect(await all.state()).toEqual(NOTHING)
})

test('what cannot be looked for may be there, and is told by its name', async () => {
  const all = await setUp()
  all.service.faults.set({ operation: 'CreatePaymentManager', kind: 'lost-answer' })
  all.service.faults.set({ operation: 'ListPaymentManagers', ...DENIED, times: 99 })
  const { leftovers, message } = await failed(all)
  const reason = 'AccessDeniedException'
  const shop = { resource: 'paymentManager', id: 'shop', reason, isCertain: false }
  expect(leftovers).toEqual([shop])
  expect(message).toMatch(
    /; perhaps left, or somebody else's: paymentManager shop \(AccessDeniedException\)$/,
  )
})

test('a connector that cannot be looked for is told by its name, with what depends on it', async () => {
  const all = await setUp()
  all.service.faults.set({ operation: 'CreatePaymentConnector', kind: 'lost-answer' })
  all.service.faults.set({ operation: 'ListPaymentConnectors', ...DENIED, times: 99 })
  const { leftovers } = await failed(all)
  expect(leftovers[0]).toEqual({
    resource: 'paymentConnector',
    id: 'coinbase',
    reason: 'AccessDeniedException',
    isCertain: false,
  })
  expect(leftovers.map(({ resource }) => resource)).toEqual([
    'paymentConnector',
    'paymentManager',
    'credentialProvider',
  ])
})

/** Makes a manager with connector in a process of its own, where broken connections have their codes. */
async function failedAlone(endpoint: string): Promise<string> {
  const options = { endpoint, region: 'us-west-2', credentials: CREDENTIALS }
  const { stdout } = await runAlone(`
    import { PaymentClient } from 'agentcore'
    const client = new PaymentClient(${JSON.stringify(options)})
    const made = client.createPaymentManagerWithConnector(${JSON.stringify(WITH_CONNECTOR)})
    await made.catch(({ name, cause, leftovers }) =>
      console.log(name, cause.message, JSON.stringify(leftovers)))`)
  return stdout.trim()
}

test('in real time, a manager whose answers are all lost is found and undone', async () => {
  const served = await serve()
  const operation = 'CreatePaymentManager'
  served.service.faults.set({ operation, kind: 'lost-answer', times: 3 })
  expect(await failedAlone(served.service.url)).toBe(
    'PaymentManagerCreationFailed CreatePaymentManager: no answer (ECONNRESET) []',
  )
  expect(await stateOf(served)).toEqual(NOTHING)
  const { calls } = served.service
  const tokens = calls
    .filter((call) => call.operation === operation)
    .map(({ body }) => (body as { clientToken: string }).clientToken)
  expect(tokens).toHaveLength(4) // three in vain, and one to see whose it is
  expect(new Set(tokens).size).toBe(1)
})

test('where no connection came about, nothing is looked for', async () => {
  const startedAt = performance.now()
  expect(await failedAlone('http://127.0.0.1:1')).toBe(
    'PaymentManagerCreationFailed CreatePaymentCredentialProvider: no answer (ECONNREFUSED) []',
  )
  expect(performance.now() - startedAt).toBeLessThan(4_000)
})
