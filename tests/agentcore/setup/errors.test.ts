import { expect, test } from '@jest/globals'
import {
  AwsError,
  OptionsError,
  type CallOptions,
  type PaymentClient,
} from '../../../src/agentcore/index.js'
import {
  CREDENTIALS,
  MANAGER,
  PROVIDER,
  rejection,
  setUp,
  withConnector,
} from '../support/payment-client.js'
import { runAlone } from '../support/payment-manager.js'

type Made = Awaited<ReturnType<typeof prepared>>
type Method = (client: PaymentClient, made: Made, call?: CallOptions) => Promise<unknown>

/** One of each, and a manager without connector. */
async function prepared(client: PaymentClient) {
  const spare = await client.createPaymentManager({ ...MANAGER, name: 'spare', waitForReady: true })
  const { ids } = await withConnector(client)
  return { spareId: spare.paymentManagerId, ...ids }
}

const managerOf = ({ paymentManagerId }: Made) => ({ paymentManagerId })
const connectorOf = ({ paymentManagerId, paymentConnectorId }: Made) => ({
  paymentManagerId,
  paymentConnectorId,
})

const METHODS: Record<string, Method> = {
  CreatePaymentManager: (client, _, call) =>
    client.createPaymentManager({ ...MANAGER, name: 'b' }, call),
  GetPaymentManager: (client, made, call) => client.getPaymentManager(managerOf(made), call),
  ListPaymentManagers: (client, _, call) => client.listPaymentManagers({}, call),
  UpdatePaymentManager: (client, made, call) => client.updatePaymentManager(managerOf(made), call),
  DeletePaymentManager: (client, { spareId }, call) =>
    client.deletePaymentManager({ paymentManagerId: spareId }, call),
  CreatePaymentConnector: (client, made, call) =>
    client.createPaymentConnector(
      { ...managerOf(made), name: 'b', type: 'CoinbaseCDP', provisionMode: 'QUICK_CREATE' },
      call,
    ),
  GetPaymentConnector: (client, made, call) => client.getPaymentConnector(connectorOf(made), call),
  ListPaymentConnectors: (client, made, call) =>
    client.listPaymentConnectors(managerOf(made), call),
  UpdatePaymentConnector: (client, made, call) =>
    client.updatePaymentConnector(connectorOf(made), call),
  DeletePaymentConnector: (client, made, call) =>
    client.deletePaymentConnector(connectorOf(made), call),
  CreatePaymentCredentialProvider: (client, _, call) =>
    client.createPaymentCredentialProvider({ ...PROVIDER, name: 'b' }, call),
  GetPaymentCredentialProvider: (client, _, call) =>
    client.getPaymentCredentialProvider({ name: PROVIDER.name }, call),
  ListPaymentCredentialProviders: (client, _, call) =>
    client.listPaymentCredentialProviders({}, call),
  DeletePaymentCredentialProvider: (client, _, call) =>
    client.deletePaymentCredentialProvider({ name: PROVIDER.name }, call),
}
const EACH = Object.entries(METHODS)

const FAULTS = [
  [{ kind: 'error', name: 'ConflictException', status: 409 }, 'aws.ConflictException'],
  [{ kind: 'error', name: 'AccessDeniedException', status: 403 }, 'aws.AccessDeniedException'],
  [{ kind: 'error', name: 'ThrottlingException', status: 429 }, 'aws.ThrottlingException'],
  [{ kind: 'error', name: 'SomethingNew', status: 400 }, 'aws.SomethingNew'],
  [{ kind: 'error' }, 'aws.InternalServerException'],
] as const

test.each(EACH)('what goes wrong in %s has a code and names the operation', async (name, call) => {
  const { client, service } = await setUp()
  const made = await prepared(client)
  for (const [fault, code] of FAULTS) {
    service.faults.set({ operation: name, ...fault })
    const error = await rejection(call(client, made))
    expect(error).toBeInstanceOf(AwsError)
    expect(error).toMatchObject({ code, message: expect.stringContaining(`${name}: `) })
  }
})

