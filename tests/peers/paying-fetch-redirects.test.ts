import { expect, test } from '@jest/globals'
import { rejection } from '../client/support/mcp-shop.js'
import { BUYERS, axiosBuyer, fetchBuyer } from './buyers/buyers.js'
import { startCrook, startWitness, type Crook, type Trick } from './merchants/crook.js'
import { newAddress, startMerchant } from './merchants/merchant.js'
import { closing, onChain } from './chain/on-chain.js'
import { sceneOf } from './merchants/scene.js'
import { SELLERS } from './merchants/sellers.js'
import { redirects } from './merchants/tricks.js'

const STATUSES = [301, 302, 303, 307, 308]

const PAID = BUYERS.flatMap(([name, buyer]) =>
  SELLERS.flatMap(({ protocol, start }) =>
    STATUSES.map((status) => [name, protocol, status, buyer, start] as const),
  ),
)

const UNPAID = BUYERS.flatMap(([name, buyer]) =>
  STATUSES.map((status) => [name, status, buyer] as const),
)

/** Nothing of a payment, wherever it could have gone. */
function expectUnpaid({ requests, paid }: Crook, payment: string): void {
  expect(paid()).toEqual([])
  for (const { url, headers, body } of requests) {
    expect(JSON.stringify([url, headers, body.toString()])).not.toContain(payment)
  }
}

await onChain('redirects, as the chain and another origin see them', (chain) => {
  const opened = closing()

  test.each(PAID)(
    '%s does not take its payment to a seller of %s elsewhere with a %i',
    async (_client, _seller, status, buyer, start) => {
      const seller = await opened(start(chain))
      const witness = await opened(startWitness())
      const trick = redirects('paid', status, witness.url, { settles: true })
      const { url, paid } = await opened(startCrook(trick, seller))
      const scene = await sceneOf(chain, buyer, seller)
      const order = { method: 'POST', body: 'my own', headers: { 'content-type': 'text/plain' } }
      const { receipt } = await scene.buy(`${url}/report`, order)
      expect(receipt.paid).toBe('unknown')
      expect(paid()).toHaveLength(1)
      expectUnpaid(witness, paid()[0]?.payment ?? '')
      for (const { method, body } of witness.requests) {
        expect({ method, body: body.toString() }).toEqual({ method: 'GET', body: '' })
      }
      expect(await scene.spent()).toBe(seller.price)
      expect(scene.counted()).toBe(seller.price)
    },
  )

  test.each(STATUSES)('the answer to a paid call is looked for after a %i', async (status) => {
    const seller = await opened(startMerchant(chain))
    const witness = await opened(startWitness())
    const trick = redirects('paid', status, witness.url, { settles: true })
    const { url } = await opened(startCrook(trick, seller))
    const isFollowed = status < 304
    const byFetch = await sceneOf(chain, fetchBuyer, seller)
    const followed = await byFetch.buy(`${url}/quote`)
    expect(followed).toMatchObject(isFollowed ? { status: 200, text: 'seen' } : { status })
    const byAxios = await sceneOf(chain, axiosBuyer, seller)
    expect(await byAxios.buy(`${url}/quote`)).toMatchObject({ status })
    expect(witness.requests).toHaveLength(isFollowed ? 1 : 0)
    for (const { spent } of [byFetch, byAxios]) expect(await spent()).toBe(seller.price)
  })

  test.each(UNPAID)(
    '%s does not pay a seller elsewhere whom a %i leads to',
    async (_client, status, buyer) => {
      const seller = await opened(startMerchant(chain))
      const { url, paid } = await opened(startCrook(redirects('unpaid', status, seller.url)))
      const scene = await sceneOf(chain, buyer, seller)
      const error = await rejection(scene.buy(`${url}/quote`))
      expect(error).toMatchObject({ name: 'PaymentLimitError', limit: 'hosts' })
      expect(paid()).toEqual([])
      expect(scene.payer.calls).toEqual([])
      expect(await scene.payments()).toEqual([])
    },
  )

  test.each(UNPAID)(
    '%s pays a listed seller elsewhere whom a %i leads to',
    async (_client, status, buyer) => {
      const seller = await opened(startMerchant(chain))
      const { url, paid } = await opened(startCrook(redirects('unpaid', status, seller.url)))
      const hosts = [new URL(seller.url).host]
      const scene = await sceneOf(chain, buyer, seller, { limits: { hosts } })
      expect(await scene.buy(`${url}/quote`)).toMatchObject({
        status: 200,
        receipt: { paid: 'yes' },
      })
      expect(paid()).toEqual([])
      expect(await scene.spent()).toBe(seller.price)
    },
  )

  test.each(UNPAID)(
    '%s does not pay for a POST that a %i has led elsewhere',
    async (_client, status, buyer) => {
      const seller = await opened(startMerchant(chain))
      const { url } = await opened(startCrook(redirects('unpaid', status, seller.url)))
      const hosts = [new URL(seller.url).host]
      const scene = await sceneOf(chain, buyer, seller, { limits: { hosts } })
      const order = { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }
      expect(await rejection(scene.buy(`${url}/report`, order))).toMatchObject({
        code: 'payment_unusable',
      })
      expect(scene.payer.calls).toEqual([])
      expect(await scene.payments()).toEqual([])
      expect(seller.sold).toEqual([])
    },
  )

  test.each(UNPAID)(
    '%s calls what is free where a %i leads to as it would without paying',
    async (_client, status, buyer) => {
      const witness = await opened(startWitness())
      const { url } = await opened(startCrook(redirects('unpaid', status, witness.url)))
      const scene = await sceneOf(chain, buyer, { payTo: newAddress(), price: 1n })
      const order = { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }
      const { text, receipt } = await scene.buy(`${url}/free`, order)
      expect({ text, paid: receipt.paid }).toEqual({ text: 'seen', paid: 'no' })
      const [{ method, body } = { method: '', body: '' }] = witness.requests
      const asIs = status > 304
      expect([method, body.toString()]).toEqual(asIs ? ['POST', 'x'] : ['GET', ''])
    },
  )

  test.each(UNPAID)(
    '%s pays where a %i leads to within the origin it called',
    async (_client, status, buyer) => {
      const seller = await opened(startMerchant(chain))
      const moved: Trick = async ({ got, ask, reply }) =>
        got.url === '/old' ? reply({ status, headers: { location: '/quote' } }) : reply(await ask())
      const { url, paid } = await opened(startCrook(moved, seller))
      const scene = await sceneOf(chain, buyer, seller)
      expect(await scene.buy(`${url}/old`)).toMatchObject({ status: 200, receipt: { paid: 'yes' } })
      expect(paid().map((one) => one.url)).toEqual(['/quote'])
      expect(await scene.spent()).toBe(seller.price)
    },
  )
})
