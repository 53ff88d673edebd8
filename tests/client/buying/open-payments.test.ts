import { expect, test } from '@jest/globals'
import { OpenPayments } from '../../../src/client/buying/open-payments.js'
import type { Purchase } from '../../../src/client/buying/purchase.js'

const purchase = (payment: number, expiresMs = 1_000): Purchase<number> => ({
  payment,
  expiresMs,
  conclude: () => ({ paid: 'unknown' }),
  isReturned: () => false,
})

test('a payment is taken once, the oldest of its intent first', () => {
  const payments = new OpenPayments<number>(() => 0)
  for (const [intent, n] of [['a', 1] as const, ['b', 2] as const, ['a', 3] as const]) {
    payments.keep({ intent, purchase: purchase(n) })
  }
  const taken = ['a', 'a', 'a', 'b'].map((intent) => payments.take(intent)?.purchase.payment)
  expect(taken).toEqual([1, 3, undefined, 2])
  expect(payments.isEmpty).toBe(true)
})

test('what is kept twice is there once', () => {
  const payments = new OpenPayments<number>(() => 0)
  const one = { intent: 'a', purchase: purchase(1) }
  payments.keep(one)
  payments.keep(one)
  expect([payments.take('a'), payments.take('a')]).toEqual([one, undefined])
})

test('the memory is bounded: the oldest payment is forgotten first', () => {
  const payments = new OpenPayments<number>(() => 0)
  for (let n = 0; n <= 1_000; n++) payments.keep({ intent: `${n}`, purchase: purchase(n) })
  expect(payments.take('0')).toBeUndefined()
  expect(payments.take('1')?.purchase.payment).toBe(1)
  expect(payments.take('1000')?.purchase.payment).toBe(1_000)
})

test('an expired payment is forgotten, and is not kept', () => {
  let nowMs = 0
  const payments = new OpenPayments<number>(() => nowMs)
  payments.keep({ intent: 'a', purchase: purchase(1) })
  nowMs = 1_000
  expect(payments.take('a')).toBeUndefined()
  payments.keep({ intent: 'a', purchase: purchase(2) })
  expect(payments.isEmpty).toBe(true)
})
