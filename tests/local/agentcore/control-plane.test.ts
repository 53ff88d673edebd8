import { expect, test } from '@jest/globals'
import {
  CreatePaymentManagerCommand,
  DeletePaymentConnectorCommand,
  DeletePaymentManagerCommand,
  GetPaymentConnectorCommand,
  GetPaymentManagerCommand,
  ListPaymentManagersCommand,
  UpdatePaymentManagerCommand,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { CreatePaymentSessionCommand } from '@aws-sdk/client-bedrock-agentcore'
import { connector, manager } from './support/payments-providers.js'
import { ROLE, clock, refusal, serve } from './support/payments-service.js'

const IAM = { authorizerType: 'AWS_IAM', roleArn: ROLE } as const
const JWT = {
  customJWTAuthorizer: {
    discoveryUrl: 'https://issuer.example.com/.well-known/openid-configuration',
    allowedClients: ['agent'],
  },
}

test('a manager is created, becomes READY by the clock, and is answered in full', async () => {
  const time = clock()
  const served = await serve({ now: time.now, readyAfterMs: 5000 })
  const { control } = served
  const given = {
    name: 'Buyers',
    description: 'Buys data',
    authorizerType: 'CUSTOM_JWT',
    authorizerConfiguration: JWT,
    roleArn: ROLE,
    tags: { team: 'agents' },
    kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/01234567-0123-0123-0123-0123456789ab',
  } as const
  const created = await control.send(new CreatePaymentManagerCommand(given))
  const { description, ...rest } = given
  const at = new Date(time.now())
  const id = String(created.paymentManagerId)
  const named = {
    ...rest,
    paymentManagerId: expect.stringMatching(/^buyers-[0-9a-z]{10}$/),
    paymentManagerArn: `arn:aws:bedrock-agentcore:eu-west-1:123456789012:payment-manager/${id}`,
    workloadIdentityDetails: { workloadIdentityArn: expect.stringContaining(id) },
    createdAt: at,
  }
  const { $metadata, ...answer } = created
  expect($metadata.httpStatusCode).toBe(202)
  expect(answer).toEqual({ ...named, status: 'CREATING' })
  const get = new GetPaymentManagerCommand({ paymentManagerId: id })
  const full = { ...named, description, status: 'CREATING', lastUpdatedAt: at }
  expect(await control.send(get)).toMatchObject({ ...full, $metadata: { httpStatusCode: 200 } })
  time.pass(4999)
  expect(await control.send(get)).toMatchObject({ status: 'CREATING' })
  time.pass(1)
  expect(await control.send(get)).toMatchObject({ status: 'READY', lastUpdatedAt: at })
  const { paymentManagers } = await control.send(new ListPaymentManagersCommand({}))
  const { tags, authorizerConfiguration, workloadIdentityDetails, ...summary } = full
  expect([tags, authorizerConfiguration, workloadIdentityDetails]).not.toContain(undefined)
  expect(paymentManagers).toEqual([{ ...summary, status: 'READY' }])
})

test('a manager that is being changed is in use, and cannot be changed again', async () => {
  const time = clock()
  const served = await serve({ now: time.now, readyAfterMs: 1000 })
  const { control } = served
  const { paymentManagerId } = await manager(served)
  const update = new UpdatePaymentManagerCommand({ paymentManagerId, description: 'New words' })
  const busy = {
    name: 'ConflictException',
    message: `Payment manager ${paymentManagerId} is CREATING`,
  }
  expect(await refusal(control.send(update))).toMatchObject(busy)
  const drop = new DeletePaymentManagerCommand({ paymentManagerId })
  expect(await refusal(control.send(drop))).toMatchObject(busy)
  time.pass(1000)
  const updated = await control.send(update)
  expect(updated).toMatchObject({
    paymentManagerId,
    name: 'Buyers',
    ...IAM,
    status: 'UPDATING',
    lastUpdatedAt: new Date(time.now()),
    $metadata: { httpStatusCode: 202 },
  })
  expect(updated).not.toHaveProperty('createdAt')
  time.pass(1000)
  const get = new GetPaymentManagerCommand({ paymentManagerId })
  expect(await control.send(get)).toMatchObject({ status: 'READY', description: 'New words' })
})

test('every member of a manager can be updated, and what is not named stays', async () => {
  const served = await serve()
  const { control } = served
  const { paymentManagerId } = await manager(served)
  const changed = {
    authorizerType: 'CUSTOM_JWT',
    authorizerConfiguration: JWT,
    roleArn: `${ROLE}-2`,
    kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/01234567-0123-0123-0123-0123456789ab',
  } as const
  await control.send(new GetPaymentManagerCommand({ paymentManagerId }))
  await control.send(new UpdatePaymentManagerCommand({ paymentManagerId, ...changed }))
  const get = new GetPaymentManagerCommand({ paymentManagerId })
  expect(await control.send(get)).toMatchObject({ name: 'Buyers', ...changed })
})

test('a manager for bearer tokens needs to be told whose', async () => {
  const { control } = await serve()
  const bad = { name: 'Buyers', roleArn: ROLE, authorizerType: 'CUSTOM_JWT' as const }
  expect(await refusal(control.send(new CreatePaymentManagerCommand(bad)))).toMatchObject({
    name: 'ValidationException',
    fieldList: [{ name: 'authorizerConfiguration' }],
  })
})

test('names are given once, and again when they are free', async () => {
  const served = await serve()
  const { control } = served
  const { paymentManagerId } = await manager(served)
  expect(await refusal(manager(served))).toMatchObject({
    name: 'ConflictException',
    message: 'A payment manager named Buyers exists already',
    $metadata: { httpStatusCode: 409 },
  })
  const { paymentConnectorId } = await connector(served, paymentManagerId)
  expect(await refusal(connector(served, paymentManagerId))).toMatchObject({
    name: 'ConflictException',
    message: 'A payment connector named cdp exists already',
  })
  const other = await manager(served, 'Others')
  await connector(served, other.paymentManagerId)
  await control.send(new GetPaymentConnectorCommand({ paymentManagerId, paymentConnectorId }))
  await control.send(new DeletePaymentConnectorCommand({ paymentManagerId, paymentConnectorId }))
  await connector(served, paymentManagerId)
})

test('deletion takes its time, from the connector up to the manager', async () => {
  const time = clock()
  const served = await serve({ now: time.now, readyAfterMs: 1000 })
  const { control } = served
  const { paymentManagerId } = await manager(served)
  time.pass(1000)
  const { paymentConnectorId } = await connector(served, paymentManagerId)
  const named = { paymentManagerId, paymentConnectorId }
  const dropConnector = () => control.send(new DeletePaymentConnectorCommand(named))
  const dropManager = () => control.send(new DeletePaymentManagerCommand({ paymentManagerId }))
  await expect(dropConnector()).rejects.toThrow('is CREATING')
  time.pass(1000)
  expect(await refusal(dropManager())).toMatchObject({
    name: 'ConflictException',
    message: `Payment manager ${paymentManagerId} has payment connectors; delete them first`,
  })
  await expect(dropConnector()).resolves.toMatchObject({ status: 'DELETING', paymentConnectorId })
  await expect(dropConnector()).rejects.toThrow('is DELETING')
  await expect(dropManager()).rejects.toThrow('has payment connectors')
  time.pass(1000)
  const gone = await refusal(control.send(new GetPaymentConnectorCommand(named)))
  expect(gone).toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 404 },
  })
  await expect(dropManager()).resolves.toMatchObject({
    status: 'DELETING',
    paymentManagerId,
    $metadata: { httpStatusCode: 202 },
  })
  await expect(dropManager()).rejects.toThrow('is DELETING')
  time.pass(1000)
  const get = new GetPaymentManagerCommand({ paymentManagerId })
  expect(await refusal(control.send(get))).toMatchObject({ name: 'ResourceNotFoundException' })
  const { paymentManagers } = await control.send(new ListPaymentManagersCommand({}))
  expect(paymentManagers).toEqual([])
})

