import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import {
  createInterceptor,
  createLambdaHandler,
  type InterceptorOutput,
  type PaidHandler,
} from '../../../src/index.js'
import { heldShop, overlap, watchedHandler } from '../money/support/held-back.js'
import { callWith, challengeFrom, moneyChallenge, paymentFor } from '../money/support/money.js'
import { interceptorOptions } from '../phases/support/phases.js'
import { outcomeOf } from '../../support/outcome.js'
import {
  AGAIN,
  PRICE,
  WAYS,
  buy,
  fault,
  receivedBy,
  sale,
  type Way,
} from '../money/support/sales.js'
import { unhandledRejections } from '../../support/rejections.js'
import {
  allTextOf,
  challengeOf,
  contextWith,
  hello,
  receiptOf,
  stack,
  textOf,
} from '../../support/seller.js'
import type { Terms } from '../money/support/x402-payments.js'

test.each(WAYS)('the handler works while a payment in %s is verified', async (way) => {
  const work = watchedHandler()
  const shop = await heldShop(way, work.handler)
  const pending = buy(shop)
  await Promise.all([work.started, shop.verifyAsked])
  work.end()
  await setImmediate()
  // The work is done, and nothing is settled before the payment is known to be good.
  expect(shop.asked()).not.toContain('settle')
  shop.answerVerify()
  const output = await pending
  expect([textOf(output), receivedBy(shop, output)]).toEqual(['Hello!', PRICE[way]])
  expect([shop.asked(), await shop.spent()]).toEqual([['verify', 'settle'], PRICE[way]])
  expect(work.isAborted()).toEqual([false])
})

test.each(WAYS)('a good payment in %s waits for the work before it is settled', async (way) => {
  const work = watchedHandler()
  const shop = await heldShop(way, work.handler)
  shop.answerVerify()
  const pending = buy(shop)
  await Promise.all([work.started, shop.verifyAsked])
  await setImmediate()
  expect(shop.asked()).not.toContain('settle')
  work.end()
  expect(textOf(await pending)).toBe('Hello!')
  expect([shop.asked(), await shop.spent()]).toEqual([['verify', 'settle'], PRICE[way]])
})

test.each(WAYS)('the handler is told of a payment in %s what is known before', async (way) => {
  const work = watchedHandler()
  work.end()
  const shop = await sale(way, overlap, work.handler)
  await buy(shop)
  const { planId, amount, credits, payer, correlationId, signal } = work.payments[0] ?? {}
  expect({ planId, amount, credits }).toEqual({
    planId: way === 'plans' ? shop.local.planId : undefined,
    amount: way === 'money' ? 10_000n : undefined,
    credits: way === 'plans' ? 1n : 0n,
  })
  expect([payer, correlationId, signal]).toEqual([undefined, undefined, expect.any(AbortSignal)])
  expect(Object.isFrozen(work.payments[0])).toBe(true)
})

const BAD: [string, Parameters<typeof fault>[1], string][] = [
  ['refused', { route: 'verify', kind: 'refuse', reason: 'insufficient_funds' }, 'refused'],
  ['not verified for an outage', { route: 'verify', kind: 'error', times: 9 }, 'not charged'],
  ['answered with nonsense', { route: 'verify', kind: 'garbage', times: 9 }, 'not charged'],
]
const BAD_WAYS = WAYS.flatMap((way) => BAD.map((bad): [Way, ...typeof bad] => [way, ...bad]))

/** The payment turned out bad: nothing of the work is told, and nobody is charged. */
function expectDropped(output: InterceptorOutput, told: string, secret: string): void {
  if (told === 'refused') expect(challengeOf(output)?.error).toMatch(/^verification failed: /)
  else expect(outcomeOf(output)).toBe('not charged')
  expect(JSON.stringify(output)).not.toContain(secret)
  expect(receiptOf(output)).toBeUndefined()
}

test.each(BAD_WAYS)(
  'work that is done is dropped when its payment in %s is %s',
  async (way, _, wrong, told) => {
    const work = watchedHandler(() => ({
      content: [{ type: 'text', text: 'Hello!' }],
      structuredContent: { secret: 'Hello!' },
      _meta: { secret: 'Hello!' },
    }))
    const shop = await heldShop(way, work.handler)
    const event = await shop.paidCall()
    fault(shop, wrong)
    const pending = shop.handler(event)
    await work.started
    work.end()
    await setImmediate()
    shop.answerVerify()
    expectDropped(await pending, told, 'Hello!')
    expect(work.isAborted()).toEqual([true])
    expect([shop.asked().includes('settle'), await shop.spent()]).toEqual([false, 0n])
  },
)

