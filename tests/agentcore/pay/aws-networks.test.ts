// Networks of AWS Marketplace have a wire that is not known well enough: no buyer pays there.
import { expect, test } from '@jest/globals'
import { createBudget, payingFetch, type PaymentLimits } from '../../../src/client/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { get, reasonsOf, shopper } from '../../strands/support/agent.js'
import { answering } from '../support/answering.js'
import { ACCEPT_V1, challengeV1, challengeV2, paying } from '../support/payment-header.js'
import { failure } from '../support/payment-manager.js'
import { ACCEPT, BASE_SEPOLIA_USDC } from '../../local/agentcore/support/payments-service.js'

const AWS = ['aws:base', 'AWS:base-sepolia', 'aws:marketplace:us-east-1']
const on = (network: string) => ({ ...ACCEPT, network })
const NOTHING_CAN_SIGN = /aws:.*where nothing can sign; nothing was paid$/i

test.each(AWS)('a quote on %s alone is refused by name before AWS is asked', async (network) => {
  const { pay, asked } = await paying()
  const quotes = [challengeV2([on(network)]), challengeV1([{ ...ACCEPT_V1, network }])]
  for (const body of quotes) {
    const error = await failure(pay({ body }))
    expect(error).toMatchObject({ code: 'payment_unusable' })
    expect(String(error)).toMatch(NOTHING_CAN_SIGN)
  }
  expect(asked()).toEqual([])
})

test('beside another network it is skipped', async () => {
  const { pay, asked } = await paying()
  await pay({ body: challengeV2([...AWS.map(on), ACCEPT]) })
  expect(asked()[0]?.cryptoX402?.payload).toEqual(ACCEPT)
})

const ALLOWANCE = { maxAmountPerPayment: 10_000n, total: 10_000n }
const LIMITS = { budgets: { [`eip155:84532/${BASE_SEPOLIA_USDC}`]: ALLOWANCE } }

async function seller(...accepts: object[]) {
  const asked = encodeHeader({ ...challengeV2(accepts), resource: { url: '/' } })
  const paid: unknown[] = []
  const { url } = await answering((request, response) => {
    if (request.headers['payment-signature'] !== undefined)
      return response.end(String(paid.push(1)))
    return response.writeHead(402, { 'payment-required': asked }).end()
  })
  return { url, paid }
}

test.each(AWS)('payingFetch refuses %s by name, and skips it beside another', async (network) => {
  const { managerWith, paymentInstrumentId, paymentSessionId } = await paying()
  const manager = managerWith({ paymentInstrumentId, paymentSessionId })
  const [alone, beside] = [await seller(on(network)), await seller(on(network), ACCEPT)]
  const budget = createBudget(LIMITS)
  const error = await failure(payingFetch(manager, budget)(alone.url))
  expect(error).toMatchObject({ code: 'limit_exceeded', limit: 'networks' })
  expect(String(error)).toMatch(/aws:.* where nothing can sign/i)
  await payingFetch(manager, budget)(beside.url)
  expect([alone.paid, beside.paid]).toEqual([[], [1]])
})

test('a plan whose quote is on such a network is not paid either', async () => {
  const plan = { scheme: 'nvm:erc4337', network: 'aws:base', planId: '1', extra: { version: '1' } }
  const { url } = await seller(plan)
  const never = () => Promise.reject(new Error('asked'))
  const limits = {
    credits: { maxAmountPerPayment: 1n, total: 1n },
    plans: ['1'],
    allowUnstatedPrice: true,
  }
  const error = await failure(payingFetch(never, limits)(url))
  expect(error).toMatchObject({ code: 'limit_exceeded', limit: 'networks' })
})

test.each<[string, Partial<PaymentLimits>, string]>([
  [
    'an asset there',
    { budgets: { 'aws:base/0x1': ALLOWANCE } },
    'limits.budgets.aws:base/0x1: aws:*',
  ],
  ['such a network', { networks: ['eip155:8453', 'aws:base'] }, 'networks: aws:*'],
])('limits with %s are refused', (_, limits, message) => {
  expect(() => createBudget({ ...LIMITS, ...limits })).toThrow(message)
})

test('limits of managers and plugins are refused as well', async () => {
  const { managerWith } = await paying()
  expect(() => managerWith({ limits: { assets: ['aws:base/0x1'] } })).toThrow(
    'limits.assets[0]: aws:*',
  )
  expect(() => managerWith({ networkPreferences: ['aws:base'] })).toThrow('networkPreferences[0]')
  await expect(shopper({ limits: { assets: ['0x1', 'aws:base/0x1'] } })).rejects.toThrow(
    'limits.assets[1]: aws:*',
  )
})

test('an agent is told which network it is', async () => {
  const { agentThat, calls } = await shopper()
  const { url } = await seller(on('aws:base'))
  const result = await agentThat([{ tools: [get(url)] }]).agent.invoke('buy it')
  expect(reasonsOf(result)).toMatchObject([
    { exceptionMessage: expect.stringMatching(NOTHING_CAN_SIGN) },
  ])
  expect(calls('ProcessPayment')).toEqual([])
})
