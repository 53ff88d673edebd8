import { expect, test } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { PERMISSIONS, raw } from './support/raw.js'
import { stack } from '../../support/seller.js'

const PATH = '/api/v1/delegation'

const create = (local: Local, more: object = {}) =>
  raw(local, `${PATH}/create`, {
    key: local.subscriberApiKey,
    body: { provider: 'erc4337', spendingLimitCents: 500, durationSecs: 60, ...more },
  })

async function list(local: Local, query = '') {
  const { body } = await raw(local, PATH + query, { key: local.subscriberApiKey })
  return body as { delegations: Record<string, unknown>[]; page: number; offset: number }
}

test('a delegation is listed with what it was created with', async () => {
  const local = await stack()
  const { status, body } = await create(local, { providerPaymentMethodId: 'pm_1', currency: 'usd' })
  expect(status).toBe(201)
  expect((await list(local)).delegations).toEqual([
    expect.objectContaining({
      ...(body as object),
      providerPaymentMethodId: 'pm_1',
      apiKeyId: null,
      currency: 'usd',
      status: 'Active',
      spendingLimitCents: '500',
      remainingBudgetCents: '500',
    }),
  ])
})

test('delegations are listed in pages', async () => {
  const local = await stack()
  for (let i = 0; i < 5; i++) await create(local)
  const second = await list(local, '?page=2&offset=2')
  expect(second).toMatchObject({ totalResults: 5, page: 2, offset: 2 })
  expect(second.delegations).toHaveLength(2)
  expect((await list(local, '?page=3&offset=2')).delegations).toHaveLength(1)
})

test('only usable delegations are listed where the client asks for those', async () => {
  let now = 0
  const local = await stack({ now: () => now })
  await create(local, { durationSecs: 1 })
  await create(local)
  now = 2_000
  expect((await list(local)).delegations.map(({ status }) => status)).toEqual(['Expired', 'Active'])
  expect((await list(local, '?accessible=true')).delegations).toHaveLength(1)
})

test('a token is not minted with terms for a delegation that does not exist yet', async () => {
  const local = await stack()
  const accepted = { scheme: 'nvm:erc4337', network: 'eip155:84532', planId: local.planId }
  const delegationConfig = { spendingLimitCents: 100, durationSecs: 60 }
  const body = { accepted, delegationConfig }
  const answer = await raw(local, PERMISSIONS, { key: local.subscriberApiKey, body })
  expect(answer).toMatchObject({ status: 400, body: { code: 'BCK.HTTP.400' } })
})

test('a path that is not properly encoded is a bad request', async () => {
  const local = await stack()
  expect((await raw(local, '/api/v1/protocol/plans/%E0%A4%A')).status).toBe(400)
})

test('verify does not call a payment good that one top-up cannot cover', async () => {
  const local = await stack({ credits: 0n, plan: { creditsPerOrder: 5n } })
  const { delegationId } = local.ledger.addDelegation(local.subscriberAddress, {
    spendingLimitCents: 10_000n,
  })
  const order = { planId: local.planId, payer: local.subscriberAddress, delegationId }
  expect(local.ledger.covers({ ...order, amount: 5n })).toBe(true)
  expect(local.ledger.covers({ ...order, amount: 6n })).toBe(false)
})
