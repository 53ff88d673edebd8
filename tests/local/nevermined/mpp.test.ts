import { expect, test } from '@jest/globals'
import type { Local } from '../../../src/local/index.js'
import { stack } from '../../support/seller.js'
import {
  MPP,
  challenged,
  credentialFor,
  decoded,
  encoded,
  minted,
  paramsIn,
  redeem,
} from './support/mpp.js'
import { VERIFY, permissionBody, raw } from './support/raw.js'

const DIGEST = 'sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE='

test('a challenge names plan and credits, and lasts five minutes', async () => {
  const nowMs = Date.UTC(2026, 0, 1)
  const local = await stack({ now: () => nowMs })
  const description = 'Ein "Gruß" \\ more'
  const challenge = await challenged(local, { agentId: 'a1', digest: DIGEST, description })
  const { id, request, opaque, ...params } = paramsIn(challenge)
  expect(params).toEqual({
    realm: 'agentcore-x402 local',
    method: 'nevermined',
    intent: 'charge',
    expires: '2026-01-01T00:05:00.000Z',
    digest: DIGEST,
    description: 'Ein "Gru?" \\ more',
  })
  expect(decoded(request ?? '')).toEqual({ planId: local.planId, credits: '2', agentId: 'a1' })
  const other = paramsIn(await challenged(local, { agentId: 'a1', digest: DIGEST, description }))
  expect([other['id'], other['opaque']]).not.toEqual([id, opaque])
})

test('a buyer pays a challenge once, however often it is settled', async () => {
  const local = await stack()
  const credential = credentialFor(await challenged(local), await minted(local))
  const verified = await redeem(local, MPP.verify, credential)
  expect([verified.status, verified.body]).toEqual([
    200,
    {
      isValid: true,
      payer: local.subscriberAddress,
      network: 'eip155:84532',
      agentRequestId: expect.any(String),
    },
  ])
  expect(local.balance()).toBe(100n)
  const first = await redeem(local, MPP.settle, credential)
  expect(first.body).toMatchObject({
    success: true,
    payer: local.subscriberAddress,
    creditsRedeemed: '2',
    remainingBalance: '98',
    billingModel: 'credits',
  })
  const { transaction, paymentReceipt } = first.body as Record<string, string>
  expect(decoded(paymentReceipt ?? '')).toEqual({
    method: 'nevermined',
    reference: transaction,
    status: 'success',
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
  })
  const again = await redeem(local, MPP.settle, credential)
  expect(again.body).toMatchObject({ success: true, transaction })
  expect([local.balance(), local.ledger.settlements.length]).toEqual([98n, 1])
})

test('an agent is named to the seller', async () => {
  const local = await stack()
  const agentId = 'a1'
  const credential = credentialFor(
    await challenged(local, { agentId }),
    await minted(local, { agentId }),
  )
  const { body } = await redeem(local, MPP.verify, credential)
  expect(body).toMatchObject({ isValid: true, agentRequest: { agentId } })
})

test('a settlement orders credits from the delegation of the token', async () => {
  const local = await stack({ credits: 1n })
  const { delegationId } = local.ledger.addDelegation(local.subscriberAddress, {
    spendingLimitCents: 500n,
  })
  const credential = credentialFor(await challenged(local), await minted(local, { delegationId }))
  const { body } = await redeem(local, MPP.settle, credential)
  expect(body).toMatchObject({ success: true, orderTx: expect.stringMatching(/^0x/) })
  expect(local.balance()).toBe(99n)
})

interface Bad {
  challenge?: Record<string, unknown>
  /** Changes to the challenge that the buyer sends. */
  changes?: (local: Local) => Record<string, unknown>
  token?: (local: Local) => string | Promise<string>
  redeem?: Record<string, unknown>
  credits?: bigint
}

const REFUSED: [string, Bad][] = [
  ['is for another resource', { redeem: { resource: '/gold' } }],
  ['is for another verb', { redeem: { httpVerb: 'POST' } }],
  [
    'names a lower price',
    { changes: ({ planId }) => ({ request: encoded({ planId, credits: '1' }) }) },
  ],
  ['names another plan', { changes: () => ({ request: encoded({ planId: '7', credits: '2' }) }) }],
  ['lasts longer than it should', { changes: () => ({ expires: '2099-01-01T00:00:00.000Z' }) }],
  ['has another id', { changes: () => ({ id: '0x00' }) }],
  ['drops the digest', { challenge: { digest: DIGEST }, changes: () => ({ digest: undefined }) }],
  ['comes with a token of x402', { token: (local) => local.accessToken() }],
  ['comes with no token', { token: () => 'none' }],
  [
    'comes with a token of another plan',
    { token: (local) => minted(local, { planId: local.ledger.addPlan().planId }) },
  ],
  [
    'comes with a token of another agent',
    { challenge: { agentId: 'a1' }, token: (local) => minted(local, { agentId: 'a2' }) },
  ],
  ['is not covered', { credits: 1n }],
]

