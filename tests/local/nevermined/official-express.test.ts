import { expect, test } from '@jest/globals'
import { started } from '../support/gateway.js'
import { OfficialPayments } from './support/official-client.js'
import { officialExpress, officialMppFetch } from './support/official-express.js'
import { stack } from '../../support/seller.js'

async function shop() {
  const local = await stack()
  const { url } = started.add(await officialExpress(local))
  const buyer = new OfficialPayments(local, local.subscriberApiKey)
  const { delegationId } = await buyer.delegation.createDelegation({
    provider: 'erc4337',
    spendingLimitCents: 1000,
    durationSecs: 3600,
    currency: 'usdc',
  })
  return { local, url: `${url}/quote`, delegationId }
}

test('an official express seller with MPP is paid by an official buyer', async () => {
  const { local, url, delegationId } = await shop()
  expect(await officialMppFetch(local, url, delegationId)).toEqual({
    status: 200,
    body: { quote: 42 },
    receipt: {
      method: 'nevermined',
      reference: local.ledger.settlements[0]?.transaction,
      status: 'success',
      timestamp: expect.any(String),
    },
    presented: 1,
  })
  expect(local.balance()).toBe(98n)
  const calls = local.calls.map(({ path, status }) => `${path} ${status}`)
  expect(calls).toEqual([
    '/api/v1/delegation/create 201',
    '/api/v1/mpp/challenge 201',
    '/api/v1/mpp/permissions 200',
    '/api/v1/mpp/verify 200',
    '/api/v1/mpp/settle 200',
  ])
})

test('a buyer without credits is refused twice, and pays nothing', async () => {
  const { local, url, delegationId } = await shop()
  local.ledger.credit(local.planId, local.subscriberAddress, -100n)
  const delegation = local.ledger.delegations.get(delegationId)
  if (delegation) delegation.status = 'Revoked'
  const { status, body, presented } = await officialMppFetch(local, url, delegationId)
  expect([status, presented]).toEqual([402, 2])
  expect(body).toMatchObject({ code: 'BCK.MPP.0003' })
  expect(local.ledger.settlements).toEqual([])
})

test('a seller that gets no challenge from its backend answers 500', async () => {
  const { local, url } = await shop()
  local.faults.set({ route: 'mpp-challenge', kind: 'error', status: 501, code: 'BCK.MPP.0002' })
  expect((await fetch(url)).status).toBe(500)
})
