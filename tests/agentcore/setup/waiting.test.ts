import { setTimeout } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { ResourceFailed, WaitTimeout, type WaitProgress } from '../../../src/agentcore/index.js'
import {
  MANAGER,
  rejection,
  setUp,
  withConnector,
  withManager,
  type SetUp,
} from '../support/payment-client.js'

const CONNECTOR = { name: 'quick', type: 'CoinbaseCDP', provisionMode: 'QUICK_CREATE' } as const

test('without waitForReady, nothing is waited for', async () => {
  const { client, naps, called } = await setUp(60_000)
  expect(await client.createPaymentManager(MANAGER)).toMatchObject({ status: 'CREATING' })
  expect(naps).toEqual([])
  expect(called()).toEqual(['CreatePaymentManager'])
})

test('a manager is waited for until it is READY, with a look at once and every ten seconds', async () => {
  const { client, naps } = await setUp(25_000)
  const created = await client.createPaymentManager({ ...MANAGER, waitForReady: true })
  expect(created).toMatchObject({ status: 'READY', name: 'shop' })
  expect(created.paymentManagerArn).toContain(created.paymentManagerId)
  expect(naps).toEqual([10_000, 10_000, 10_000])
})

test('what is READY at the first look needs no pause', async () => {
  const { client, naps, called } = await setUp(0)
  const created = await client.createPaymentManager({ ...MANAGER, waitForReady: true })
  expect(created.status).toBe('READY')
  expect(naps).toEqual([])
  expect(called()).toEqual(['CreatePaymentManager', 'GetPaymentManager'])
})

test('the interval between looks is the one asked for', async () => {
  const { client, naps } = await setUp(1_000)
  await client.createPaymentManager({ ...MANAGER, waitForReady: true, pollInterval: 0.5 })
  expect(naps).toEqual([500, 500])
})

test('progress tells the first status and each look', async () => {
  const { client } = await setUp(15_000)
  const seen: WaitProgress[] = []
  const onProgress = (progress: WaitProgress) => void seen.push(progress)
  const options = { ...MANAGER, waitForReady: true, onProgress }
  const { paymentManagerId: id } = await client.createPaymentManager(options)
  const resource = 'paymentManager'
  expect(seen).toEqual([
    { resource, id, status: 'CREATING', elapsedMs: 0 }, // the answer
    { resource, id, status: 'CREATING', elapsedMs: 0 },
    { resource, id, status: 'CREATING', elapsedMs: 10_000 },
    { resource, id, status: 'READY', elapsedMs: 20_000 },
  ])
})

test('a change of a manager is waited for too', async () => {
  const { client, paymentManagerId } = await withManager(5_000)
  const change = { paymentManagerId, description: 'new', waitForReady: true }
  expect(await client.updatePaymentManager(change)).toMatchObject({
    paymentManagerId,
    status: 'READY',
    lastUpdatedAt: expect.any(Date),
  })
})

test('connectors are waited for as managers are', async () => {
  const { client, naps } = await setUp(5_000)
  const { credentialProviderArn, ids } = await withConnector(client)
  naps.length = 0
  const change = { ...ids, description: 'new', waitForReady: true }
  const changed = await client.updatePaymentConnector(change)
  expect(changed).toMatchObject({ status: 'READY', type: 'CoinbaseCDP' })
  expect(changed.credentialProviderConfigurations).toEqual([
    { coinbaseCDP: { credentialProviderArn } },
  ])
  expect(naps).toEqual([10_000])
})

const WAITS: [string, string, (all: SetUp) => Promise<unknown>][] = [
  [
    'CreatePaymentManager',
    'CREATE_FAILED',
    ({ client }) => client.createPaymentManager({ ...MANAGER, name: 'other', waitForReady: true }),
  ],
  [
    'UpdatePaymentManager',
    'UPDATE_FAILED',
    async ({ client }) =>
      client.updatePaymentManager({ ...(await manager(client)), waitForReady: true }),
  ],
  [
    'DeletePaymentManager',
    'DELETE_FAILED',
    async ({ client }) =>
      client.deletePaymentManager({ ...(await manager(client)), waitForDeletion: true }),
  ],
]

async function manager(client: SetUp['client']) {
  const { paymentManagers } = await client.listPaymentManagers()
  return { paymentManagerId: paymentManagers[0]?.paymentManagerId }
}