test.each(EACH.filter(([name]) => name !== 'DeletePaymentCredentialProvider'))(
  'an answer of %s that is no JSON is told as unreadable',
  async (name, call) => {
    const { client, service } = await setUp()
    const made = await prepared(client)
    service.faults.set({ operation: name, kind: 'garbage' })
    expect(await rejection(call(client, made))).toMatchObject({ code: 'unreadable_answer' })
  },
)

test.each(EACH.filter(([name]) => !/^(Get|Delete)PaymentCredentialProvider/.test(name)))(
  'an answer of %s without what it is about is told as unreadable',
  async (name, call) => {
    const { client, service } = await setUp()
    const made = await prepared(client)
    service.faults.set({ operation: name, kind: 'edit', edit: () => ({}) })
    expect(await rejection(call(client, made))).toMatchObject({ code: 'unreadable_answer' })
  },
)

test.each(EACH)('%s is not even sent when its signal is aborted', async (_, call) => {
  const { client, called } = await setUp()
  const made = await prepared(client)
  const before = called().length
  const reason = new Error('enough')
  const abortSignal = AbortSignal.abort(reason)
  expect(await rejection(call(client, made, { abortSignal }))).toBe(reason)
  expect(called()).toHaveLength(before)
})

test.each(EACH)('%s ends at once with the reason of its signal', async (name, call) => {
  const { client, service, called } = await setUp()
  const made = await prepared(client)
  service.faults.set({ operation: name, kind: 'delay', delayMs: 400 })
  const before = called().length
  const controller = new AbortController()
  const outcome = rejection(call(client, made, { abortSignal: controller.signal }))
  while (called().length === before) await new Promise((resolve) => setTimeout(resolve, 2))
  const reason = new Error('enough')
  const startedAt = performance.now()
  controller.abort(reason)
  expect(await outcome).toBe(reason)
  expect(performance.now() - startedAt).toBeLessThan(300)
})

test('a connection that breaks is told as such, and nobody to connect to as well', async () => {
  const { service } = await setUp()
  service.faults.set({ kind: 'reset' })
  service.faults.set({ kind: 'lost-answer', skip: 1 })
  const program = `
    import { PaymentClient } from 'agentcore'
    const options = { region: 'us-west-2', maxAttempts: 1, credentials: ${JSON.stringify(CREDENTIALS)} }
    const tell = (client) => client.listPaymentManagers().catch(({ name, code, message }) =>
      console.log(name, code, message))
    const client = new PaymentClient({ ...options, endpoint: '${service.url}' })
    await tell(client)
    await tell(client)
    await tell(new PaymentClient({ ...options, endpoint: 'http://127.0.0.1:1' }))
  `
  const { stdout } = await runAlone(program)
  expect(stdout.trim().split('\n')).toEqual([
    'PaymentError network_error ListPaymentManagers: no answer (ECONNRESET)',
    'PaymentError network_error ListPaymentManagers: no answer (ECONNRESET)',
    'PaymentError network_error ListPaymentManagers: no answer (ECONNREFUSED)',
  ])
})

test('a listing that goes round in circles ends', async () => {
  const { client, service } = await setUp()
  await prepared(client)
  const { nextToken } = await client.listPaymentManagers({ maxResults: 1 })
  const edit = (answer: object) => ({ ...answer, nextToken })
  service.faults.set({ operation: 'ListPaymentManagers', kind: 'edit', edit })
  const all = client.iteratePaymentManagers({ maxResults: 1, nextToken })
  expect((await all.next()).value).toMatchObject({ name: 'shop' })
  expect(await rejection(all.next())).toMatchObject({ code: 'unreadable_answer' })
})

test('an answer that comes in place of one of AWS is told by its status', async () => {
  const { client, service } = await setUp()
  service.faults.set({ kind: 'error', name: 'not a name!', status: 502 })
  expect(await rejection(client.listPaymentManagers())).toMatchObject({ code: 'http_502' })
})

type Untyped = Record<string, (options: unknown) => Promise<unknown>>

