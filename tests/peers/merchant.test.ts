import { expect, test } from '@jest/globals'
import { decodePaymentResponseHeader, wrapFetchWithPayment } from '@x402/fetch'
import { closing, onChain } from './chain/on-chain.js'
import { startMerchant } from './merchants/merchant.js'
import { startMppMerchant } from './merchants/mpp-merchant.js'
import { startV1Merchant } from './merchants/v1-merchant.js'
import { funded, mppClientOf, x402ClientOf } from './chain/wallet-payer.js'

await onChain('merchants that the official buyers buy from', (chain) => {
  const opened = closing()

  test('@x402/fetch buys, and balances move by exactly the price', async () => {
    const { url, payTo, price, sold } = await opened(startMerchant(chain))
    const account = await funded(chain, 10_000n)
    const paying = wrapFetchWithPayment(fetch, x402ClientOf(account))
    const response = await paying(`${url}/quote`)
    expect(await response.json()).toEqual({ quote: 'gold' })
    expect(await chain.balanceOf(account.address)).toBe(10_000n - price)
    expect(await chain.balanceOf(payTo)).toBe(price)
    expect(sold).toHaveLength(1)
    const receipt = decodePaymentResponseHeader(response.headers.get('payment-response') ?? '')
    const transfers = (await chain.transfers()).filter(({ to }) => to === payTo)
    expect(transfers).toEqual([
      {
        asset: chain.token.asset,
        from: account.address,
        to: payTo,
        value: price,
        transaction: receipt.transaction,
      },
    ])
  })

  test('a payment is good for one purchase', async () => {
    const { url, payTo, price, facilitator } = await opened(startMerchant(chain))
    const account = await funded(chain, 10_000n)
    const sent: Headers[] = []
    const recording: typeof fetch = (input, init) => {
      const request = new Request(input, init)
      sent.push(request.headers)
      return fetch(request)
    }
    const paying = wrapFetchWithPayment(recording, x402ClientOf(account))
    expect((await paying(`${url}/quote`)).status).toBe(200)
    const again = { headers: { 'payment-signature': sent[1]?.get('payment-signature') ?? '' } }
    expect((await fetch(`${url}/quote`, again)).status).toBe(402)
    expect((await fetch(`${url}/report`, again)).status).toBe(402)
    expect(await chain.balanceOf(payTo)).toBe(price)
    expect((await paying(`${url}/quote`)).status).toBe(200)
    expect(facilitator.settlements.map(({ success }) => success)).toEqual([true, true])
  })

  test('eight purchases at once all work', async () => {
    const { url, payTo, price } = await opened(startMerchant(chain))
    const account = await funded(chain, 8n * price)
    const paying = wrapFetchWithPayment(fetch, x402ClientOf(account))
    const buy = () => paying(`${url}/report`, { method: 'POST', body: 'x' })
    const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await buy()).status))
    expect(statuses).toEqual(Array.from({ length: 8 }, () => 200))
    expect(await chain.balanceOf(payTo)).toBe(8n * price)
    expect(await chain.balanceOf(account.address)).toBe(0n)
  })

  test('@x402/fetch buys from the seller of version 1', async () => {
    const { url, payTo, price } = await opened(startV1Merchant(chain))
    const account = await funded(chain, price)
    const paying = wrapFetchWithPayment(fetch, x402ClientOf(account))
    const response = await paying(`${url}/quote`)
    expect(await response.json()).toEqual({ quote: 'gold' })
    expect(response.headers.get('x-payment-response')).not.toBeNull()
    expect(await chain.balanceOf(payTo)).toBe(price)
    const refused = await fetch(`${url}/quote`, { headers: { 'x-payment': 'e30=' } })
    expect(refused.status).toBe(402)
  })

  test('the client of mppx buys from the seller of MPP, once for each payment', async () => {
    const { url, payTo, price, sold } = await opened(startMppMerchant(chain))
    const account = await funded(chain, 10_000n)
    const mppx = mppClientOf(account, chain.token)
    const asked = await fetch(`${url}/quote`)
    expect(asked.status).toBe(402)
    expect(asked.headers.get('payment-required')).toBeNull()
    const headers = { authorization: await mppx.createCredential(asked) }
    const response = await fetch(`${url}/quote`, { headers })
    expect(await response.json()).toEqual({ quote: 'gold' })
    expect(response.headers.get('payment-receipt')).not.toBeNull()
    expect((await fetch(`${url}/quote`, { headers })).status).toBe(402)
    expect(await chain.balanceOf(payTo)).toBe(price)
    expect(await chain.balanceOf(account.address)).toBe(10_000n - price)
    expect(sold).toHaveLength(1)
  })

  test('a seller of both takes either', async () => {
    const both = startMppMerchant(chain, { protocols: ['mpp', 'x402'] })
    const { url, payTo, price } = await opened(both)
    const account = await funded(chain, 2n * price)
    const { headers } = await fetch(`${url}/quote`)
    expect(headers.get('www-authenticate')).toMatch(/^Payment /)
    expect(headers.get('payment-required')).not.toBeNull()
    const ways = [
      wrapFetchWithPayment(fetch, x402ClientOf(account)),
      mppClientOf(account, chain.token).fetch,
    ]
    for (const paying of ways) expect((await paying(`${url}/quote`)).status).toBe(200)
    expect(await chain.balanceOf(payTo)).toBe(2n * price)
  })
})
