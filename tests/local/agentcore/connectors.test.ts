import { expect, test } from '@jest/globals'
import {
  DeletePaymentConnectorCommand,
  GetPaymentConnectorCommand,
  ListPaymentConnectorsCommand,
  RotatePaymentConnectorCredentialsCommand,
  UpdatePaymentConnectorCommand,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { connector, manager, provided } from './support/payments-providers.js'
import { clock, refusal, serve } from './support/payments-service.js'

test('a connector is created, becomes READY by the clock, and is answered in full', async () => {
  const time = clock()
  const served = await serve({ now: time.now, readyAfterMs: 1000 })
  const { control } = served
  const { paymentManagerId } = await manager(served)
  await expect(connector(served, paymentManagerId)).rejects.toThrow('is CREATING')
  time.pass(1000)
  const named = { name: 'My_CDP_', description: 'Wallets' }
  const { made, arn, paymentConnectorId } = await connector(served, paymentManagerId, named)
  const at = new Date(time.now())
  const common = {
    paymentConnectorId: expect.stringMatching(/^my-cdp-[0-9a-z]{10}$/),
    name: 'My_CDP_',
    type: 'CoinbaseCDP',
  }
  const configured = {
    credentialProviderConfigurations: [{ coinbaseCDP: { credentialProviderArn: arn } }],
    createdAt: at,
  }
  const { $metadata, ...answer } = made
  expect($metadata.httpStatusCode).toBe(202)
  expect(answer).toEqual({ ...common, ...configured, paymentManagerId, status: 'CREATING' })
  time.pass(1000)
  const get = new GetPaymentConnectorCommand({ paymentManagerId, paymentConnectorId })
  const settled = { ...common, status: 'READY', provisionMode: 'MANUAL', lastUpdatedAt: at }
  const got = await control.send(get)
  expect(got).toMatchObject({ ...settled, ...configured, description: 'Wallets' })
  const listed = await control.send(new ListPaymentConnectorsCommand({ paymentManagerId }))
  expect(listed.paymentConnectors).toEqual([settled])
})

test('a connector can be updated to another vendor', async () => {
  const served = await serve()
  const { control } = served
  const { paymentManagerId } = await manager(served)
  const { paymentConnectorId } = await connector(served, paymentManagerId)
  const privy = await provided(served, 'StripePrivy')
  const changed = {
    type: 'StripePrivy' as const,
    credentialProviderConfigurations: [{ stripePrivy: { credentialProviderArn: privy } }],
  }
  const named = { paymentManagerId, paymentConnectorId }
  const update = new UpdatePaymentConnectorCommand({ ...named, ...changed, description: 'Privy' })
  await expect(control.send(update)).resolves.toMatchObject({
    ...named,
    ...changed,
    name: 'cdp',
    status: 'UPDATING',
    $metadata: { httpStatusCode: 202 },
  })
  const get = new GetPaymentConnectorCommand(named)
  expect(await control.send(get)).toMatchObject({
    ...changed,
    description: 'Privy',
    status: 'READY',
  })
})

test.each([
  [
    'of another vendor',
    { type: 'StripePrivy' as const },
    'Member must have stripePrivy where type',
  ],
  [
    'with none to connect with',
    { credentialProviderConfigurations: [] },
    'Member must have length 1',
  ],
])('a connector %s is refused', async (_title, more, message) => {
  const served = await serve()
  const { paymentManagerId } = await manager(served)
  const error = await refusal(connector(served, paymentManagerId, more))
  expect(error).toMatchObject({ name: 'ValidationException' })
  expect(error.message).toContain(message)
})

test('a provider of another vendor, and one that is unknown, are refused', async () => {
  const served = await serve()
  const { paymentManagerId } = await manager(served)
  const privy = await provided(served, 'StripePrivy')
  const using = (credentialProviderArn: string) =>
    connector(served, paymentManagerId, {
      credentialProviderConfigurations: [{ coinbaseCDP: { credentialProviderArn } }],
    })
  await expect(using(privy)).rejects.toThrow('Member must be a provider of CoinbaseCDP')
  expect(await refusal(using(`${privy}-other`))).toMatchObject({
    name: 'ResourceNotFoundException',
    message: `Payment credential provider not found: ${privy}-other`,
  })
})

test('a connector of another manager does not exist', async () => {
  const served = await serve()
  const { paymentManagerId } = await manager(served)
  const { paymentConnectorId } = await connector(served, paymentManagerId)
  const other = await manager(served, 'Others')
  const named = { paymentManagerId: other.paymentManagerId, paymentConnectorId }
  for (const command of [
    new GetPaymentConnectorCommand(named),
    new UpdatePaymentConnectorCommand(named),
    new DeletePaymentConnectorCommand(named),
  ]) {
    const error = await refusal(served.control.send(command as GetPaymentConnectorCommand))
    expect(error).toMatchObject({ name: 'ResourceNotFoundException' })
  }
})

test.each([
  ['fails to be created', 'CreatePaymentConnector', 'CREATE_FAILED'],
  ['fails to be updated', 'UpdatePaymentConnector', 'UPDATE_FAILED'],
  ['fails to be deleted', 'DeletePaymentConnector', 'DELETE_FAILED'],
])('a connector that %s says so, and can be deleted', async (_title, operation, status) => {
  const served = await serve()
  const { control, service } = served
  const { paymentManagerId } = await manager(served)
  service.faults.set({ kind: 'fail', operation })
  const { paymentConnectorId } = await connector(served, paymentManagerId)
  const named = { paymentManagerId, paymentConnectorId }
  const get = new GetPaymentConnectorCommand(named)
  await control.send(get)
  if (status === 'UPDATE_FAILED') await control.send(new UpdatePaymentConnectorCommand(named))
  if (status === 'DELETE_FAILED') await control.send(new DeletePaymentConnectorCommand(named))
  expect(await control.send(get)).toMatchObject({ status })
  await control.send(new DeletePaymentConnectorCommand(named))
  expect(await refusal(control.send(get))).toMatchObject({ name: 'ResourceNotFoundException' })
})

const QUICK = { provisionMode: 'QUICK_CREATE' as const, credentialProviderConfigurations: [] }

test('a connector of QUICK_CREATE waits for somebody to agree, and is then provisioned', async () => {
  const time = clock()
  const served = await serve({ now: time.now, readyAfterMs: 1000 })
  const { control, service } = served
  const { paymentManagerId } = await manager(served)
  time.pass(1000)
  const { paymentConnectorId, made } = await connector(served, paymentManagerId, QUICK)
  const waiting = {
    status: 'PENDING_AUTHENTICATION',
    authorizationUrl: expect.stringContaining(`${service.url}/wallets/authorize/`),
    credentialProviderConfigurations: [],
  }
  expect(made).toMatchObject(waiting)
  const named = { paymentManagerId, paymentConnectorId }
  const get = () => control.send(new GetPaymentConnectorCommand(named))
  expect(await get()).toMatchObject({ ...waiting, provisionMode: 'QUICK_CREATE' })
  const url = String(made.authorizationUrl)
  expect((await fetch(url.replace(/.{4}$/, 'xxxx'))).status).toBe(404)
  expect(await get()).toMatchObject({ status: 'PENDING_AUTHENTICATION' })
  const page = await fetch(url)
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('connector')])
  const provisioning = await get()
  expect(provisioning).toMatchObject({ status: 'PROVISIONING' })
  expect(provisioning).not.toHaveProperty('authorizationUrl')
  expect((await fetch(url)).status).toBe(404)
  await expect(
    control.send(new DeletePaymentConnectorCommand({ paymentManagerId, paymentConnectorId })),
  ).rejects.toThrow('is PROVISIONING')
  const agreedAt = new Date(time.now())
  time.pass(1000)
  expect(await get()).toMatchObject({
    status: 'READY',
    credentialsUpdatedAt: agreedAt,
    credentialProviderConfigurations: [
      { coinbaseCDP: { credentialProviderArn: expect.stringContaining(paymentConnectorId) } },
    ],
  })
})

