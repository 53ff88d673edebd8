import { expect, test } from '@jest/globals'
import { ResourceFailed } from '../../../src/agentcore/index.js'
import {
  DENIED,
  NOTHING,
  REFUSED,
  WITH_CONNECTOR,
  failed,
  setUp,
} from '../support/payment-client.js'

test('each is gone before what it needs is deleted', async () => {
  const all = await setUp(5_000)
  all.service.faults.set({ operation: 'CreatePaymentConnector', kind: 'fail' })
  await failed(all)
  const after = all.called().slice(all.called().indexOf('DeletePaymentConnector'))
  expect(after.filter((operation) => operation.startsWith('Delete'))).toEqual([
    'DeletePaymentConnector',
    'DeletePaymentManager',
    'DeletePaymentCredentialProvider',
  ])
  expect(after[after.indexOf('DeletePaymentManager') - 1]).toBe('GetPaymentConnector')
  expect(all.called().filter((operation) => operation.startsWith('List'))).toEqual([])
})

test.each([
  ['is throttled', { kind: 'error', name: 'ThrottlingException', status: 429 }],
  ['conflicts', { kind: 'error', name: 'ConflictException', status: 409 }],
  ['fails at AWS', { kind: 'error' }],
  ['is not seen yet', { kind: 'error', name: 'ResourceNotFoundException', status: 404 }],
  ['does not arrive', { kind: 'reset' }],
  ['gets no answer', { kind: 'lost-answer' }],
  ['gets one that cannot be read', { kind: 'garbage' }],
] as const)('a deletion that %s is asked for again', async (_, fault) => {
  const all = await setUp(5_000)
  all.service.faults.set({ operation: 'CreatePaymentConnector', kind: 'fail' })
  for (const operation of [
    'DeletePaymentConnector',
    'DeletePaymentManager',
    'DeletePaymentCredentialProvider',
  ]) {
    all.service.faults.set({ operation, ...fault, times: 2 })
  }
  expect(await failed(all)).toMatchObject({ leftovers: [] })
  expect(await all.state()).toEqual(NOTHING)
})

test.each(['DeletePaymentConnector', 'DeletePaymentManager'])(
  '%s that ends in DELETE_FAILED is asked for again',
  async (operation) => {
    const all = await setUp(5_000)
    all.service.faults.set({ operation: 'CreatePaymentConnector', kind: 'fail' })
    all.service.faults.set({ operation, kind: 'fail' })
    expect(await failed(all)).toMatchObject({ leftovers: [] })
    expect(await all.state()).toEqual(NOTHING)
  },
)

test('what cannot be deleted is told, with what depends on it', async () => {
  const all = await setUp()
  all.service.faults.set({ operation: 'CreatePaymentConnector', kind: 'fail' })
  all.service.faults.set({ operation: 'DeletePaymentConnector', ...DENIED, times: 99 })
  const { leftovers, message, cause } = await failed(all)
  expect(cause).toBeInstanceOf(ResourceFailed)
  expect(leftovers).toEqual([
    {
      resource: 'paymentConnector',
      id: expect.stringMatching(/^coinbase-\w{10}$/),
      reason: 'AccessDeniedException',
      isCertain: true,
    },
    {
      resource: 'paymentManager',
      id: expect.stringMatching(/^shop-\w{10}$/),
      reason: 'ConflictException',
      isCertain: true,
    },
    {
      resource: 'credentialProvider',
      id: 'coinbase-keys',
      reason: 'ConflictException',
      isCertain: true,
    },
  ])
  for (const { id, reason } of leftovers) expect(message).toContain(`${id} (${reason})`)
  expect(message).toContain('CREATE_FAILED')
  expect(await all.state()).toEqual({
    managers: ['shop'],
    connectors: ['coinbase'],
    providers: ['coinbase-keys'],
  })
})

test('one that cannot be deleted does not keep the others', async () => {
  const all = await setUp()
  all.service.faults.set({ operation: 'CreatePaymentConnector', ...REFUSED })
  all.service.faults.set({ operation: 'DeletePaymentManager', ...DENIED })
  const { leftovers } = await failed(all)
  expect(leftovers).toMatchObject([{ resource: 'paymentManager' }])
  expect(await all.state()).toEqual({ ...NOTHING, managers: ['shop'] })
})

test('the rollback is given up after two minutes, with what was in the way', async () => {
  const all = await setUp(24 * 3_600_000)
  const error = await failed(all, { maxWait: 1 })
  const resource = 'paymentManager'
  expect(error.leftovers).toMatchObject([{ resource, reason: 'ConflictException' }])
  const slept = all.naps.slice(1).reduce((sum, ms) => sum + ms, 0)
  expect(slept).toBeGreaterThan(110_000)
  expect(slept).toBeLessThanOrEqual(120_000)
  expect(Math.max(...all.naps)).toBe(5_000)
  expect((await all.state()).providers).toEqual([])
})

test('a deletion under way when the time is up is told by its status', async () => {
  const all = await setUp(0)
  all.service.faults.set({ operation: 'CreatePaymentConnector', ...REFUSED })
  const edit = (answer: object) => ({ ...answer, status: 'DELETING' })
  all.service.faults.set({ operation: 'GetPaymentManager', kind: 'edit', edit, skip: 1, times: 99 })
  all.service.faults.set({ operation: 'DeletePaymentManager', kind: 'fail', times: 99 })
  const { leftovers } = await failed(all)
  expect(leftovers).toMatchObject([{ resource: 'paymentManager', reason: 'DELETING' }])
})

test('a second attempt after a rollback succeeds', async () => {
  const all = await setUp(5_000)
  all.service.faults.set({ operation: 'CreatePaymentConnector', ...REFUSED })
  await failed(all)
  await all.client.createPaymentManagerWithConnector(WITH_CONNECTOR)
  expect(await all.state()).toMatchObject({ managers: ['shop'], providers: ['coinbase-keys'] })
})
