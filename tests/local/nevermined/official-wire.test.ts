import { describe, expect, test } from '@jest/globals'

import type { Local, LocalPlan } from '../../../src/local/index.js'
import { CLIENTS, PYTHON, TYPESCRIPT, forge, send, type Client } from './support/official-wire.js'
import { stack } from '../../support/seller.js'

const SETTLE = ['POST', '/api/v1/x402/settle'] as const
const VERIFY = ['POST', '/api/v1/x402/verify'] as const
const MINT = ['POST', '/api/v1/x402/permissions'] as const

/** The body both clients put around a token. */
function permission(local: Local, client: Client, more: object = {}, agentId?: string): object {
  return {
    paymentRequired: client.paymentRequired(local.planId, agentId),
    x402AccessToken: local.accessToken({ ...(agentId !== undefined && { agentId }) }),
    maxAmount: '2',
    ...more,
  }
}

test.each(CLIENTS)('verify is answered as the %s client sends it', async (_, client) => {
  const local = await stack()
  const body = permission(local, client)
  const answer = await send(local, VERIFY, client.headers(local.nvmApiKey), body)
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/json', 'nevermined-version': '1.1' },
    body: { isValid: true, payer: local.subscriberAddress, network: 'eip155:84532' },
  })
  expect(answer.body['agentRequestId']).toEqual(expect.any(String))
  expect(local.balance()).toBe(100n)
})

test.each(CLIENTS)('an agent is named in the verification of the %s client', async (_, client) => {
  const local = await stack()
  const asked = permission(local, client, {}, 'agent-1')
  const { body } = await send(local, VERIFY, client.headers(local.nvmApiKey), asked)
  expect(body).toMatchObject({
    isValid: true,
    agentRequest: { agentRequestId: body['agentRequestId'], agentId: 'agent-1' },
  })
})

test.each(CLIENTS)('settle burns as the %s client sends it', async (_, client) => {
  const local = await stack()
  const agentRequestId = '0f3b3486-0000-4000-8000-000000000001'
  const asked = permission(local, client, { agentRequestId })
  const { status, body } = await send(local, SETTLE, client.headers(local.nvmApiKey), asked)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    success: true,
    payer: local.subscriberAddress,
    transaction: local.ledger.settlements[0]?.transaction,
    network: 'eip155:84532',
    creditsRedeemed: '2',
    remainingBalance: '98',
  })
  expect(local.ledger.settlements).toMatchObject([{ agentRequestId }])
  expect(local.balance()).toBe(98n)
})

test.each<[string, unknown, Partial<LocalPlan>]>([
  ['a decimal string', '3', {}],
  ['a number, which the Python client passes on as it is', 3, {}],
  ['left out, since a plan of fixed price needs none', undefined, { minAmount: 3n, maxAmount: 3n }],
])('the amount to settle may be %s', async (_, maxAmount, plan) => {
  const local = await stack({ plan })
  const body = permission(local, PYTHON, { maxAmount })
  const { status } = await send(local, SETTLE, PYTHON.headers(local.nvmApiKey), body)
  expect(status).toBe(200)
  expect(local.balance()).toBe(97n)
})

test.each([-1, 1.5])('an amount of %d is a bad request, and settles nothing', async (maxAmount) => {
  const local = await stack()
  const body = permission(local, PYTHON, { maxAmount })
  const { status } = await send(local, SETTLE, PYTHON.headers(local.nvmApiKey), body)
  expect(status).toBe(400)
  expect(local.balance()).toBe(100n)
})

test.each<[string, Client, boolean]>([
  ['the TypeScript client names a delegation', TYPESCRIPT, true],
  ['the Python client names a delegation', PYTHON, true],
  ['the Python client names none', PYTHON, false],
])('a token that verifies is minted where %s', async (_, client, named) => {
  const local = await stack()
  const { delegationId } = local.ledger.addDelegation(local.subscriberAddress, {
    spendingLimitCents: 1_000n,
  })
  const accepted = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: local.planId }
  const minted = await send(local, MINT, client.headers(local.subscriberApiKey), {
    accepted: { ...accepted, extra: {} },
    ...(named && { delegationConfig: { delegationId } }),
  })
  const body = permission(local, client, { x402AccessToken: minted.body['accessToken'] })
  const verified = await send(local, VERIFY, client.headers(local.nvmApiKey), body)
  expect(minted.status).toBe(200)
  expect(verified.body).toMatchObject({ isValid: true, payer: local.subscriberAddress })
})

