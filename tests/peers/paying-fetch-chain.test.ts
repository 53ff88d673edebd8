import { expect, test } from '@jest/globals'
import { payingFetch, receiptOf } from '../../src/client/index.js'
import { rejection } from '../client/support/mcp-shop.js'
import { BUYERS, allowing, fetchBuyer } from './buyers/buyers.js'
import { startCrook } from './merchants/crook.js'
import { newAddress, startMerchant, type Merchant } from './merchants/merchant.js'
import { startMppMerchant } from './merchants/mpp-merchant.js'
import { closing, onChain } from './chain/on-chain.js'
import { sceneOf } from './merchants/scene.js'
import { SELLERS } from './merchants/sellers.js'
import { honest } from './merchants/tricks.js'
import { funded, walletPayer } from './chain/wallet-payer.js'

const EVERYWHERE = BUYERS.flatMap(([name, buyer]) =>
  SELLERS.map((kind) => [name, kind.protocol, buyer, kind] as const),
)

await onChain('what a paying client buys, as the chain sees it', (chain) => {
  const opened = closing()

  test.each(EVERYWHERE)(
    '%s buys from a seller of %s, and balances move by exactly the price',
    async (_client, _seller, buyer, { scheme, start }) => {
      const seller = await opened(start(chain))
      const scene = await sceneOf(chain, buyer, seller)
      const { status, text, receipt } = await scene.buy(`${seller.url}/quote?of=gold`)
      expect({ status, text }).toEqual({ status: 200, text: '{"quote":"gold"}' })
      expect(await scene.spent()).toBe(seller.price)
      expect(await scene.earned()).toBe(seller.price)
      const [payment, ...more] = await scene.payments()
      expect(more).toEqual([])
      expect(payment).toMatchObject({ to: seller.payTo, value: seller.price })
      expect(receipt).toMatchObject({
        paid: 'yes',
        amount: seller.price.toString(),
        transaction: payment?.transaction,
      })
      expect(scene.counted()).toBe(seller.price)
      expect(scene.payer.calls).toHaveLength(1)
      expect(scene.payer.calls[0]?.requirement.scheme).toBe(scheme)
      expect(seller.sold).toHaveLength(1)
    },
  )

  test.each(EVERYWHERE)(
    '%s pays a seller of %s nothing that is above the limit',
    async (_client, _seller, buyer, { start }) => {
      const seller = await opened(start(chain))
      const limits = allowing(chain, seller.price - 1n, 1_000_000n)
      const scene = await sceneOf(chain, buyer, seller, { limits })
      const error = await rejection(scene.buy(`${seller.url}/quote`))
      expect(error).toMatchObject({ name: 'PaymentLimitError', limit: 'maxAmountPerPayment' })
      expect(scene.payer.calls).toEqual([])
      expect(await scene.payments()).toEqual([])
      expect(seller.sold).toEqual([])
    },
  )

  test.each(BUYERS)('%s pays in no asset but those of its limits', async (_, buyer) => {
    const token = await chain.deployToken()
    const seller = await opened(startMerchant(chain, { token }))
    const scene = await sceneOf(chain, buyer, seller, { token })
    const error = await rejection(scene.buy(`${seller.url}/quote`))
    expect(error).toMatchObject({ name: 'PaymentLimitError', limit: 'budgets' })
    expect(await scene.payments()).toEqual([])
    expect(await chain.balanceOf(seller.payTo, token.asset)).toBe(0n)
  })

  test.each(BUYERS)('%s pays nobody but the payees of its limits', async (_, buyer) => {
    const seller = await opened(startMerchant(chain))
    const payees = [newAddress()]
    const scene = await sceneOf(chain, buyer, seller, { limits: { payees } })
    const error = await rejection(scene.buy(`${seller.url}/quote`))
    expect(error).toMatchObject({ name: 'PaymentLimitError', limit: 'payees' })
    expect(await scene.payments()).toEqual([])
    const fitting = await sceneOf(chain, buyer, seller, { limits: { payees: [seller.payTo] } })
    expect((await fitting.buy(`${seller.url}/quote`)).status).toBe(200)
    expect(await fitting.spent()).toBe(seller.price)
  })

  test.each(EVERYWHERE)(
    '%s makes ten of a hundred calls at once to a seller of %s with a budget for ten',
    async (_client, _seller, buyer, { start }) => {
      const seller = await opened(start(chain))
      const scene = await sceneOf(chain, buyer, seller, { budgetFor: 10 })
      const calls = Array.from({ length: 100 }, (_, i) => scene.buy(`${seller.url}/quote?n=${i}`))
      const endings = await Promise.allSettled(calls)
      const refused = endings.filter((one) => one.status === 'rejected')
      expect(refused).toHaveLength(90)
      for (const { reason } of refused) {
        expect(reason).toMatchObject({ name: 'PaymentLimitError', limit: 'total' })
      }
      expect((await scene.payments()).map(({ value }) => value)).toEqual(
        Array.from({ length: 10 }, () => seller.price),
      )
      expect(await scene.spent()).toBe(10n * seller.price)
      expect(seller.sold).toHaveLength(10)
    },
    20_000,
  )

  test('clients that share a budget do not overspend it together', async () => {
    const seller = await opened(startMerchant(chain))
    const { budget, payer, spent } = await sceneOf(chain, fetchBuyer, seller, { budgetFor: 5 })
    const buys = BUYERS.map(([, buyer]) => buyer(payer, budget))
    const calls = Array.from({ length: 10 }, () => buys.map((buy) => buy(`${seller.url}/quote`)))
    const endings = await Promise.allSettled(calls.flat())
    expect(endings.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    expect(await spent()).toBe(5n * seller.price)
  })

  test('eight calls at once each get what they paid for', async () => {
    const seller = await opened(startMerchant(chain))
    const scene = await sceneOf(chain, fetchBuyer, seller, { budgetFor: 8 })
    const texts = Array.from({ length: 8 }, (_, i) => `report ${i}`)
    const answers = await Promise.all(
      texts.map((body) => scene.buy(`${seller.url}/report`, { method: 'POST', body })),
    )
    expect(answers.map(({ text }) => reportedBody(text).toString())).toEqual(texts)
    const transactions = new Set(answers.map(({ receipt }) => receipt.transaction))
    expect(transactions).toEqual(
      new Set((await scene.payments()).map(({ transaction }) => transaction)),
    )
    expect(transactions.size).toBe(8)
  })

  const BYTES = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) % 256)

  const BODIES: [string, () => RequestInit, Buffer, string | undefined][] = [
    ['bytes', () => ({ body: BYTES }), Buffer.from(BYTES), undefined],
    ['text', () => ({ body: 'zwölf €' }), Buffer.from('zwölf €'), 'text/plain;charset=UTF-8'],
    [
      'a form',
      () => ({ body: new URLSearchParams({ q: 'a b&c' }) }),
      Buffer.from('q=a+b%26c'),
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
    [
      'a blob',
      () => ({ body: new Blob([BYTES], { type: 'image/png' }) }),
      Buffer.from(BYTES),
      'image/png',
    ],
    [
      'a stream',
      () => ({ body: new Blob([BYTES]).stream(), duplex: 'half' }),
      Buffer.from(BYTES),
      undefined,
    ],
  ]

  test.each(BODIES)('a body of %s is sold as it was sent', async (_, init, sent, type) => {
    const seller: Merchant = await opened(startMerchant(chain))
    const account = await funded(chain, seller.price)
    const payer = walletPayer(account, chain.token)
    const paying = payingFetch(payer, allowing(chain, seller.price))
    const headers = { 'x-trace': '42' }
    const response = await paying(`${seller.url}/report`, { method: 'PUT', headers, ...init() })
    const [sale] = seller.sold
    expect(sale).toMatchObject({ method: 'PUT', path: '/report' })
    expect(sale?.body.equals(sent)).toBe(true)
    expect(sale?.headers['content-type']).toBe(type)
    expect(sale?.headers['x-trace']).toBe('42')
    expect(reportedBody(await response.text()).equals(sent)).toBe(true)
    expect(receiptOf(response).paid).toBe('yes')
    expect(await chain.balanceOf(seller.payTo)).toBe(seller.price)
  })

  test.each(BUYERS)('%s keeps an Authorization that the call has of its own', async (_, buyer) => {
    const headers = { authorization: 'Bearer mine' }
    const mpp = await opened(startMppMerchant(chain))
    const refused = await sceneOf(chain, buyer, mpp)
    const error = await rejection(refused.buy(`${mpp.url}/quote`, { headers }))
    expect(error).toMatchObject({ code: 'payment_unusable' })
    expect(await refused.payments()).toEqual([])

    const x402 = await opened(startMerchant(chain))
    const { url, requests } = await opened(startCrook(honest, x402))
    const scene = await sceneOf(chain, buyer, x402)
    expect((await scene.buy(`${url}/quote`, { headers })).status).toBe(200)
    expect(requests.map((one) => one.headers.authorization)).toEqual(['Bearer mine', 'Bearer mine'])
    expect(await scene.spent()).toBe(x402.price)
  })

  test.each(BUYERS)('%s pays nothing where a wallet is empty, and says so', async (_, buyer) => {
    const seller = await opened(startMerchant(chain))
    const account = await funded(chain, 0n)
    const buy = buyer(walletPayer(account, chain.token), allowing(chain, seller.price))
    const { status, receipt } = await buy(`${seller.url}/quote`)
    expect(status).toBe(402)
    expect(receipt.paid).not.toBe('yes')
    expect(await chain.balanceOf(seller.payTo)).toBe(0n)
    expect(seller.sold).toEqual([])
  })
})

/** What `/report` says it was sent. */
function reportedBody(text: string): Buffer {
  return Buffer.from((JSON.parse(text) as { body: string }).body, 'base64')
}
