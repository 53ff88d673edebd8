import { expect, test } from '@jest/globals'
import { memoryStore } from '../../../src/index.js'
import {
  callWith,
  challengeFrom,
  countingShop,
  paymentFor,
  whatHappened,
  busyShop,
  callOverHttp,
} from './support/money.js'
import { outcomeOf } from '../../support/outcome.js'
import { allTextOf, hello, receiptOf, stack, textOf } from '../../support/seller.js'
import { ask } from './support/x402-payments.js'

type Fields = Record<string, unknown>

const CENT = 10_000n

/** Whatever makes a client sign again. */
const asksForMoney = (message: unknown, headers: Fields) =>
  JSON.stringify(message).includes('accepts') || 'payment-required' in headers

test('the same payment twice at once runs once, and the second is told to come back', async () => {
  const { shop, begun, end } = await busyShop({ waitForAnswerMs: 0 })
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const first = shop.handler(callWith(payment))
  await begun
  const { status, headers, message } = await callOverHttp(shop, payment)
  expect([status, headers['retry-after']]).toEqual([503, '1'])
  expect(headers['cache-control']).toBe('no-store')
  expect(asksForMoney(message, headers)).toBe(false)
  expect(JSON.stringify(message)).toContain('Come back with the same payment')
  end()
  expect(textOf(await first)).toBe('Hello!')
  const asked = ['verify', 'settle']
  expect(await whatHappened(shop)).toEqual({ ran: 1, taken: CENT, asked, settled: 1 })
})

test.each<[string, (payload: Fields) => Fields]>([
  [
    'in other letters',
    (payload) => JSON.parse(JSON.stringify(payload).replace(/0x[\da-f]{40,}/gi, upper)) as Fields,
  ],
  ['with words around it', (payload) => ({ ...payload, note: 'another one' })],
])('a payment that is in work is known again %s', async (_, disguise) => {
  const { shop, begun, end } = await busyShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const first = shop.handler(callWith(payment))
  await begun
  const payload = disguise(payment['payload'] as Fields)
  expect((await callOverHttp(shop, { ...payment, payload })).status).toBe(409)
  end()
  await first
  expect([shop.ran(), await shop.taken()]).toEqual([1, CENT])
})

const upper = (hex: string) => `0x${hex.slice(2).toUpperCase()}`

test.each<[string, (nonce: bigint) => string]>([
  ['hexadecimal', (nonce) => `0x${nonce.toString(16)}`],
  ['leading zeros', (nonce) => `00${nonce}`],
  ['spaces', (nonce) => ` ${nonce}`],
])('a permission that is in work is known again by a nonce in %s', async (_, written) => {
  const { shop, begun, end } = await busyShop({ scheme: 'upto' })
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const first = shop.handler(callWith(payment))
  await begun
  const { permit2Authorization, ...signed } = payment['payload'] as { permit2Authorization: Fields }
  const nonce = written(BigInt(String(permit2Authorization['nonce'])))
  const payload = { ...signed, permit2Authorization: { ...permit2Authorization, nonce } }
  expect((await callOverHttp(shop, { ...payment, payload })).status).toBe(409)
  end()
  await first
  expect([shop.ran(), await shop.taken()]).toEqual([1, CENT])
})

test('what is sold in one process knows the payments of everything else that is sold in it', async () => {
  const local = await stack()
  const { shop, begun, end } = await busyShop({}, local)
  const other = await countingShop({ waitForAnswerMs: 0 }, hello, local)
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const first = shop.handler(callWith(payment))
  await begun
  expect((await callOverHttp(other, payment)).status).toBe(503)
  end()
  await first
  expect([shop.ran(), other.ran(), await shop.taken()]).toEqual([1, 0, CENT])
})

test('two payments of one buyer at once are two calls', async () => {
  const { shop, end } = await busyShop()
  const challenge = await challengeFrom(shop)
  const calls = [await paymentFor(shop, challenge), await paymentFor(shop, challenge)].map(
    (payment) => shop.handler(callWith(payment)),
  )
  end()
  expect((await Promise.all(calls)).map(textOf)).toEqual(['Hello!', 'Hello!'])
  expect([shop.ran(), await shop.taken()]).toEqual([2, 2n * CENT])
})

test('a payment whose call failed may be used again at once', async () => {
  let fails = true
  const shop = await countingShop({}, (...given) => {
    if (fails) throw new Error('broken')
    return hello(...given)
  })
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const failed = await shop.handler(callWith(payment))
  expect(allTextOf(failed)).toBe('The tool failed. You were not charged.')
  expect([await shop.taken(), receiptOf(failed)]).toEqual([0n, undefined])
  fails = false
  expect(textOf(await shop.handler(callWith(payment)))).toBe('Hello!')
  expect([shop.ran(), await shop.taken()]).toEqual([2, CENT])
})

test.each(['exact', 'upto'] as const)(
  'a payment by %s that was settled buys nothing again',
  async (scheme) => {
    const shop = await countingShop({ scheme })
    const payment = await paymentFor(shop, await challengeFrom(shop))
    const first = await shop.handler(callWith(payment))
    const again = await shop.handler(callWith(payment))
    expect(outcomeOf(again)).toBe('already paid')
    expect(receiptOf(again)?.['transaction']).toBe(receiptOf(first)?.['transaction'])
    const { asked, ...happened } = await whatHappened(shop)
    expect(happened).toEqual({ ran: 1, taken: CENT, settled: 1 })
    expect(asked).toEqual(['verify', 'settle'])
  },
)

test.each(['exact', 'upto'] as const)(
  'a payment by %s that another container settled buys nothing again',
  async (scheme) => {
    const shop = await countingShop({ scheme, paymentStore: memoryStore() })
    const other = await countingShop({ scheme, paymentStore: memoryStore() }, hello, shop.local)
    const payment = await paymentFor(shop, await challengeFrom(shop))
    await shop.handler(callWith(payment))
    const again = await callOverHttp(other, payment)
    expect([again.status, asksForMoney(again.message, again.headers)]).toEqual([409, false])
    expect(JSON.stringify(again.message)).toMatch(/is used, or may be used \(.*nonce/)
    expect([shop.ran(), other.ran(), await shop.taken()]).toEqual([1, 0, CENT])
  },
)

test('a payment settled before it came here buys nothing', async () => {
  const shop = await countingShop()
  const challenge = await challengeFrom(shop)
  const payment = await paymentFor(shop, challenge)
  const [paymentRequirements] = challenge.accepts
  await ask(shop.local, 'settle', { x402Version: 2, paymentPayload: payment, paymentRequirements })
  const output = await shop.handler(callWith(payment))
  // Who settled it is not known: it may have been for us.
  expect(outcomeOf(output)).toBe('used')
  expect(allTextOf(output)).toContain('(invalid_exact_evm_nonce_already_used)')
  expect(shop.ran()).toBe(0)
})