test.each(CLIENTS)('plan and balance are public to the %s client', async (_, client) => {
  const local = await stack()
  const path = `/api/v1/protocol/plans/${local.planId}`
  const holder = `${path}/balance/${local.subscriberAddress}`
  const plan = await send(local, ['GET', path], client.headers())
  const balance = await send(local, ['GET', holder], client.headers())
  expect(plan).toMatchObject({ status: 200, body: { registry: { price: { isCrypto: true } } } })
  expect(balance).toMatchObject({
    status: 200,
    body: {
      planId: local.planId,
      planName: expect.any(String),
      planType: 'credits',
      holderAddress: local.subscriberAddress,
      balance: '100',
      creditsContract: expect.any(String),
      isSubscriber: true,
      pricePerCredit: expect.any(Number),
    },
  })
})

test.each(CLIENTS)('an order of the %s client has no body', async (_, client) => {
  const local = await stack()
  const order = ['POST', `/api/v1/protocol/plans/${local.planId}/order`] as const
  const answer = await send(local, order, client.headers(local.subscriberApiKey))
  expect(answer).toMatchObject({ status: 200, body: { success: true } })
  expect(local.balance()).toBe(200n)
})

test.each(CLIENTS)('a delegation of the %s client is created and listed', async (_, client) => {
  const local = await stack()
  const headers = client.headers(local.subscriberApiKey)
  const created = await send(local, ['POST', '/api/v1/delegation/create'], headers, {
    provider: 'erc4337',
    spendingLimitCents: 10_000,
    durationSecs: 604_800,
    currency: 'usdc',
  })
  const { delegationId } = created.body
  const listed = await send(local, ['GET', '/api/v1/delegation?accessible=true'], headers)
  expect(created).toMatchObject({ status: 201, body: { delegationId: expect.any(String) } })
  expect(listed.body).toMatchObject({
    delegations: [{ delegationId, status: 'Active', remainingBudgetCents: '10000' }],
    totalResults: 1,
  })
})

test('a delegation that has expired is not listed as active', async () => {
  let now = 1_800_000_000_000
  const local = await stack({ now: () => now })
  local.ledger.addDelegation(local.subscriberAddress, { spendingLimitCents: 1n, durationSecs: 60 })
  now += 61_000
  const headers = TYPESCRIPT.headers(local.subscriberApiKey)
  const { body } = await send(local, ['GET', '/api/v1/delegation'], headers)
  expect(body).toMatchObject({ delegations: [{ status: 'Expired' }] })
})

const REFUSALS: [string, number, string, (local: Local) => object][] = [
  ['a forged token', 402, 'BCK.X402.0005', (local) => ({ x402AccessToken: forge(local) })],
  ['what is no token', 400, 'BCK.X402.0010', () => ({ x402AccessToken: 'x' })],
  ['more credits than there are', 402, 'BCK.CREDITS.0003', () => ({ maxAmount: '101' })],
  ['zero credits', 400, 'BCK.CREDITS.0002', () => ({ maxAmount: '0' })],
  ['a number beyond what JSON holds', 400, 'BCK.COMMON.0026', () => ({ maxAmount: 2 ** 60 })],
]

describe.each(CLIENTS)('to the %s client', (_, client) => {
  test.each(REFUSALS)('settle with %s is refused with %i and %s', async (_, status, code, more) => {
    const local = await stack()
    const body = permission(local, client, more(local))
    const answer = await send(local, SETTLE, client.headers(local.nvmApiKey), body)
    expect(answer).toMatchObject({ status, body: { code, message: expect.any(String) } })
    expect(local.ledger.settlements).toEqual([])
    expect(local.balance()).toBe(100n)
  })

  test.each([
    ['verify', VERIFY],
    ['settle', SETTLE],
  ])('%s with the key of nobody is refused', async (_, route) => {
    const local = await stack()
    const headers = client.headers(`${local.nvmApiKey.slice(0, -4)}AAAA`)
    const answer = await send(local, route, headers, permission(local, client))
    expect(answer).toMatchObject({ status: 401, body: { code: 'BCK.APIKEY.0004' } })
    expect(local.balance()).toBe(100n)
  })

  test('a plan nobody knows is not found', async () => {
    const local = await stack()
    const answer = await send(local, ['GET', '/api/v1/protocol/plans/123'], client.headers())
    expect(answer).toMatchObject({ status: 404, body: { code: 'BCK.PROTOCOL.0003' } })
  })
})