test.each([
  ['fails to be created', 'CreatePaymentManager', 'CREATE_FAILED'],
  ['fails to be updated', 'UpdatePaymentManager', 'UPDATE_FAILED'],
  ['fails to be deleted', 'DeletePaymentManager', 'DELETE_FAILED'],
])('a manager that %s says so, and can be deleted', async (_title, operation, status) => {
  const served = await serve()
  const { control, service } = served
  service.faults.set({ kind: 'fail', operation })
  const { paymentManagerId, made } = await manager(served)
  expect(made.status).toBe('CREATING')
  const get = new GetPaymentManagerCommand({ paymentManagerId })
  await control.send(get)
  const update = new UpdatePaymentManagerCommand({ paymentManagerId, description: 'New' })
  const drop = new DeletePaymentManagerCommand({ paymentManagerId })
  if (status === 'UPDATE_FAILED') await control.send(update)
  if (status === 'DELETE_FAILED') await control.send(drop)
  const failed = await control.send(get)
  expect(failed.status).toBe(status)
  expect(failed).not.toHaveProperty('description')
  await control.send(new DeletePaymentManagerCommand({ paymentManagerId }))
  expect(await refusal(control.send(get))).toMatchObject({ name: 'ResourceNotFoundException' })
})

test('a manager that is not ready sells no sessions', async () => {
  const time = clock()
  const served = await serve({ now: time.now, readyAfterMs: 1000 })
  const { made } = await manager(served)
  const session = new CreatePaymentSessionCommand({
    paymentManagerArn: made.paymentManagerArn,
    userId: 'user-1',
    expiryTimeInMinutes: 60,
  })
  expect(await refusal(served.data.send(session))).toMatchObject({ name: 'ConflictException' })
  time.pass(1000)
  await served.data.send(session)
})
