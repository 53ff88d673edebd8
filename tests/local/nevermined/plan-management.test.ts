import { expect, test } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { stack } from '../../support/seller.js'
import { raw } from './support/raw.js'

const PLANS = '/api/v1/protocol/plans'

/** What `registerPlan` of @nevermined-io/payments 1.11.0 sends for a plan of 50 credits. */
function planBody(price: object): object {
  return {
    metadataAttributes: { name: 'Mine' },
    priceConfig: {
      tokenAddress: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      amounts: ['1250000', '50000'],
      receivers: ['0x209693Bc6afc0C5328bA36FaF03C514EF312287C'],
      isCrypto: true,
      ...price,
    },
    creditsConfig: {
      isRedemptionAmountFixed: false,
      durationSecs: '0',
      amount: '50',
      minAmount: '2',
      maxAmount: '5',
    },
    nonce: '123456789012345678901234567890',
    isTrialPlan: false,
    accessLimit: 'credits',
  }
}

async function registered(local: Local, price: object = {}): Promise<string> {
  const { status, body } = await raw(local, PLANS, { body: planBody(price) })
  expect([status, body]).toEqual([
    201,
    { planId: expect.stringMatching(/^\d+$/), txHash: expect.stringMatching(/^0x[\da-f]{64}$/) },
  ])
  return (body as { planId: string }).planId
}

test('a plan that is registered can be looked up, ordered and paid from', async () => {
  const local = await stack()
  const planId = await registered(local)
  expect((await raw(local, `${PLANS}/${planId}`, { key: null })).body).toMatchObject({
    id: planId,
    metadata: { main: { name: 'Mine' } },
    registry: {
      price: { isCrypto: true, amounts: ['130'] },
      credits: { amount: '50', minAmount: '2', maxAmount: '5' },
    },
  })
  const key = local.subscriberApiKey
  await raw(local, `${PLANS}/${planId}/order`, { body: {}, key })
  expect(local.ledger.balance(planId, local.subscriberAddress)).toBe(50n)
  expect(local.ledger.accounts.get(local.subscriberAddress)?.walletCents).toBe(870n)
})

test('a plan that is paid by card goes by card', async () => {
  const local = await stack()
  const planId = await registered(local, { isCrypto: false, amounts: [9_990_000] })
  expect(local.ledger.plan(planId)).toMatchObject({ fiatProvider: 'stripe', priceCents: 999n })
})

test('the plans are listed in pages', async () => {
  const local = await stack()
  const mine = await registered(local)
  const { body } = await raw(local, `${PLANS}?page=1&offset=100&sortBy=created&sortOrder=desc`)
  expect(body).toMatchObject({
    total: 2,
    page: 1,
    offset: 100,
    plans: [{ id: local.planId }, { id: mine }],
  })
  const second = await raw(local, `${PLANS}?page=2&offset=1`)
  expect(second.body).toMatchObject({ total: 2, page: 2, offset: 1, plans: [{ id: mine }] })
})

test('a plan has no agents here', async () => {
  const local = await stack()
  const path = `${PLANS}/${local.planId}/agents?page=2&offset=5`
  const { body } = await raw(local, path, { key: null })
  expect(body).toEqual({ total: 0, page: 2, offset: 5, agents: [] })
  expect((await raw(local, `${PLANS}/7/agents`)).status).toBe(404)
})

test('credits are minted for anybody', async () => {
  const local = await stack()
  const creditsReceiver = local.ledger.addAccount().address
  const body = { planId: local.planId, amount: '5', creditsReceiver }
  const answer = await raw(local, `${PLANS}/mint`, { body })
  expect(answer.body).toEqual({ success: true, txHash: expect.stringMatching(/^0x/) })
  expect(local.ledger.balance(local.planId, creditsReceiver)).toBe(5n)
  const unknown = await raw(local, `${PLANS}/mint`, { body: { ...body, planId: '7' } })
  expect([unknown.status, unknown.body]).toMatchObject([404, { code: 'BCK.PROTOCOL.0003' }])
})

test('payments-py redeems credits, once for each request', async () => {
  const local = await stack()
  const { planId, subscriberAddress } = local
  const body = { agentRequestId: 'r1', planId, redeemFrom: subscriberAddress, amount: '3' }
  const first = await raw(local, `${PLANS}/redeem`, { body })
  expect(first.body).toMatchObject({ success: true })
  expect((await raw(local, `${PLANS}/redeem`, { body })).body).toEqual(first.body)
  expect(local.balance()).toBe(97n)
  const tooMuch = { ...body, agentRequestId: 'r2', amount: '98' }
  const refused = await raw(local, `${PLANS}/redeem`, { body: tooMuch })
  expect([refused.status, refused.body]).toMatchObject([402, { code: 'BCK.CREDITS.0003' }])
})

test.each<[string, string]>([
  ['POST', PLANS],
  ['GET', PLANS],
  ['POST', `${PLANS}/mint`],
  ['POST', `${PLANS}/redeem`],
])('%s %s needs a key', async (method, path) => {
  const local = await stack()
  const body = method === 'POST' ? {} : undefined
  const answer = await raw(local, path, { method, body, key: null })
  expect([answer.status, answer.body]).toMatchObject([401, { code: 'BCK.AUTH.0002' }])
})

test.each<[string, string]>([
  ['POST', '/api/v1/fiat/stripe/payment'],
  ['POST', `${PLANS}/mintExpirable`],
  ['POST', '/api/v1/protocol/agents'],
  ['DELETE', '/api/v1/delegation/create'],
  ['GET', '/'],
])('%s %s is missing, and the answer says so', async (method, path) => {
  const local = await stack()
  const body = method === 'POST' ? {} : undefined
  const answer = await raw(local, path, { method, body })
  expect([answer.status, answer.body]).toMatchObject([
    404,
    {
      code: 'BCK.HTTP.404',
      message: `The local stack has no route ${method} ${path} of Nevermined's API. Try the call in Nevermined's sandbox.`,
    },
  ])
})
