import { expect, test } from '@jest/globals'
import { ResourceFailed, type WaitProgress } from '../../../src/agentcore/index.js'
import {
  NOTHING,
  WITH_CONNECTOR,
  consent,
  failed,
  rejection,
  setUp,
  withManager,
} from '../support/payment-client.js'

const CONNECTOR = { name: 'quick', type: 'CoinbaseCDP', provisionMode: 'QUICK_CREATE' } as const
const QUICK = {
  ...WITH_CONNECTOR,
  paymentConnectorConfig: { name: 'quick', provisionMode: 'QUICK_CREATE' },
} as const

test('whoever waits is given the URL first, and READY after the consent', async () => {
  const { client, paymentManagerId } = await withManager(15_000)
  const seen: WaitProgress[] = []
  const onProgress = async (progress: WaitProgress) => {
    seen.push(progress)
    await consent(progress)
  }
  const options = { ...CONNECTOR, paymentManagerId, waitForReady: true, onProgress }
  const connector = await client.createPaymentConnector(options)
  expect(connector).toMatchObject({ status: 'READY', name: 'quick' })
  expect(connector).not.toHaveProperty('authorizationUrl')
  expect(connector.credentialProviderConfigurations).toHaveLength(1)
  expect(seen.map(({ status }) => status)).toEqual([
    'PENDING_AUTHENTICATION',
    'PROVISIONING',
    'PROVISIONING',
    'READY',
  ])
  expect(seen.map(({ authorizationUrl }) => authorizationUrl !== undefined)).toEqual([
    true,
    false,
    false,
    false,
  ])
})

test('without waiting, the answer has the URL', async () => {
  const { client, paymentManagerId } = await withManager(5_000)
  const connector = await client.createPaymentConnector({ ...CONNECTOR, paymentManagerId })
  expect(connector.status).toBe('PENDING_AUTHENTICATION')
  expect(connector.authorizationUrl).toMatch(/^http:/)
})

test('nobody consents, and the waiting says so', async () => {
  const { client, paymentManagerId } = await withManager(5_000)
  const onProgress = () => undefined
  const waits = { waitForReady: true, maxWait: 3_600, onProgress }
  const options = { ...CONNECTOR, paymentManagerId, ...waits }
  expect(await rejection(client.createPaymentConnector(options))).toMatchObject({
    status: 'AUTHENTICATION_EXPIRED',
  })
})

test('the consent fails, and the waiting says so', async () => {
  const { client, service, paymentManagerId } = await withManager(5_000)
  service.faults.set({ operation: 'CreatePaymentConnector', kind: 'fail' })
  const options = { ...CONNECTOR, paymentManagerId, waitForReady: true, onProgress: consent }
  expect(await rejection(client.createPaymentConnector(options))).toMatchObject({
    status: 'AUTHENTICATION_FAILED',
  })
})

test('a consent that nobody is told to give is not waited for', async () => {
  const { client, time, paymentManagerId } = await withManager(5_000)
  const { paymentConnectorId } = await client.createPaymentConnector({
    ...CONNECTOR,
    paymentManagerId,
  })
  time.pass(20 * 60_000)
  const again = { paymentManagerId, paymentConnectorId, waitForReady: true }
  const error = await rejection(client.updatePaymentConnector(again))
  expect(error).toBeInstanceOf(ResourceFailed)
  expect(error).toMatchObject({ status: 'PENDING_AUTHENTICATION' })
  expect(String(error)).not.toContain('http')
})

test('no provider is made, and the answer says where to consent', async () => {
  const { client, state, bodies } = await setUp(5_000)
  const made = await client.createPaymentManagerWithConnector(QUICK)
  expect(made).not.toHaveProperty('credentialProvider')
  expect(made.paymentConnector).toMatchObject({
    type: 'CoinbaseCDP',
    status: 'PENDING_AUTHENTICATION',
  })
  expect(made.authorizationUrl).toMatch(/^http:/)
  expect(bodies('CreatePaymentConnector')[0]).toMatchObject({
    provisionMode: 'QUICK_CREATE',
    credentialProviderConfigurations: [],
  })
  expect(await state()).toEqual({ managers: ['shop'], connectors: ['quick'], providers: [] })
})

test('whoever waits is given the URL, and the connector when it is READY', async () => {
  const { client } = await setUp(5_000)
  const onProgress = async ({ authorizationUrl }: WaitProgress) => {
    if (authorizationUrl !== undefined) await (await fetch(authorizationUrl)).text()
  }
  const options = { ...QUICK, waitForReady: true, onProgress }
  const made = await client.createPaymentManagerWithConnector(options)
  expect(made.paymentConnector.status).toBe('READY')
  expect(made).not.toHaveProperty('authorizationUrl')
})

test('a consent that fails leaves nothing', async () => {
  const all = await setUp(5_000)
  all.service.faults.set({ operation: 'CreatePaymentConnector', kind: 'fail' })
  const error = await failed(all, {
    paymentConnectorConfig: { name: 'quick', provisionMode: 'QUICK_CREATE' },
    onProgress: async ({ authorizationUrl }) => {
      if (authorizationUrl !== undefined) await (await fetch(authorizationUrl)).text()
    },
  })
  expect(error).toMatchObject({ leftovers: [], cause: { status: 'AUTHENTICATION_FAILED' } })
  expect(await all.state()).toEqual(NOTHING)
})
