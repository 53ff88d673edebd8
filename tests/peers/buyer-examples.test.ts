import { expect, test } from '@jest/globals'
import type { Address } from 'viem'
import { PaymentManager } from '../../src/agentcore/index.js'
import { startLocal } from '../../src/local/index.js'
import { walletAndSession } from '../support/payment-user.js'
import { startMerchant } from './merchants/merchant.js'
import { closing, onChain } from './chain/on-chain.js'

await onChain('examples of a buyer', (chain) => {
  const open = closing()

  /** What the examples read from the environment. */
  async function prepared(price: string) {
    const merchant = await open(startMerchant(chain, { price }))
    const local = await open(startLocal({ paymentsService: { tokens: [chain.token] } }))
    const { paymentManagerArn, paymentConnectorId } = local.paymentsService.addManager()
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: local.url,
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      PAYMENT_MANAGER_ARN: paymentManagerArn,
      PAYMENT_USER_ID: 'ada',
      PAYMENT_ASSET: `${chain.token.network}/${chain.token.asset}`,
    })
    const manager = new PaymentManager({ paymentManagerArn, userId: 'ada' })
    const ids = await walletAndSession(manager, paymentConnectorId, { limit: '0.015' })
    process.env['PAYMENT_INSTRUMENT_ID'] = ids.paymentInstrumentId
    process.env['PAYMENT_SESSION_ID'] = ids.paymentSessionId
    const address = local.paymentsService.instruments()[0]?.address as Address
    await chain.mint(address, 1_000_000n)
    return merchant
  }

  test('paying-fetch buys, until the session on AWS is used up', async () => {
    const merchant = await prepared('10000')
    const { buy, budget } = await import('../../examples/paying-fetch.js')
    expect(await buy(`${merchant.url}/quote`)).toBe('200 {"quote":"gold"} for 10000')
    expect(await buy(`${merchant.url}/quote`)).toMatch(/^not bought: .* remaining budget/)
    expect(budget.standing()).toMatchObject([{ spent: 10_000n, held: 0n }])
    expect(await chain.balanceOf(merchant.payTo)).toBe(10_000n)
  })

  test('paying-fetch does not buy what costs more than a cent', async () => {
    const merchant = await open(startMerchant(chain, { price: '10001' }))
    const { buy } = await import('../../examples/paying-fetch.js')
    expect(await buy(`${merchant.url}/quote`)).toMatch(
      /^not bought: limits\.maxAmountPerPayment forbids .*asked: 10001 .*at most 10000/,
    )
    expect(await chain.balanceOf(merchant.payTo)).toBe(0n)
  })

  test('payment-header pays a cent, and nothing dearer', async () => {
    const merchant = await prepared('10000')
    const dear = await open(startMerchant(chain, { price: '10001' }))
    const { buy } = await import('../../examples/payment-header.js')
    expect((await buy(`${merchant.url}/quote`)).status).toBe(200)
    await expect(buy(`${dear.url}/quote`)).rejects.toMatchObject({ code: 'limit_exceeded' })
    expect(await chain.balanceOf(merchant.payTo)).toBe(10_000n)
    expect(await chain.balanceOf(dear.payTo)).toBe(0n)
  })
})
