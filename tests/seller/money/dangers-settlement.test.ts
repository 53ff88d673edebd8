import { expect, test } from '@jest/globals'
import type { PaidHandler } from '../../../src/index.js'
import type { X402Fault } from '../../../src/local/index.js'
import {
  NOTHING_HAPPENED,
  buyOnce,
  callWith,
  challengeFrom,
  countingShop,
  moneyChallenge,
  paidIn,
  paymentFor,
  whatHappened,
  callOverHttp,
} from './support/money.js'
import {
  allTextOf,
  challengeHeaderOf,
  challengeOf,
  contextWith,
  hello,
  receiptOf,
  responseOf,
  stack,
  textOf,
} from '../../support/seller.js'
import { outcomeOf } from '../../support/outcome.js'
import { ask } from './support/x402-payments.js'

type Fields = Record<string, unknown>

const CENT = 10_000n
const UNKNOWN = ['verify', 'settle', 'settle', 'settle']

/** Whatever makes a client sign again. */
const asksForMoney = (message: unknown, headers: Fields) =>
  JSON.stringify(message).includes('accepts') || 'payment-required' in headers

test('a payer whose money is gone before settle gets nothing, and the seller says so', async () => {
  const local = await stack()
  let drain: () => Promise<unknown> = async () => undefined
  const shop = await countingShop(
    {},
    async (...given) => {
      await drain()
      return hello(...given)
    },
    local,
  )
  const challenge = await challengeFrom(shop)
  const [payment, elsewhere] = [
    await paymentFor(shop, challenge),
    await paymentFor(shop, challenge, { amount: '1000000' }),
  ]
  const requirements = { ...challenge.accepts[0], amount: '1000000' }
  drain = () =>
    ask(local, 'settle', {
      x402Version: 2,
      paymentPayload: { ...elsewhere, accepted: requirements },
      paymentRequirements: requirements,
    })
  const output = await shop.handler(callWith(payment))
  expect(JSON.stringify(output)).not.toContain('Hello!')
  expect(moneyChallenge(output).error).toBe('settlement failed')
  expect(receiptOf(output)).toMatchObject({
    success: false,
    transaction: '',
    errorReason: 'invalid_exact_evm_insufficient_balance',
  })
  expect(allTextOf(output)).toContain('you were not charged')
  expect([shop.ran(), local.x402.settlements.map(({ amount }) => amount)]).toEqual([
    1,
    [1_000_000n],
  ])
})

test('a nonce that is used between verify and settle may have been used for us: no challenge', async () => {
  const local = await stack()
  let race: () => Promise<unknown> = async () => undefined
  const shop = await countingShop(
    {},
    async (...given) => {
      await race()
      return hello(...given)
    },
    local,
  )
  const challenge = await challengeFrom(shop)
  const payment = await paymentFor(shop, challenge)
  const [paymentRequirements] = challenge.accepts
  race = () =>
    ask(local, 'settle', { x402Version: 2, paymentPayload: payment, paymentRequirements })
  const output = await shop.handler(callWith(payment))
  expect(outcomeOf(output)).toBe('used')
  expect(challengeHeaderOf(output)).toBeUndefined()
  expect(allTextOf(output)).toMatch(/The seller can look for correlation id [\da-f-]{36}\./)
  expect(await shop.taken()).toBe(CENT)
  expect(shop.events.at(-1)).toMatchObject({ code: 'settlement_unknown', reason: 'nonce_used' })
})

function expectUnknown(output: Parameters<typeof allTextOf>[0], state = 'unknown') {
  expect(JSON.stringify(output)).not.toContain('Hello!')
  expect(challengeOf(output) ?? challengeHeaderOf(output) ?? receiptOf(output)).toBeUndefined()
  expect(allTextOf(output)).toContain(`its outcome is ${state}, so the result is withheld`)
  expect(allTextOf(output)).toContain('Do not pay again')
}

test.each<[string, X402Fault, boolean]>([
  ['a lost answer', { kind: 'lost-answer', times: 3 }, true],
  ['a reset', { kind: 'reset', times: 3 }, false],
  ['a status of 500', { kind: 'error', times: 3 }, false],
  ['a status of 503', { kind: 'error', status: 503, times: 3 }, false],
  ['an error page', { kind: 'html', times: 3 }, false],
  ['a page with status 200', { kind: 'html', status: 200, times: 3 }, false],
  ['garbage', { kind: 'garbage', times: 3 }, true],
])(
  '%s at settle is an unknown outcome: 503, withheld, and no challenge',
  async (_, fault, moved) => {
    const shop = await countingShop()
    const payment = await paymentFor(shop, await challengeFrom(shop))
    shop.local.x402.faults.set({ ...fault, route: 'settle' })
    const { status, headers, message } = await callOverHttp(shop, payment)
    expect([status, headers['retry-after']]).toEqual([503, '1'])
    expect(asksForMoney(message, headers)).toBe(false)
    expect('payment-response' in headers).toBe(false)
    expect(JSON.stringify(message)).not.toContain('Hello!')
    expect(JSON.stringify(message)).toMatch(
      /outcome is unknown.*Do not pay again.*correlation id [\da-f-]{36}/,
    )
    expect(await whatHappened(shop)).toEqual({
      ran: 1,
      taken: moved ? CENT : 0n,
      asked: UNKNOWN,
      settled: moved ? 1 : 0,
    })
  },
)

