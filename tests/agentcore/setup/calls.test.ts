import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import {
  COINBASE,
  MANAGER,
  NOTHING,
  PROVIDER,
  setUp,
  withConnector,
} from '../support/payment-client.js'

test('a manager is created, found, listed, changed and deleted', async () => {
  const { client, called, state } = await setUp()
  const created = await client.createPaymentManager({ ...MANAGER, tags: { team: 'a' } })
  expect(created).toMatchObject({
    name: 'shop',
    paymentManagerArn: expect.stringContaining(':payment-manager/'),
    status: 'CREATING',
    authorizerType: 'AWS_IAM',
    tags: { team: 'a' },
  })
  expect(created).not.toHaveProperty('$metadata')
  const { paymentManagerId } = created
  const found = await client.getPaymentManager({ paymentManagerId })
  expect(found).toMatchObject({ name: 'shop', status: 'READY', roleArn: MANAGER.roleArn })
  const listed = await client.listPaymentManagers()
  expect(listed.paymentManagers).toMatchObject([{ paymentManagerId, name: 'shop' }])
  const change = { paymentManagerId, description: 'for tests' }
  expect(await client.updatePaymentManager(change)).toMatchObject({ status: 'UPDATING' })
  expect(await client.getPaymentManager({ paymentManagerId })).toMatchObject(change)
  expect(await client.deletePaymentManager({ paymentManagerId })).toEqual({
    paymentManagerId,
    status: 'DELETING',
  })
  expect(await state()).toEqual(NOTHING)
  expect(called().slice(0, 3)).toEqual([
    'CreatePaymentManager',
    'GetPaymentManager',
    'ListPaymentManagers',
  ])
})

test('a connector is created, found, listed, changed and deleted', async () => {
  const { client, state } = await setUp()
  const { credentialProviderArn, ids } = await withConnector(client)
  const { paymentManagerId, paymentConnectorId } = ids
  const configured = [{ coinbaseCDP: { credentialProviderArn } }]
  expect(await client.getPaymentConnector(ids)).toMatchObject({
    paymentConnectorId,
    type: 'CoinbaseCDP',
    credentialProviderConfigurations: configured,
  })
  const listed = await client.listPaymentConnectors({ paymentManagerId })
  expect(listed.paymentConnectors).toMatchObject([{ paymentConnectorId, name: 'coinbase' }])
  const changed = await client.updatePaymentConnector({ ...ids, description: 'for tests' })
  expect(changed).toMatchObject({ type: 'CoinbaseCDP', status: 'UPDATING' })
  expect(await client.getPaymentConnector(ids)).toMatchObject({ description: 'for tests' })
  const deleted = await client.deletePaymentConnector(ids)
  expect(deleted).toEqual({ paymentConnectorId, status: 'DELETING' })
  expect((await state()).connectors).toEqual([])
})

test('a credential provider is created, found, listed and deleted, and shows no key', async () => {
  const { client, state } = await setUp()
  const created = await client.createPaymentCredentialProvider(PROVIDER)
  const name = PROVIDER.name
  expect(created).toMatchObject({ name, credentialProviderVendor: 'CoinbaseCDP' })
  const found = await client.getPaymentCredentialProvider({ name })
  expect(found.credentialProviderArn).toBe(created.credentialProviderArn)
  expect(found.createdTime).toBeInstanceOf(Date)
  expect(JSON.stringify(found)).not.toContain(COINBASE.apiKeySecret)
  const { credentialProviders } = await client.listPaymentCredentialProviders()
  expect(credentialProviders).toMatchObject([{ name }])
  expect(await client.deletePaymentCredentialProvider({ name })).toBeUndefined()
  expect(await state()).toEqual(NOTHING)
})

test('the time of the last update is there wherever AWS gives it', async () => {
  const { client } = await setUp()
  const { ids } = await withConnector(client)
  const waitForReady = true
  const { paymentManagerId } = ids
  const times = await Promise.all([
    client.getPaymentManager({ paymentManagerId }),
    client.getPaymentConnector(ids),
    client.listPaymentManagers().then(({ paymentManagers }) => paymentManagers[0]),
    client.listPaymentConnectors({ paymentManagerId }).then((page) => page.paymentConnectors[0]),
    client.updatePaymentManager({ paymentManagerId, description: 'a', waitForReady }),
    client.updatePaymentConnector({ ...ids, description: 'a', waitForReady }),
  ])
  expect(times.map((one) => one?.lastUpdatedAt instanceof Date)).toEqual(times.map(() => true))
})