test('nobody agrees for ever: after a quarter of an hour the address is no longer good', async () => {
  const time = clock()
  const served = await serve({ now: time.now })
  const { control } = served
  const { paymentManagerId } = await manager(served)
  const { paymentConnectorId, made } = await connector(served, paymentManagerId, QUICK)
  const named = { paymentManagerId, paymentConnectorId }
  time.pass(15 * 60_000)
  expect((await fetch(String(made.authorizationUrl))).status).toBe(404)
  const get = () => control.send(new GetPaymentConnectorCommand(named))
  expect(await get()).toMatchObject({ status: 'AUTHENTICATION_EXPIRED' })
  const again = await control.send(new UpdatePaymentConnectorCommand(named))
  expect(again.status).toBe('PENDING_AUTHENTICATION')
  expect(again.authorizationUrl).not.toBe(made.authorizationUrl)
  expect((await fetch(String(again.authorizationUrl))).status).toBe(200)
  expect(await get()).toMatchObject({ status: 'READY' })
})

test('agreeing can fail', async () => {
  const served = await serve()
  const { control, service } = served
  const { paymentManagerId } = await manager(served)
  service.faults.set({ kind: 'fail', operation: 'CreatePaymentConnector' })
  const { paymentConnectorId, made } = await connector(served, paymentManagerId, QUICK)
  expect(made.status).toBe('PENDING_AUTHENTICATION')
  await fetch(String(made.authorizationUrl))
  const named = { paymentManagerId, paymentConnectorId }
  const got = await control.send(new GetPaymentConnectorCommand(named))
  expect(got).toMatchObject({ status: 'AUTHENTICATION_FAILED' })
  await control.send(new DeletePaymentConnectorCommand(named))
})