test('an answer that comes too late is an unknown outcome', async () => {
  const shop = await countingShop({ settleTimeoutMs: 50 })
  shop.local.x402.faults.set({ kind: 'delay', delayMs: 400, route: 'settle', times: 3 })
  const output = await buyOnce(shop)
  expectUnknown(output)
  expect(shop.ran()).toBe(1)
})

test('an answer leaves before the Lambda ends, however long a settle takes', async () => {
  let endsAtMs = Number.POSITIVE_INFINITY
  const shop = await countingShop({ settleReserveMs: 200 }, (...given) => {
    endsAtMs = performance.now() + 600
    return hello(...given)
  })
  const payment = await paymentFor(shop, await challengeFrom(shop))
  shop.local.x402.faults.set({ kind: 'delay', delayMs: 1_500, route: 'settle', times: 3 })
  const context = { getRemainingTimeInMillis: () => endsAtMs - performance.now() }
  const output = await shop.handler(callWith(payment), context)
  expect(performance.now()).toBeLessThan(endsAtMs)
  expectUnknown(output)
})

test('too little time for work and settle: neither is begun', async () => {
  const shop = await countingShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  const output = await shop.handler(callWith(payment), contextWith(2_900))
  expect(allTextOf(output)).toContain(
    'Try again later, with the same payment if you sent one. You were not charged for this call.',
  )
  expect(challengeOf(output)).toBeUndefined()
  expect(await whatHappened(shop)).toEqual({ ...NOTHING_HAPPENED, asked: ['verify'] })
})

test('what is pending is settled again with the same payment, and delivered', async () => {
  const shop = await countingShop()
  shop.local.x402.faults.set({ kind: 'pending' })
  const output = await buyOnce(shop)
  expect(textOf(output)).toBe('Hello!')
  expect(paidIn(output)).toMatchObject({ success: true, amount: '10000' })
  const asked = ['verify', 'settle', 'settle']
  expect(await whatHappened(shop)).toEqual({ ran: 1, taken: CENT, asked, settled: 1 })
  const [, first, second] = shop.local.x402.calls
  expect(second?.body).toEqual(first?.body)
})

test('a permission whose settlement is pending is settled again, for the same amount', async () => {
  const handler: PaidHandler = () => ({ content: [], _meta: { amountToCharge: '4000' } })
  const shop = await countingShop({ scheme: 'upto' }, handler)
  shop.local.x402.faults.set({ kind: 'pending' })
  const output = await buyOnce(shop)
  expect(paidIn(output)).toMatchObject({ success: true, amount: '4000' })
  expect([shop.ran(), await shop.taken(), shop.local.x402.settlements.length]).toEqual([
    1,
    4_000n,
    1,
  ])
})

test.each<[string, X402Fault[]]>([
  ['pending', [{ kind: 'pending', times: 3 }]],
  [
    'pending, and then not to be reached',
    [{ kind: 'pending' }, { kind: 'reset', skip: 1, times: 2 }],
  ],
  ['pending, and then refused', [{ kind: 'pending' }, { kind: 'refuse', skip: 1, times: 2 }]],
])('what stays %s has no outcome yet, and the transaction is named', async (_, faults) => {
  const shop = await countingShop()
  const payment = await paymentFor(shop, await challengeFrom(shop))
  for (const fault of faults) shop.local.x402.faults.set({ ...fault, route: 'settle' })
  const output = await shop.handler(callWith(payment))
  expectUnknown(output, 'pending')
  const [settlement] = shop.local.x402.settlements
  expect(allTextOf(output)).toContain(`transaction ${settlement?.transaction}`)
  expect([shop.ran(), await shop.taken()]).toEqual([1, CENT])
})

test('success false never delivers', async () => {
  const shop = await countingShop()
  shop.local.x402.faults.set({ kind: 'refuse', route: 'settle', reason: 'insufficient_funds' })
  const output = await buyOnce(shop)
  expect(JSON.stringify(output)).not.toContain('Hello!')
  expect(receiptOf(output)).toMatchObject({ success: false, errorReason: 'insufficient_funds' })
  const challenge = { 'x402/error': expect.objectContaining({ error: 'settlement failed' }) }
  expect(responseOf(output).body.result?._meta).toEqual({ x402: true, ...challenge })
  const asked = ['verify', 'settle']
  expect(await whatHappened(shop)).toEqual({ ran: 1, taken: 0n, asked, settled: 0 })
})

test.each<[string, PaidHandler]>([
  ['threw', () => Promise.reject(new Error('broken'))],
  ['answered with isError', () => ({ isError: true, content: [{ type: 'text', text: 'no' }] })],
  [
    'answered with a JSON-RPC error',
    () => ({ jsonrpc: '2.0', id: 1, error: { code: 1, message: 'no' } }),
  ],
  ['answered with a status of 500', () => ({ statusCode: 500, body: '{}' })],
  ['answered with nothing', () => undefined as never],
])('a handler that %s is not charged for', async (_, handler) => {
  const shop = await countingShop({}, handler)
  const output = await buyOnce(shop)
  expect([receiptOf(output), challengeOf(output)]).toEqual([undefined, undefined])
  const asked = ['verify']
  expect(await whatHappened(shop)).toEqual({ ran: 1, taken: 0n, asked, settled: 0 })
})
