import { expect, test } from '@jest/globals'
import { HTTPFacilitatorClient, x402ResourceServer } from '@x402/core/server'
import { ExactEvmScheme as ExactEvmServer } from '@x402/evm/exact/server'
import { UptoEvmScheme as UptoEvmServer } from '@x402/evm/upto/server'
import { paymentMiddleware, setSettlementOverrides } from '@x402/express'
import { decodePaymentResponseHeader, wrapFetchWithPayment } from '@x402/fetch'
import express from 'express'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { startLocal, type Local } from '../../src/local/index.js'
import { listen } from './chain/listen.js'
import { newAddress } from './merchants/merchant.js'
import { officialClient, officialPayment, requirementsOf } from './buyers/official-buyer.js'
import { closing } from './chain/on-chain.js'

const open = closing()

/** An account that holds a dollar. */
async function funded({ x402 }: Local) {
  const account = privateKeyToAccount(generatePrivateKey())
  await x402.fund(account.address, 1_000_000n)
  return account
}

test.each(['exact', 'upto', 'exact of v1'] as const)(
  '%s: what the official client signs is verified and settled',
  async (kind) => {
    const local = await open(startLocal())
    const account = await funded(local)
    const facilitator = new HTTPFacilitatorClient({ url: local.x402.url })
    const payTo = newAddress()
    const requirements = await requirementsOf(kind, local.x402, payTo, '2500')
    const payload = await officialPayment(account, requirements)
    const { address: payer } = account
    expect(await facilitator.verify(payload, requirements)).toEqual({ isValid: true, payer })
    const settled = await facilitator.settle(payload, requirements)
    expect(settled).toMatchObject({ success: true, payer, network: requirements.network })
    expect(await local.x402.balanceOf(payTo)).toBe(2_500n)
    expect(await local.x402.balanceOf(payer)).toBe(997_500n)
  },
)

test('an official seller with its prices in dollars sells to an official buyer', async () => {
  const local = await open(startLocal())
  const account = await funded(local)
  const payTo = newAddress()
  const facilitator = new HTTPFacilitatorClient({ url: local.x402.url })
  const server = new x402ResourceServer(facilitator)
    .register('eip155:84532', new ExactEvmServer())
    .register('eip155:84532', new UptoEvmServer())
  const terms = { network: 'eip155:84532', payTo, price: '$0.01' } as const
  const app = express()
  const routes = {
    'GET /exact': { accepts: { ...terms, scheme: 'exact' } },
    'GET /upto': { accepts: { ...terms, scheme: 'upto' } },
  }
  app.use(paymentMiddleware(routes, server))
  app.get('/exact', (_, response) => void response.json('sold'))
  app.get('/upto', (_, response) => {
    setSettlementOverrides(response, { amount: '1234' })
    response.json('sold')
  })
  const { url } = await open(listen(app))
  const buy = wrapFetchWithPayment(fetch, officialClient(account))
  for (const [path, amount] of [
    ['exact', '10000'],
    ['upto', '1234'],
  ]) {
    const answer = await buy(`${url}/${path}`)
    expect([answer.status, await answer.json()]).toEqual([200, 'sold'])
    const receipt = decodePaymentResponseHeader(answer.headers.get('payment-response') ?? '')
    expect(receipt).toMatchObject({ success: true, amount })
  }
  expect(await local.x402.balanceOf(payTo)).toBe(11_234n)
  expect(await local.x402.balanceOf(account.address)).toBe(988_766n)
})

test('an official seller asks a pending settlement again, and delivers', async () => {
  const local = await open(startLocal())
  local.x402.faults.set({ kind: 'pending' })
  const account = await funded(local)
  const payTo = newAddress()
  const facilitator = new HTTPFacilitatorClient({ url: local.x402.url })
  const server = new x402ResourceServer(facilitator).register('eip155:84532', new ExactEvmServer())
  await server.initialize()
  const requirements = await requirementsOf('exact', local.x402, payTo, '2500')
  const payload = await officialPayment(account, requirements)
  const settled = await server.settlePayment(payload, requirements)
  expect(settled).toMatchObject({ success: true })
  expect(local.x402.calls.filter(({ route }) => route === 'settle')).toHaveLength(2)
  expect(await local.x402.balanceOf(payTo)).toBe(2_500n)
})