test('a connector of QUICK_CREATE is given no provider', async () => {
  const served = await serve()
  const { paymentManagerId } = await manager(served)
  const error = await refusal(
    connector(served, paymentManagerId, { provisionMode: 'QUICK_CREATE' }),
  )
  expect(error).toMatchObject({
    name: 'ValidationException',
    fieldList: [
      {
        name: 'credentialProviderConfigurations',
        message: 'Member must have length 0 where provisionMode is QUICK_CREATE',
      },
    ],
  })
})

test('credentials the service manages can be rotated, others not', async () => {
  const time = clock()
  const served = await serve({ now: time.now })
  const { control, service } = served
  const { paymentManagerId } = await manager(served)
  const mine = await connector(served, paymentManagerId)
  const quick = await connector(served, paymentManagerId, { ...QUICK, name: 'quick' })
  const rotate = (paymentConnectorId: string) =>
    control.send(
      new RotatePaymentConnectorCredentialsCommand({
        paymentManagerId,
        paymentConnectorId,
        credentialsToRotate: { coinbaseCDP: { secrets: ['API_KEY'] } },
      }),
    )
  expect(await refusal(rotate(mine.paymentConnectorId))).toMatchObject({
    name: 'ValidationException',
    fieldList: [{ name: 'paymentConnectorId' }],
  })
  const { paymentConnectorId } = quick
  await expect(rotate(paymentConnectorId)).rejects.toThrow('is PENDING_AUTHENTICATION')
  await fetch(String(quick.made.authorizationUrl))
  time.pass(60_000)
  await expect(rotate(paymentConnectorId)).resolves.toMatchObject({
    paymentManagerId,
    paymentConnectorId,
    status: 'READY',
    lastUpdatedAt: new Date(time.now()),
    $metadata: { httpStatusCode: 202 },
  })
  const named = { paymentManagerId, paymentConnectorId }
  const got = await control.send(new GetPaymentConnectorCommand(named))
  expect(got.credentialsUpdatedAt).toEqual(new Date(time.now()))
  service.faults.set({ kind: 'fail', operation: 'RotatePaymentConnectorCredentials' })
  expect(await refusal(rotate(paymentConnectorId))).toMatchObject({ name: 'ConflictException' })
})