test.each(BAD_WAYS)(
  'the buyer does not wait for work whose payment in %s is %s',
  async (way, _, wrong, told) => {
    const work = watchedHandler()
    const shop = await sale(way, overlap, work.handler)
    const event = await shop.paidCall()
    fault(shop, wrong)
    // The work never ends.
    expectDropped(await shop.handler(event), told, 'Hello!')
    expect(work.isAborted()).toEqual([true])
    expect([shop.asked().includes('settle'), await shop.spent()]).toEqual([false, 0n])
  },
)

test('a hook that objects to a verified payment ends the work', async () => {
  const work = watchedHandler()
  const onAfterVerify = () => {
    throw new Error('not this one')
  }
  const shop = await sale('money', { ...overlap, onAfterVerify }, work.handler)
  const output = await buy(shop)
  expect(allTextOf(output)).toBe('The seller refused this call. You were not charged.')
  expect([work.isAborted(), shop.asked()]).toEqual([[true], ['verify']])
})

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('too late')
    },
  ],
  ['answers', () => 'Hello!'],
  ['answers in no format', () => undefined],
])('work that does not mind the signal and %s late bothers nobody', async (_, end) => {
  const work = watchedHandler(end)
  const shop = await sale('money', overlap, work.handler)
  const event = await shop.paidCall()
  fault(shop, { route: 'verify', kind: 'refuse' })
  const output = await shop.handler(event)
  const before = JSON.stringify(output)
  expect(await unhandledRejections(async () => work.end())).toEqual([])
  expect(JSON.stringify(output)).toBe(before)
  expect([shop.asked(), await shop.spent()]).toEqual([['verify'], 0n])
})

test('work that stops at the signal is not told of as a failure', async () => {
  let stopped: unknown
  const handler: PaidHandler = (_event, _context, { signal }) =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        stopped = signal.reason
        reject(new Error('stopped'))
      })
    })
  const shop = await sale('money', overlap, handler)
  const event = await shop.paidCall()
  fault(shop, { route: 'verify', kind: 'refuse', reason: 'insufficient_funds' })
  const output = await shop.handler(event)
  expect(challengeOf(output)?.error).toBe('verification failed: insufficient_funds')
  expect(stopped).toMatchObject({ name: 'AbortError' })
})

test.each(WAYS)(
  'a refused payment in %s is told of, though the work failed before',
  async (way) => {
    const failing: PaidHandler = () => {
      throw new Error('broke')
    }
    const shop = await heldShop(way, failing)
    const event = await shop.paidCall()
    fault(shop, { route: 'verify', kind: 'refuse', reason: 'insufficient_funds' })
    const pending = shop.handler(event)
    await shop.verifyAsked
    shop.answerVerify()
    expect(challengeOf(await pending)?.error).toBe('verification failed: insufficient_funds')
  },
)

const FREE: [string, () => unknown, string][] = [
  [
    'throws',
    () => {
      throw new Error('broke')
    },
    'The tool failed. You were not charged.',
  ],
  ['fails', () => ({ content: [{ type: 'text', text: 'No' }], isError: true }), 'No'],
  [
    'charges nothing',
    () => ({ content: [{ type: 'text', text: 'Free' }], _meta: { creditsToCharge: 0 } }),
    'Free',
  ],
]

test.each(WAYS.flatMap((way) => FREE.map((free): [Way, ...typeof free] => [way, ...free])))(
  'paid in %s, work that %s still waits for verify, and costs nothing',
  async (way, _, end, said) => {
    const work = watchedHandler(end)
    const shop = await heldShop(way, work.handler)
    let isAnswered = false
    const pending = buy(shop).finally(() => (isAnswered = true))
    await Promise.all([work.started, shop.verifyAsked])
    work.end()
    await setImmediate()
    expect(isAnswered).toBe(false)
    shop.answerVerify()
    const output = await pending
    expect([allTextOf(output), receiptOf(output)]).toEqual([said, undefined])
    expect(work.isAborted()).toEqual([false])
    expect([shop.asked(), await shop.spent()]).toEqual([['verify'], 0n])
  },
)