test.each(WAITS)('%s that ends in %s says so', async (operation, status, run) => {
  const all = await withManager(1_000)
  all.service.faults.set({ operation, kind: 'fail' })
  const error = await rejection(run(all))
  expect(error).toBeInstanceOf(ResourceFailed)
  expect(error).toMatchObject({
    status,
    code: 'resource_failed',
    message: expect.stringMatching(new RegExp(`^payment manager \\S+-\\w{10} is ${status}$`)),
  })
})

test('the waiting ends when the time is up, with the status last seen', async () => {
  const { client, naps, state } = await setUp(600_000)
  const error = await rejection(client.createPaymentManager({ ...MANAGER, waitForReady: true }))
  expect(error).toBeInstanceOf(WaitTimeout)
  expect(error).toMatchObject({ status: 'CREATING', code: 'wait_timeout' })
  expect(String(error)).toMatch(/payment manager shop-\w{10} is still CREATING after 300 s$/)
  expect(naps.reduce((sum, ms) => sum + ms, 0)).toBe(300_000)
  expect((await state()).managers).toEqual(['shop'])
})

test('the last look is when the time is up, not later', async () => {
  const { client, naps } = await setUp(25_000)
  const options = { ...MANAGER, waitForReady: true, maxWait: 25, pollInterval: 10 }
  expect(await client.createPaymentManager(options)).toMatchObject({ status: 'READY' })
  expect(naps).toEqual([10_000, 10_000, 5_000])
})

test('a look that hangs does not outlast the time for long', async () => {
  const { client, service } = await setUp(60_000, { now: Date.now, sleep: (ms) => setTimeout(ms) })
  service.faults.set({ operation: 'GetPaymentManager', kind: 'delay', delayMs: 2_000 })
  const startedAt = performance.now()
  const options = { ...MANAGER, waitForReady: true, maxWait: 0.1, pollInterval: 0.05 }
  expect(await rejection(client.createPaymentManager(options))).toBeInstanceOf(WaitTimeout)
  expect(performance.now() - startedAt).toBeLessThan(1_800)
})

test('what was just created and cannot be seen yet is waited for', async () => {
  const { client, service } = await setUp(15_000)
  service.faults.set({
    operation: 'GetPaymentManager',
    kind: 'error',
    name: 'ResourceNotFoundException',
    status: 404,
    times: 2,
  })
  const created = await client.createPaymentManager({ ...MANAGER, waitForReady: true })
  expect(created.status).toBe('READY')
})

test('a look that is throttled is made again', async () => {
  const { client, service } = await setUp(15_000)
  const name = 'ThrottlingException'
  service.faults.set({ operation: 'GetPaymentManager', kind: 'error', name, status: 429, times: 3 })
  const statuses: string[] = []
  const onProgress = ({ status }: WaitProgress) => void statuses.push(status)
  await client.createPaymentManager({ ...MANAGER, waitForReady: true, onProgress })
  expect(statuses).toEqual(['CREATING', 'CREATING', 'CREATING', 'CREATING', 'READY'])
})

test('a look that is refused ends the waiting', async () => {
  const { client, service } = await setUp(15_000)
  const name = 'AccessDeniedException'
  service.faults.set({ operation: 'GetPaymentManager', kind: 'error', name, status: 403 })
  const created = client.createPaymentManager({ ...MANAGER, waitForReady: true })
  expect(await rejection(created)).toMatchObject({ code: 'aws.AccessDeniedException' })
})

test.each([
  ['DELETING', 'it is being deleted'],
  ['AUTHENTICATION_FAILED', 'the consent failed or was refused'],
  ['AUTHENTICATION_EXPIRED', 'nobody consented in time'],
  ['AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED', 'subscribe to its wallet in AWS Marketplace first'],
])('a connector that is %s will not be READY, and why is said', async (status, why) => {
  const { client, service, paymentManagerId } = await withManager(60_000)
  const edit = (answer: object) => ({ ...answer, status })
  service.faults.set({ operation: 'GetPaymentConnector', kind: 'edit', edit })
  const onProgress = () => undefined
  const options = { ...CONNECTOR, paymentManagerId, waitForReady: true, onProgress }
  const error = await rejection(client.createPaymentConnector(options))
  expect(error).toBeInstanceOf(ResourceFailed)
  expect(error).toMatchObject({ status })
  expect(String(error)).toMatch(new RegExp(`payment connector quick-\\w+ is ${status}: ${why}$`))
})

