import { expect, test } from '@jest/globals'
import { InsufficientBudget } from '../../src/agentcore/index.js'
import { createBudget, payingFetch, receiptOf } from '../../src/client/index.js'
import { startLocal } from '../../src/local/index.js'
import { paymentUser } from '../support/payment-user.js'
import type { Chain } from './chain/chain.js'
import { startMerchant } from './merchants/merchant.js'
import { startMppMerchant } from './merchants/mpp-merchant.js'
import { closing, onChain } from './chain/on-chain.js'
import { startV1Merchant } from './merchants/v1-merchant.js'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

await onChain('AgentCore payments pay real sellers', (chain) => {
  const open = closing()

  /** A user of the local AgentCore payments service, whose wallet has ten dollars on the chain. */
  async function user(sessionLimit: string) {
    const paymentsService = { tokens: [chain.token] }
    const local = await open(startLocal({ paymentsService }))
    const { manager, ids, address } = await paymentUser(local, { limit: sessionLimit })
    const { paymentInstrumentId, paymentSessionId } = ids
    await chain.mint(address, 10_000_000n)
    const payer = manager.payer(ids)
    const left = async () => {
      const session = await manager.getPaymentSession({ paymentSessionId })
      return session.availableLimits?.availableSpendAmount?.value
    }
    return {
      manager,
      paymentInstrumentId,
      paymentSessionId,
      payer,
      service: local.paymentsService,
      left,
      address,
    }
  }

  const limits = ({ token }: Chain) => ({
    budgets: {
      [`${token.network}/${token.asset}`]: { maxAmountPerPayment: 500_000n, total: 10_000_000n },
    },
  })

  test.each([
    ['x402 v2', startMerchant],
    ['x402 v1', startV1Merchant],
    ['MPP', startMppMerchant],
  ] as const)('%s: balances and session move by the price', async (_, start) => {
    const merchant = await open(start(chain, { price: '250000' }))
    const { payer, left, address } = await user('1.00')
    const response = await payingFetch(payer, limits(chain))(`${merchant.url}/quote`)
    expect(await response.json()).toEqual({ quote: 'gold' })
    expect(receiptOf(response)).toMatchObject({ paid: 'yes', amount: '250000' })
    expect(await chain.balanceOf(merchant.payTo)).toBe(250_000n)
    expect(await chain.balanceOf(address)).toBe(9_750_000n)
    expect(await left()).toBe('0.75')
  })

  test('the session on AWS ends the shopping, and no payment is signed beyond it', async () => {
    const merchant = await open(startMerchant(chain, { price: '300000' }))
    const { payer, left, service } = await user('1.00')
    const budget = createBudget(limits(chain))
    const fetch = payingFetch(payer, budget)
    for (let i = 0; i < 3; i += 1) {
      expect((await fetch(`${merchant.url}/quote`)).status).toBe(200)
    }
    await expect(fetch(`${merchant.url}/quote`)).rejects.toBeInstanceOf(InsufficientBudget)
    expect(await chain.balanceOf(merchant.payTo)).toBe(900_000n)
    expect(await left()).toBe('0.10')
    expect(budget.standing()).toMatchObject([{ spent: 900_000n, held: 0n }])
    expect(service.sessions()[0]?.spent).toBe('0.90')
  })

  test('twenty purchases at once take from the session what three cost', async () => {
    const merchant = await open(startMerchant(chain, { price: '300000' }))
    const { payer, left } = await user('1.00')
    const fetch = payingFetch(payer, limits(chain))
    const calls = Array.from({ length: 20 }, () => fetch(`${merchant.url}/quote`))
    const ended = await Promise.allSettled(calls)
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect(await chain.balanceOf(merchant.payTo)).toBe(900_000n)
    expect(await left()).toBe('0.10')
  })

  test('generatePaymentHeader alone pays what fetch was asked', async () => {
    const merchant = await open(startMerchant(chain, { price: '250000' }))
    const { manager, paymentInstrumentId, paymentSessionId } = await user('1.00')
    const asked = await fetch(`${merchant.url}/quote`)
    const header = await manager.generatePaymentHeader({
      paymentInstrumentId,
      paymentSessionId,
      paymentRequiredRequest: {
        statusCode: asked.status,
        headers: Object.fromEntries(asked.headers),
        body: await asked.text(),
      },
    })
    expect(Object.keys(header)).toEqual(['PAYMENT-SIGNATURE'])
    const response = await fetch(`${merchant.url}/quote`, { headers: { ...header } })
    expect(response.status).toBe(200)
    expect(await chain.balanceOf(merchant.payTo)).toBe(250_000n)
  })

  test('an answer of ProcessPayment that is lost is one payment all the same', async () => {
    const merchant = await open(startMerchant(chain, { price: '250000' }))
    const { payer, left, service } = await user('1.00')
    service.faults.set({ operation: 'ProcessPayment', kind: 'lost-answer' })
    const response = await payingFetch(payer, limits(chain))(`${merchant.url}/quote`)
    expect(response.status).toBe(200)
    expect(await chain.balanceOf(merchant.payTo)).toBe(250_000n)
    expect(await left()).toBe('0.75')
  })
})