test.each(WAYS)('free work is not given away for a bad payment in %s', async (way) => {
  const shop = await sale(way, overlap, () => ({
    content: [{ type: 'text', text: 'Free' }],
    _meta: { creditsToCharge: 0 },
  }))
  const event = await shop.paidCall()
  fault(shop, { route: 'verify', kind: 'refuse' })
  expectDropped(await shop.handler(event), 'refused', 'Free')
})

test.each<[string, object, string, string | undefined]>([
  ['is withheld', {}, 'refused', undefined],
  ['is delivered where the seller wants it', { onSettlementRefused: 'deliver' }, '', 'Hello!'],
])('work whose settlement is refused %s, and not aborted', async (_, options, outcome, said) => {
  for (const way of WAYS) {
    const work = watchedHandler(() => hello({} as never, {} as never, {} as never))
    work.end()
    const shop = await sale(way, { ...overlap, ...options }, work.handler)
    const event = await shop.paidCall()
    fault(shop, { route: 'settle', kind: 'refuse' })
    const output = await shop.handler(event)
    if (said === undefined) expect(outcomeOf(output)).toBe(outcome)
    else expect(textOf(output)).toBe(said)
    expect(work.isAborted()).toEqual([false])
    expect([shop.asked(), await shop.spent()]).toEqual([['verify', 'settle'], 0n])
  }
})

const MISMATCHES: [string, Terms, Record<string, unknown>][] = [
  ['a smaller signature', { signedAmount: '1' }, {}],
  ['a signature for somebody else', { signedPayTo: `0x${'2'.repeat(40)}` }, {}],
  ['a signature that ends too soon', { validBefore: 1n }, {}],
  ['another resource', {}, { resource: { url: 'mcp://tool/other' } }],
  ['another version', {}, { x402Version: 3 }],
]

test.each(MISMATCHES)('%s is refused before the work begins', async (_, terms, more) => {
  const work = watchedHandler()
  const shop = await sale('money', overlap, work.handler)
  const payment = await paymentFor(shop, await challengeFrom(shop), terms, more)
  const output = await shop.handler(callWith(payment))
  expect(moneyChallenge(output).error).toMatch(/^verification failed: /)
  expect([work.payments, shop.asked(), await shop.spent()]).toEqual([[], [], 0n])
})

test.each(WAYS)(
  'without a payment in %s, without time, or against a hook no work begins',
  async (way) => {
    const work = watchedHandler()
    work.end()
    const onBeforeVerify = () => Promise.reject(new Error('no'))
    const shop = await sale(way, overlap, work.handler)
    const strict = await sale(way, { ...overlap, onBeforeVerify }, work.handler, shop.local)
    expect(challengeOf(await shop.handler(callWith()))).toBeDefined()
    expect(outcomeOf(await buy(shop, contextWith(2_999)))).toBe('not charged')
    expect(outcomeOf(await buy(strict))).toBe('not charged')
    expect([work.payments, shop.asked()]).toEqual([[], []])
    expect(textOf(await buy(shop, contextWith(3_000)))).toBe('Hello!')
  },
)

test.each(WAYS)('one payment in %s in two calls at once works once', async (way) => {
  const work = watchedHandler()
  const shop = await sale(way, { ...overlap, waitForAnswerMs: 0 }, work.handler)
  const event = await shop.paidCall()
  const first = shop.handler(event)
  await work.started
  expect(outcomeOf(await shop.handler(event))).toBe('in work')
  work.end()
  expect(textOf(await first)).toBe('Hello!')
  expect(outcomeOf(await shop.handler(event))).toBe(AGAIN[way])
  expect([work.payments.length, await shop.spent()]).toEqual([1, PRICE[way]])
})

test('an interceptor has no handler to run beside', async () => {
  const options = { ...interceptorOptions(await stack()), ...overlap }
  expect(() => createInterceptor(options)).toThrow(/^flow: /)
  expect(() => createLambdaHandler(options)).toThrow(/^flow: /)
  expect(() => createInterceptor(options)).toThrow(
    expect.objectContaining({ name: 'OptionsError' }),
  )
})