test('listings come in pages, and are iterated over all of them', async () => {
  const { client, called } = await setUp()
  const names = ['a', 'b', 'c']
  for (const name of names) await client.createPaymentManager({ ...MANAGER, name })
  const page = await client.listPaymentManagers({ maxResults: 2 })
  expect(page.paymentManagers.map(({ name }) => name)).toEqual(['a', 'b'])
  const rest = await client.listPaymentManagers({ maxResults: 2, nextToken: page.nextToken })
  expect(rest.paymentManagers.map(({ name }) => name)).toEqual(['c'])
  expect(rest.nextToken).toBeUndefined()
  const before = called().length
  const all: string[] = []
  for await (const { name } of client.iteratePaymentManagers({ maxResults: 1 })) all.push(name)
  expect(all).toEqual(names)
  expect(called().length - before).toBe(3)
})

test('connectors are iterated over all pages', async () => {
  const { client } = await setUp()
  const { ids, credentialProviderArn } = await withConnector(client)
  const { paymentManagerId } = ids
  await client.createPaymentConnector({
    paymentManagerId,
    name: 'second',
    type: 'CoinbaseCDP',
    credentialProviderConfigurations: [{ coinbaseCDP: { credentialProviderArn } }],
  })
  const all: string[] = []
  const connectors = client.iteratePaymentConnectors({ paymentManagerId, maxResults: 1 })
  for await (const { name } of connectors) all.push(name)
  expect(all).toEqual(['coinbase', 'second'])
})

test('a page holds as many as AWS allows, unless it is asked for fewer', async () => {
  const { client } = await setUp()
  const names = Array.from({ length: 101 }, (_, i) => `m${i}`)
  for (const name of names) await client.createPaymentManager({ ...MANAGER, name })
  expect((await client.listPaymentManagers()).paymentManagers).toHaveLength(100)
})

test('every call has a client token of its own, kept while the SDK repeats it', async () => {
  const { client, service, bodies, state } = await setUp(0, { maxAttempts: 3 })
  service.faults.set({ operation: 'CreatePaymentManager', kind: 'lost-answer' })
  const { paymentManagerId } = await client.createPaymentManager(MANAGER)
  await client.createPaymentManager({ ...MANAGER, name: 'other' })
  const tokens = bodies('CreatePaymentManager').map(({ clientToken }) => clientToken)
  expect(tokens[0]).toMatch(/^[\da-f-]{36}$/)
  expect(tokens[1]).toBe(tokens[0])
  expect(tokens[2]).not.toBe(tokens[0])
  await client.getPaymentManager({ paymentManagerId })
  service.faults.set({ operation: 'DeletePaymentManager', kind: 'lost-answer' })
  expect(await client.deletePaymentManager({ paymentManagerId })).toMatchObject({
    status: 'DELETING',
  })
  expect((await state()).managers).toEqual(['other'])
})

test('a change that is made again is made, as each has a token of its own', async () => {
  const { client, time } = await setUp()
  const { ids } = await withConnector(client)
  const { paymentManagerId } = ids
  for (const description of ['a', 'b', 'a']) {
    time.pass(1_000)
    await client.updatePaymentManager({ paymentManagerId, description, waitForReady: true })
    await client.updatePaymentConnector({ ...ids, description, waitForReady: true })
    const found = [client.getPaymentManager({ paymentManagerId }), client.getPaymentConnector(ids)]
    const lastUpdatedAt = new Date(time.now())
    expect(await Promise.all(found)).toMatchObject([
      { description, lastUpdatedAt },
      { description, lastUpdatedAt },
    ])
  }
})

test('the token a caller gives is sent, so that the caller can repeat a call', async () => {
  const { client, state } = await setUp()
  const options = { ...MANAGER, clientToken: randomUUID() }
  const first = await client.createPaymentManager(options)
  const second = await client.createPaymentManager(options)
  expect(second.paymentManagerId).toBe(first.paymentManagerId)
  expect((await state()).managers).toEqual(['shop'])
})