test.each([
  ['createPaymentManager', undefined, 'createPaymentManager'],
  ['createPaymentManager', 'shop', 'createPaymentManager'],
  ['createPaymentManager', { name: 'shop' }, 'roleArn'],
  ['createPaymentManager', { ...MANAGER, name: ' ' }, 'name'],
  ['createPaymentManager', { ...MANAGER, wait_for_ready: true }, 'wait_for_ready'],
  ['createPaymentManager', { ...MANAGER, waitForDeletion: true }, 'waitForDeletion'],
  ['createPaymentManager', { ...MANAGER, waitForReady: 'yes' }, 'waitForReady'],
  ['createPaymentManager', { ...MANAGER, maxWait: 0 }, 'maxWait'],
  ['createPaymentManager', { ...MANAGER, maxWait: Number.NaN }, 'maxWait'],
  ['createPaymentManager', { ...MANAGER, maxWait: 90_000 }, 'maxWait'],
  ['createPaymentManager', { ...MANAGER, pollInterval: -1 }, 'pollInterval'],
  ['createPaymentManager', { ...MANAGER, pollInterval: '10' }, 'pollInterval'],
  ['createPaymentManager', { ...MANAGER, signal: AbortSignal.timeout(1) }, 'signal'],
  ['createPaymentManagerWithConnector', { signal: AbortSignal.timeout(1) }, 'signal'],
  ['createPaymentManager', { ...MANAGER, onProgress: 'log' }, 'onProgress'],
  ['createPaymentManager', { ...MANAGER, authorizerType: 'CUSTOM_JWT' }, 'authorizerConfiguration'],
  ['getPaymentManager', {}, 'paymentManagerId'],
  ['listPaymentManagers', { limit: 1 }, 'limit'],
  ['updatePaymentManager', { description: 'a' }, 'paymentManagerId'],
  ['updatePaymentManager', { paymentManagerId: 'a', name: 'b' }, 'name'],
  ['deletePaymentManager', {}, 'paymentManagerId'],
  ['deletePaymentManager', { paymentManagerId: 'a', waitForDeletion: 1 }, 'waitForDeletion'],
  ['createPaymentConnector', { paymentManagerId: 'a', name: 'b' }, 'type'],
  [
    'createPaymentConnector',
    { paymentManagerId: 'a', name: 'b', type: 'CoinbaseCDP' },
    'credentialProviderConfigurations',
  ],
  [
    'createPaymentConnector',
    {
      paymentManagerId: 'a',
      name: 'b',
      type: 'CoinbaseCDP',
      provisionMode: 'QUICK_CREATE',
      waitForReady: true,
    },
    'onProgress',
  ],
  ['getPaymentConnector', { paymentManagerId: 'a' }, 'paymentConnectorId'],
  ['listPaymentConnectors', {}, 'paymentManagerId'],
  ['updatePaymentConnector', { paymentConnectorId: 'a' }, 'paymentManagerId'],
  ['deletePaymentConnector', { paymentManagerId: 'a' }, 'paymentConnectorId'],
  [
    'createPaymentCredentialProvider',
    { name: 'a', credentialProviderVendor: 'CoinbaseCDP' },
    'providerConfigurationInput',
  ],
  ['getPaymentCredentialProvider', {}, 'name'],
  ['listPaymentCredentialProviders', { maxresults: 1 }, 'maxresults'],
  ['deletePaymentCredentialProvider', { name: '' }, 'name'],
])('%s of %j is refused before any call, naming %s', async (method, options, option) => {
  const { client, called } = await setUp()
  const error = await rejection(
    (client as unknown as Untyped)[method]?.(options) as Promise<unknown>,
  )
  expect(error).toBeInstanceOf(OptionsError)
  expect(error).toMatchObject({ option })
  expect(called()).toEqual([])
})

test('a signal that is none is refused before any call', async () => {
  const { client, called } = await setUp()
  const call = { abortSignal: {} as AbortSignal }
  for (const made of [
    client.listPaymentManagers({}, call),
    client.createPaymentManager(MANAGER, call),
    client.createPaymentManager({ ...MANAGER, waitForReady: true }, call),
  ]) {
    expect(await rejection(made)).toMatchObject({ option: 'abortSignal' })
  }
  expect(called()).toEqual([])
})