test.each(REFUSED)('a credential that %s is refused, and nobody is told why', async (_, bad) => {
  const local = await stack(bad.credits === undefined ? {} : { credits: bad.credits })
  const token = (await bad.token?.(local)) ?? (await minted(local))
  const challenge = await challenged(local, bad.challenge)
  const credential = credentialFor(challenge, token, bad.changes?.(local))
  for (const path of [MPP.verify, MPP.settle]) {
    const { status, body } = await redeem(local, path, credential, bad.redeem)
    expect([status, body]).toMatchObject([
      402,
      { code: 'BCK.MPP.0003', message: 'The credential was rejected', retryable: false },
    ])
  }
  expect(local.ledger.settlements).toEqual([])
})

test.each(['', 'Payment', 'Payment e30', 'Payment !', 'Bearer abc'])(
  'the credential %j is refused',
  async (credential) => {
    const local = await stack()
    const { status, body } = await redeem(local, MPP.verify, credential)
    expect([status, body]).toMatchObject([402, { code: 'BCK.MPP.0003' }])
  },
)

test('a challenge of another stack is refused', async () => {
  const [local, other] = [await stack(), await stack()]
  const challenge = await challenged(other, { planId: other.planId })
  const { body } = await redeem(local, MPP.verify, credentialFor(challenge, await minted(local)))
  expect(body).toMatchObject({ code: 'BCK.MPP.0003' })
})

test('an expired challenge says so: the buyer may fetch a new one', async () => {
  let nowMs = Date.UTC(2026, 0, 1)
  const local = await stack({ now: () => nowMs })
  const credential = credentialFor(await challenged(local), await minted(local))
  nowMs += 299_999
  expect((await redeem(local, MPP.verify, credential)).status).toBe(200)
  nowMs += 1
  const { status, body } = await redeem(local, MPP.verify, credential)
  expect([status, body]).toMatchObject([402, { code: 'BCK.MPP.0004', retryable: true }])
})

test.each<[string, Record<string, unknown>, string | undefined]>([
  ['the same body', { bodyDigest: DIGEST }, undefined],
  ['another body', { bodyDigest: `${DIGEST}x` }, 'BCK.MPP.0005'],
  ['no body', {}, 'BCK.MPP.0005'],
  ['null', { bodyDigest: null }, 'BCK.MPP.0005'],
])('a challenge with a digest is redeemed with %s: %s', async (_, more, code) => {
  const local = await stack()
  const credential = credentialFor(await challenged(local, { digest: DIGEST }), await minted(local))
  const { body } = await redeem(local, MPP.verify, credential, more)
  expect((body as { code?: string }).code).toBe(code)
})

test('the verb may be written in any case', async () => {
  const local = await stack()
  const credential = credentialFor(
    await challenged(local, { httpVerb: 'get' }),
    await minted(local),
  )
  expect((await redeem(local, MPP.verify, credential)).status).toBe(200)
})

test('a token of MPP is no token of x402', async () => {
  const local = await stack()
  const { body } = await raw(local, VERIFY, {
    body: permissionBody(local, { token: await minted(local) }),
  })
  expect(body).toMatchObject({ code: 'BCK.X402.0005' })
})

test.each<[string, Record<string, unknown>, number, string]>([
  ['a plan that nobody knows', { planId: '7' }, 404, 'BCK.PROTOCOL.0003'],
  ['less than nothing', { credits: '-1' }, 400, 'BCK.HTTP.400'],
  ['half a credit', { credits: 0.5 }, 400, 'BCK.HTTP.400'],
  ['no resource', { resource: undefined }, 400, 'BCK.HTTP.400'],
])('no challenge is issued for %s', async (_, more, status, code) => {
  const local = await stack()
  const body = { planId: local.planId, credits: '2', resource: '/', httpVerb: 'GET', ...more }
  const answer = await raw(local, MPP.challenge, { body })
  expect([answer.status, answer.body]).toMatchObject([status, { code }])
})

test('no challenge is issued for a plan that is paid by card', async () => {
  const local = await stack({ plan: { fiatProvider: 'stripe' } })
  const body = { planId: local.planId, credits: '2', resource: '/', httpVerb: 'GET' }
  const answer = await raw(local, MPP.challenge, { body })
  expect([answer.status, answer.body]).toMatchObject([400, { code: 'BCK.MPP.0001' }])
})

test.each(Object.values(MPP))('%s needs a key of this stack', async (path) => {
  const [local, other] = [await stack(), await stack()]
  for (const key of [null, other.nvmApiKey]) {
    expect((await raw(local, path, { body: {}, key })).status).toBe(401)
  }
})

test('faults can be set on each of its routes', async () => {
  const local = await stack()
  const credential = credentialFor(await challenged(local), await minted(local))
  local.faults.set({ route: 'mpp-verify', kind: 'refuse', reason: 'no' })
  local.faults.set({ route: 'mpp-settle', kind: 'refuse', reason: 'no' })
  const verified = await redeem(local, MPP.verify, credential)
  expect(verified.body).toEqual({ isValid: false, invalidReason: 'no' })
  const settled = await redeem(local, MPP.settle, credential)
  expect(settled.body).toMatchObject({ success: false, errorReason: 'no' })
  const routes = local.calls.map(({ route }) => route)
  expect(routes).toEqual(['mpp-challenge', 'mpp-permissions', 'mpp-verify', 'mpp-settle'])
})