test('a deletion is waited for until AWS does not find it', async () => {
  const { client, paymentManagerId, naps, called } = await withManager(15_000)
  const statuses: string[] = []
  const onProgress = ({ status }: WaitProgress) => void statuses.push(status)
  const options = { paymentManagerId, waitForDeletion: true, onProgress }
  expect(await client.deletePaymentManager(options)).toEqual({
    paymentManagerId,
    status: 'DELETED',
  })
  expect(statuses).toEqual(['DELETING', 'DELETING', 'DELETING', 'DELETED'])
  expect(naps).toEqual([10_000, 10_000])
  expect(called().at(-1)).toBe('GetPaymentManager')
})

test('the deletion of a connector is waited for as well', async () => {
  const { client, state } = await setUp(15_000)
  const { ids } = await withConnector(client)
  const { paymentConnectorId } = ids
  expect(await client.deletePaymentConnector({ ...ids, waitForDeletion: true })).toEqual({
    paymentConnectorId,
    status: 'DELETED',
  })
  expect((await state()).connectors).toEqual([])
})

test('a deletion that failed can be asked for again', async () => {
  const { client, service, paymentManagerId, state } = await withManager(5_000)
  service.faults.set({ operation: 'DeletePaymentManager', kind: 'fail' })
  const options = { paymentManagerId, waitForDeletion: true }
  await rejection(client.deletePaymentManager(options))
  expect(await client.deletePaymentManager(options)).toMatchObject({ status: 'DELETED' })
  expect((await state()).managers).toEqual([])
})

test('a deletion that takes too long is given up', async () => {
  const { client, paymentManagerId } = await withManager(60_000)
  const options = { paymentManagerId, waitForDeletion: true, maxWait: 20 }
  const error = await rejection(client.deletePaymentManager(options))
  expect(error).toBeInstanceOf(WaitTimeout)
  expect(error).toMatchObject({ status: 'DELETING' })
})

/** A sleep from which nothing wakes but the signal, which aborts while it lasts. */
function sleeping(isHeeding: boolean) {
  const controller = new AbortController()
  const reason = new Error('enough')
  const sleep = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (isHeeding) signal?.addEventListener('abort', () => resolve())
      setImmediate(() => controller.abort(reason))
    })
  return { sleep, signal: controller.signal, reason }
}

test.each([true, false])(
  'a signal ends the waiting at once with its reason, be it heeded by the sleep or not: %s',
  async (isHeeding) => {
    const { sleep, signal, reason } = sleeping(isHeeding)
    const { client, state, called } = await setUp(60_000, { sleep })
    const options = { ...MANAGER, waitForReady: true }
    const call = { abortSignal: signal }
    expect(await rejection(client.createPaymentManager(options, call))).toBe(reason)
    expect(called()).toEqual(['CreatePaymentManager', 'GetPaymentManager'])
    expect((await state()).managers).toEqual(['shop'])
  },
)

test('a signal ends a look that is under way', async () => {
  const { client, service, called } = await setUp(60_000)
  service.faults.set({ operation: 'GetPaymentManager', kind: 'delay', delayMs: 400 })
  const controller = new AbortController()
  const reason = new Error('enough')
  const options = { ...MANAGER, waitForReady: true }
  const call = { abortSignal: controller.signal }
  const outcome = rejection(client.createPaymentManager(options, call))
  while (!called().includes('GetPaymentManager')) await setTimeout(2)
  const startedAt = performance.now()
  controller.abort(reason)
  expect(await outcome).toBe(reason)
  expect(performance.now() - startedAt).toBeLessThan(300)
})

test('a signal that is aborted already keeps anything from being made', async () => {
  const { client, called } = await setUp()
  const reason = new Error('too late')
  const options = { ...MANAGER, waitForReady: true }
  const call = { abortSignal: AbortSignal.abort(reason) }
  expect(await rejection(client.createPaymentManager(options, call))).toBe(reason)
  expect(called()).toEqual([])
})

test('signals are let go of when the waiting is over', async () => {
  const { client } = await setUp(600_000)
  const controller = new AbortController()
  const { signal } = controller
  const added: string[] = []
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    added.push(args[0])
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    added.pop()
    remove(...args)
  }
  const call = { abortSignal: signal }
  await rejection(client.createPaymentManager({ ...MANAGER, waitForReady: true }, call))
  expect(added).toEqual([])
})
