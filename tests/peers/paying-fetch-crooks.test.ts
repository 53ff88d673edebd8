import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import type { Address, Hex } from 'viem'
import { rejection } from '../client/support/mcp-shop.js'
import { BUYERS, type Bought } from './buyers/buyers.js'
import { startCrook, type Trick } from './merchants/crook.js'
import { newAddress, startMerchant } from './merchants/merchant.js'
import { startMppMerchant } from './merchants/mpp-merchant.js'
import { closing, onChain } from './chain/on-chain.js'
import { sceneOf } from './merchants/scene.js'
import { SELLERS } from './merchants/sellers.js'
import {
  asksAgain,
  forgesChallenge,
  forgesReceipt,
  hangs,
  hidesReceipt,
  losesAnswer,
  refuses,
  relays,
  settlesTwice,
} from './merchants/tricks.js'

const EVERYWHERE = BUYERS.flatMap(([name, buyer]) =>
  SELLERS.map((kind) => [name, kind.protocol, buyer, kind] as const),
)

/** How a purchase ends, and what of the price has moved on the chain then. */
const ENDINGS: [string, Trick, Partial<Bought>, 'paid' | 'unpaid'][] = [
  ['asks again after it was paid', asksAgain, { status: 402 }, 'paid'],
  ['keeps the payment and refuses', refuses, { status: 402 }, 'unpaid'],
  ['delivers without a receipt', hidesReceipt, { status: 200 }, 'paid'],
]

const ENDING_EVERYWHERE = EVERYWHERE.flatMap(([name, protocol, buyer, kind]) =>
  ENDINGS.map((ending) => [name, protocol, ending[0], buyer, kind, ending] as const),
)

