import { expect, test } from '@jest/globals'
import type { InterceptorOutput } from '../../../src/index.js'
import { TOOL, outcomeOf } from '../../support/outcome.js'
import { hello, receiptOf, textOf, toolCall } from '../../support/seller.js'
import { moneyChallenge, paymentFor } from '../money/support/money.js'
import { SEALED, pair, play, withRaw } from '../money/support/money-pairs.js'
import { PRICE, sale, type Sale } from '../money/support/sales.js'
import { hello as target } from '../phases/support/phases.js'

type Fields = Record<string, unknown>

const ID = 'pay_0123456789abcdef'

/** A shop that sells for money, and how it is called. */
interface Named {
  shop: Sale
  call: (event: Fields) => Promise<InterceptorOutput>
  /** How often the work was done. */
  runs: () => number
}

async function decorated(flow: string): Promise<Named> {
  let runs = 0
  const shop = await sale('money', { flow }, (...args) => {
    runs += 1
    return hello(...args)
  })
  return { shop, call: (event) => shop.handler(event), runs: () => runs }
}

async function intercepted(flow: string): Promise<Named> {
  let runs = 0
  const shop = await pair({ flow, ...SEALED.options() })
  const call = async (event: Fields) => {
    const { output, sent } = await play(shop.handle, event, target)
    runs += sent.length
    return output
  }
  return { shop, call, runs: () => runs }
}

const SHOPS: [string, () => Promise<Named>][] = [
  ['requiresPayment, authorization', () => decorated('authorization')],
  ['requiresPayment, overlap', () => decorated('overlap')],
  ['requiresPayment, upfront', () => decorated('upfront')],
  ['an interceptor, authorization', () => intercepted('authorization')],
  ['an interceptor, upfront', () => intercepted('upfront')],
]

/** A new signature of the buyer, under the name it gives its purchase. */
async function payment({ shop }: Named, id = ID): Promise<Fields> {
  const challenge = moneyChallenge(await shop.handler(withRaw(toolCall(TOOL))))
  const extension = challenge.extensions['payment-identifier'] as { info: Fields }
  const named = { ...extension, info: { ...extension.info, id } }
  const extensions = { ...challenge.extensions, 'payment-identifier': named }
  return paymentFor(shop, challenge, {}, { extensions })
}

function paidBy(paid: Fields, args: Fields = {}): Fields {
  return withRaw(toolCall(TOOL, args, { _meta: { 'x402/payment': paid } }))
}

test.each(SHOPS)('%s: the same name and payment get what they bought', async (_, open) => {
  const it = await open()
  const event = paidBy(await payment(it))
  const first = await it.call(event)
  for (let i = 0; i < 5; i++) {
    const again = await it.call(event)
    expect([textOf(again), receiptOf(again)]).toEqual(['Hello!', receiptOf(first)])
  }
  expect([it.runs(), await it.shop.spent()]).toEqual([1, PRICE.money])
  expect(it.shop.asked().filter((route) => route === 'settle')).toEqual(['settle'])
})

test.each(SHOPS)('%s: the same name with a new signature is charged once', async (_, open) => {
  const it = await open()
  const second = paidBy(await payment(it))
  await it.call(paidBy(await payment(it)))
  expect(outcomeOf(await it.call(second))).toBe('conflict')
  expect([it.runs(), await it.shop.spent()]).toEqual([1, PRICE.money])
})

test.each(SHOPS)('%s: the same name and payment buy no other call', async (_, open) => {
  const it = await open()
  const paid = await payment(it)
  await it.call(paidBy(paid, { n: 1 }))
  expect(outcomeOf(await it.call(paidBy(paid, { n: 2 })))).toBe('conflict')
  expect([it.runs(), await it.shop.spent()]).toEqual([1, PRICE.money])
})

test.each(SHOPS)('%s: another name is another purchase', async (_, open) => {
  const it = await open()
  for (const id of [ID, `${ID}2`]) {
    expect(outcomeOf(await it.call(paidBy(await payment(it, id))))).toBe('settled')
  }
  expect([it.runs(), await it.shop.spent()]).toEqual([2, 2n * PRICE.money])
})