await onChain('what crooks get out of a paying client, as the chain sees it', (chain) => {
  const opened = closing()

  test.each(EVERYWHERE)(
    '%s pays once where a seller of %s takes the payment and loses the answer',
    async (_client, _seller, buyer, { start }) => {
      const seller = await opened(start(chain))
      const { url, paid } = await opened(startCrook(losesAnswer, seller))
      const scene = await sceneOf(chain, buyer, seller)
      const error = await rejection(scene.buy(`${url}/quote`))
      expect(error).toMatchObject({
        name: 'PaidCallError',
        receipt: { paid: 'unknown', amount: seller.price.toString() },
      })
      expect(await scene.spent()).toBe(seller.price)
      expect(scene.counted()).toBe(seller.price)
      // The same call again sends the same payment.
      const again = await rejection(scene.buy(`${url}/quote`))
      expect(again).toMatchObject({ name: 'PaidCallError', receipt: { paid: 'unknown' } })
      expect(paid().map(({ payment }) => payment)).toEqual([paid()[0]?.payment, paid()[0]?.payment])
      // The money is not there for another call: the budget was for one.
      const next = await rejection(scene.buy(`${url}/report`))
      expect(next).toMatchObject({ name: 'PaymentLimitError', limit: 'total' })
      expect(await scene.payments()).toHaveLength(1)
      expect(await scene.spent()).toBe(seller.price)
      expect(inspect(error, { depth: 10 })).not.toContain(paid()[0]?.payment)
    },
  )

  test.each(ENDING_EVERYWHERE)(
    '%s pays once where a seller of %s %s, and does not know',
    async (_client, _seller, _ending, buyer, { start }, [, trick, answer, moved]) => {
      const seller = await opened(start(chain))
      const { url, paid } = await opened(startCrook(trick, seller))
      const scene = await sceneOf(chain, buyer, seller)
      const bought = await scene.buy(`${url}/quote`)
      expect(bought).toMatchObject({ ...answer, receipt: { paid: 'unknown' } })
      expect(paid()).toHaveLength(1)
      expect(scene.payer.calls).toHaveLength(1)
      expect(await scene.spent()).toBe(moved === 'paid' ? seller.price : 0n)
      expect(scene.counted()).toBe(seller.price)
    },
  )

  test.each(EVERYWHERE)(
    'what %s paid to a seller of %s buys nothing a second time',
    async (_client, _seller, buyer, { start }) => {
      const seller = await opened(start(chain))
      const { url, paid } = await opened(startCrook(settlesTwice, seller))
      const scene = await sceneOf(chain, buyer, seller)
      expect((await scene.buy(`${url}/quote`)).receipt.paid).toBe('yes')
      const headers = paid()[0]?.headers as Record<string, string>
      for (const path of ['/quote', '/report']) {
        expect((await fetch(url + path, { headers })).status).toBe(402)
      }
      expect(seller.sold).toHaveLength(1)
      expect(await scene.spent()).toBe(seller.price)
    },
  )

  test.each(BUYERS)('a payment that %s was told is no good is still counted', async (_, buyer) => {
    const seller = await opened(startMerchant(chain))
    const { url, paid } = await opened(startCrook(refuses, seller))
    const scene = await sceneOf(chain, buyer, seller)
    expect((await scene.buy(`${url}/quote`)).status).toBe(402)
    expect(await scene.spent()).toBe(0n)
    const payment = paid()[0]?.payment ?? ''
    const { from, nonce } = authorizationIn(payment)
    expect(await chain.used(from, nonce)).toBe(false)
    const headers = { 'payment-signature': payment }
    expect((await fetch(`${seller.url}/quote`, { headers })).status).toBe(200)
    expect(await chain.used(from, nonce)).toBe(true)
    expect(await scene.spent()).toBe(seller.price)
    expect(scene.counted()).toBe(seller.price)
  })

  test.each(BUYERS)('%s that gives up after it paid does not pay again', async (_, buyer) => {
    const seller = await opened(startMerchant(chain))
    const giveUp = new AbortController()
    const trick: Trick = async (exchange) => {
      await hangs(exchange)
      if (exchange.got.payment !== undefined) giveUp.abort()
    }
    const { url, paid } = await opened(startCrook(trick, seller))
    const scene = await sceneOf(chain, buyer, seller, { budgetFor: 5 })
    const error = await rejection(scene.buy(`${url}/quote`, { signal: giveUp.signal }))
    expect(error).toMatchObject({ name: 'PaidCallError', receipt: { paid: 'unknown' } })
    expect(paid()).toHaveLength(1)
    expect(await scene.spent()).toBe(seller.price)
    expect(scene.counted()).toBe(seller.price)
  })

  test.each(BUYERS)(
    '%s does not follow a price that rises after the first 402',
    async (_, buyer) => {
      const seller = await opened(startMerchant(chain, { price: '2000' }))
      const { url, paid } = await opened(startCrook(forgesChallenge({ amount: '500' }), seller))
      const scene = await sceneOf(chain, buyer, seller, { budgetFor: 5 })
      const { status, receipt } = await scene.buy(`${url}/quote`)
      expect(status).toBe(402)
      expect(receipt).toMatchObject({ paid: 'unknown', amount: '500', agreed: '500' })
      expect(paid()).toHaveLength(1)
      expect(await scene.spent()).toBe(0n)
      expect(scene.counted()).toBe(500n)
    },
  )

  test.each(BUYERS)('%s counts what was agreed, whatever a receipt says', async (_, buyer) => {
    const seller = await opened(startMerchant(chain))
    const { url } = await opened(startCrook(forgesReceipt({ amount: '1' }), seller))
    const scene = await sceneOf(chain, buyer, seller, { budgetFor: 3 })
    const calls = Array.from({ length: 6 }, () => scene.buy(`${url}/quote`))
    const endings = await Promise.allSettled(calls)
    expect(endings.filter((one) => one.status === 'fulfilled')).toHaveLength(3)
    expect(await scene.spent()).toBe(3n * seller.price)
    expect(scene.counted()).toBe(3n * seller.price)
  })

  test.each(BUYERS)('%s is not drained by a seller that denies it was paid', async (_, buyer) => {
    const denies = forgesReceipt({ success: false, errorReason: 'refused', transaction: '' })
    const seller = await opened(startMerchant(chain))
    const { url } = await opened(startCrook(denies, seller))
    const scene = await sceneOf(chain, buyer, seller, { budgetFor: 3 })
    for (let i = 0; i < 3; i++) await scene.buy(`${url}/quote`)
    const error = await rejection(scene.buy(`${url}/quote`))
    expect(error).toMatchObject({ name: 'PaymentLimitError', limit: 'total' })
    expect(await scene.spent()).toBe(3n * seller.price)
    expect(scene.counted()).toBe(3n * seller.price)
  })

  test.each([
    ['another payee', 'payees', () => ({ payTo: newAddress() })],
    ['another asset', 'budgets', () => ({ asset: newAddress() })],
    ['another network', 'budgets', () => ({ network: 'eip155:1' })],
    [
      'a signature that is good for a day',
      'maxTimeoutSeconds',
      () => ({ maxTimeoutSeconds: 86400 }),
    ],
  ])('a 402 that was changed to %s is not paid', async (_, limit, lie) => {
    for (const [, buyer] of BUYERS) {
      const seller = await opened(startMerchant(chain))
      const { url, paid } = await opened(startCrook(forgesChallenge(lie()), seller))
      const scene = await sceneOf(chain, buyer, seller, { limits: { payees: [seller.payTo] } })
      const error = await rejection(scene.buy(`${url}/quote`))
      expect(error).toMatchObject({ name: 'PaymentLimitError', limit })
      expect(paid()).toEqual([])
      expect(scene.payer.calls).toEqual([])
      expect(await scene.payments()).toEqual([])
    }
  })

  test.each(
    BUYERS.flatMap(([name, buyer]) => [
      [name, 'x402', buyer, startMerchant] as const,
      [name, 'MPP', buyer, startMppMerchant] as const,
    ]),
  )("%s does not pay another host's bill by %s", async (_client, _protocol, buyer, start) => {
    const victim = await opened(start(chain))
    const asVictim = victim.url.replace('127.0.0.1', 'localhost')
    const { url, paid } = await opened(startCrook(relays(asVictim), victim))
    const scene = await sceneOf(chain, buyer, victim)
    const error = await rejection(scene.buy(`${url}/quote`))
    expect(error).toMatchObject({ name: 'PaymentLimitError', limit: 'hosts' })
    expect(paid()).toEqual([])
    expect(await scene.payments()).toEqual([])
    expect(victim.sold).toEqual([])
  })

  test.each(
    BUYERS.flatMap(([name, buyer]) =>
      [
        ['loses every answer', losesAnswer] as const,
        ['asks again every time', asksAgain] as const,
        ['gives no receipt', hidesReceipt] as const,
      ].map(([what, trick]) => [name, what, buyer, trick] as const),
    ),
  )(
    '%s with a budget for ten makes ten of a hundred payments to a seller that %s',
    async (_client, _trick, buyer, trick) => {
      const seller = await opened(startMerchant(chain))
      const { url, paid } = await opened(startCrook(trick, seller))
      const scene = await sceneOf(chain, buyer, seller, { budgetFor: 10 })
      await Promise.allSettled(Array.from({ length: 100 }, () => scene.buy(`${url}/quote`)))
      expect(paid()).toHaveLength(10)
      expect(await scene.payments()).toHaveLength(10)
      expect(await scene.spent()).toBe(10n * seller.price)
      expect(scene.counted()).toBe(10n * seller.price)
    },
    20_000,
  )

  test.each(BUYERS)('receipts of %s agree with the chain when money runs out', async (_, buyer) => {
    const seller = await opened(startMerchant(chain))
    const scene = await sceneOf(chain, buyer, seller, { budgetFor: 8, funds: 3n * seller.price })
    const calls = Array.from({ length: 8 }, () => scene.buy(`${seller.url}/quote`))
    const bought = await Promise.all(calls)
    const told = bought.filter(({ receipt }) => receipt.paid === 'yes')
    expect(told.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(told.map(({ receipt }) => receipt.transaction))).toEqual(
      new Set((await scene.payments()).map(({ transaction }) => transaction)),
    )
    expect(await scene.spent()).toBe(3n * seller.price)
    // The facilitator quotes its calldata, with the signature in it, where a transfer fails.
    expect(seller.facilitator.settlements.some(({ success }) => !success)).toBe(true)
    expect(JSON.stringify(bought.map(({ receipt }) => receipt))).not.toMatch(/[\da-f]{65}/i)
  })
})

function authorizationIn(payment: string): { from: Address; nonce: Hex } {
  const { payload } = JSON.parse(Buffer.from(payment, 'base64').toString()) as {
    payload: { authorization: { from: Address; nonce: Hex } }
  }
  return payload.authorization
}
