import { expect, test } from '@jest/globals'
import type {
  FacilitatorClient,
  InterceptorOutput,
  McpResult,
  PaidHandler,
} from '../../../src/index.js'
import type { X402Fault } from '../../../src/local/index.js'
import { callWith, challengeFrom, paidIn, paymentFor, paymentV1For } from './support/money.js'
import { TOOL, outcomeOf, type Outcome } from '../../support/outcome.js'
import { buy, sale } from './support/sales.js'
import {
  allTextOf,
  challengeOf,
  contextWith,
  receiptOf,
  responseOf,
  textOf,
} from '../../support/seller.js'

const CENT = 10_000n

/** What the buyer is told, how often settle was asked, and what was paid. */
type Result = [Outcome, number, bigint]

const FAULTS: [string, X402Fault, Result][] = [
  ['is refused', { kind: 'refuse', reason: 'insufficient_funds' }, ['refused', 1, 0n]],
  ['is refused with 400', { kind: 'refuse', status: 400 }, ['refused', 1, 0n]],
  ['is reset before', { kind: 'reset' }, ['settled', 2, CENT]],
  ['is pending', { kind: 'pending' }, ['settled', 2, CENT]],
  ['stays pending', { kind: 'pending', times: 9 }, ['unknown', 2, CENT]],
  ['loses its answer', { kind: 'lost-answer' }, ['unknown', 2, CENT]],
  ['is answered with nonsense', { kind: 'garbage' }, ['unknown', 2, CENT]],
  ['is answered with 500', { kind: 'error' }, ['settled', 2, CENT]],
  ['is answered with 500 only', { kind: 'error', times: 9 }, ['unknown', 3, 0n]],
  ['is answered by a proxy', { kind: 'html' }, ['settled', 2, CENT]],
  ['is over a limit', { kind: 'error', status: 429 }, ['settled', 2, CENT]],
  ['is over a limit only', { kind: 'error', status: 429, times: 9 }, ['not charged', 3, 0n]],
  ['meets a wrong key', { kind: 'error', status: 401 }, ['not charged', 1, 0n]],
  ['meets a wrong path', { kind: 'error', status: 404 }, ['not charged', 1, 0n]],
  ['answers too late', { kind: 'delay', delayMs: 900 }, ['settled', 2, CENT]],
]

test.each(FAULTS)('a settle that %s tells the truth', async (_, wrong, result) => {
  const shop = await sale('money', wrong.kind === 'delay' ? { settleTimeoutMs: 300 } : {})
  const event = await shop.paidCall()
  shop.local.x402.faults.set({ ...wrong, route: 'settle' })
  const output = await shop.handler(event)
  const settles = shop.asked().filter((route) => route === 'settle')
  expect([outcomeOf(output), settles.length, await shop.spent()]).toEqual(result)
  expect(shop.local.x402.settlements).toHaveLength(result[2] === CENT ? 1 : 0)
})

test('a settle of upto whose connection broke is sent again, since its signature is good once', async () => {
  const shop = await sale('money', { scheme: 'upto' })
  const event = await shop.paidCall()
  shop.local.x402.faults.set({ route: 'settle', kind: 'reset' })
  expect(outcomeOf(await shop.handler(event))).toBe('settled')
  expect([shop.asked(), await shop.spent()]).toEqual([['verify', 'settle', 'settle'], CENT])
})

test.each<[string, X402Fault[]]>([
  ['authorization', [{ kind: 'reset' }, { kind: 'refuse', skip: 1 }]],
  ['upfront', [{ kind: 'reset' }, { kind: 'refuse', skip: 1 }]],
  ['upfront', [{ kind: 'lost-answer' }]],
])(
  '%s: a repeat that is refused says nothing about the first attempt: %j',
  async (flow, faults) => {
    const shop = await sale('money', { flow })
    const event = await shop.paidCall()
    for (const fault of faults) shop.local.x402.faults.set({ ...fault, route: 'settle' })
    expect(outcomeOf(await shop.handler(event))).toBe('unknown')
    expect(shop.asked().filter((route) => route === 'settle')).toHaveLength(2)
  },
)

test('a pending settlement is named to the buyer, who is not asked to pay again', async () => {
  const shop = await sale('money')
  const event = await shop.paidCall()
  shop.local.x402.faults.set({ kind: 'pending', times: 9 })
  const output = await shop.handler(event)
  const [settlement] = shop.local.x402.settlements
  expect(allTextOf(output)).toContain(`transaction ${settlement?.transaction}`)
  expect(challengeOf(output)).toBeUndefined()
  expect(shop.lines.at(-1)).toMatchObject({
    level: 'error',
    message: 'settlement outcome unknown',
    details: { transaction: settlement?.transaction },
  })
})

test.each([
  ['onSettlementRefused', { kind: 'refuse' }, 0n],
  ['onSettlementUnknown', { kind: 'garbage', times: 9 }, CENT],
] as [string, X402Fault, bigint][])(
  '%s delivers where the seller wants it',
  async (name, wrong, paid) => {
    const shop = await sale('money', { [name]: 'deliver' })
    const event = await shop.paidCall()
    shop.local.x402.faults.set({ ...wrong, route: 'settle' })
    const output = await shop.handler(event)
    expect([textOf(output), receiptOf(output)]).toEqual(['Hello!', undefined])
    expect(await shop.spent()).toBe(paid)
  },
)

test('a payment that is spent meanwhile by somebody else may have been for us', async () => {
  const shop = await sale('money', {}, async () => {
    const [verify] = shop.local.x402.calls
    await fetch(`${shop.local.x402.url}/settle`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(verify?.body),
    })
    return 'Hello!'
  })
  const output = await buy(shop)
  expect(outcomeOf(output)).toBe('used')
  expect(await shop.spent()).toBe(CENT)
  expect(shop.asked()).toEqual(['verify', 'settle', 'settle'])
})

test('one payment buys once, however often it is sent', async () => {
  const runs: number[] = []
  const shop = await sale('money', {}, () => `run ${runs.push(1)}`)
  const event = await shop.paidCall()
  const together = await Promise.all([1, 2, 3].map(() => shop.handler(event)))
  const after = await shop.handler(event)
  const [bought, ...others] = together
  expect(textOf(bought as InterceptorOutput)).toBe('run 1')
  for (const output of [...others, after]) {
    expect(outcomeOf(output)).toBe('already paid')
    expect(receiptOf(output)).toEqual(receiptOf(bought as InterceptorOutput))
  }
  expect([runs.length, shop.asked(), await shop.spent()]).toEqual([1, ['verify', 'settle'], CENT])
})

test.each<[string, PaidHandler, string]>([
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
    () => ({ content: [{ type: 'text', text: 'Free' }], _meta: { amountToCharge: '0' } }),
    'Free',
  ],
  [
    'charges no credits',
    () => ({ content: [{ type: 'text', text: 'Free' }], _meta: { creditsToCharge: 0 } }),
    'Free',
  ],
])(
  'a handler that %s leaves the payment unused: it buys the next call',
  async (_, handler, said) => {
    let isFirst = true
    const shop = await sale('money', {}, (...args) => {
      if (!isFirst) return 'Hello!'
      isFirst = false
      return handler(...args)
    })
    const event = await shop.paidCall()
    const output = await shop.handler(event)
    expect([textOf(output), receiptOf(output), await shop.spent()]).toEqual([said, undefined, 0n])
    expect(textOf(await shop.handler(event))).toBe('Hello!')
    expect(await shop.spent()).toBe(CENT)
  },
)

test('of a fixed price no part is charged, and the handler is told so', async () => {
  const result = { content: [], _meta: { amountToCharge: '5000' } } as McpResult
  const shop = await sale('money', {}, () => result)
  await buy(shop)
  expect(await shop.spent()).toBe(CENT)
  expect(shop.lines).toEqual([
    {
      level: 'warn',
      message: `amountToCharge needs scheme 'upto'; the quote is charged`,
      details: { tool: TOOL },
    },
  ])
})

test('a failed answer is charged where the seller says so', async () => {
  const failed = { content: [], isError: true } as McpResult
  const shop = await sale('money', { chargeOnError: true }, () => failed)
  const output = await buy(shop)
  expect(responseOf(output).body.result?.isError).toBe(true)
  expect(paidIn(output)).toMatchObject({ success: true, amount: '10000' })
  expect(await shop.spent()).toBe(CENT)
})

const PAYER = `0x${'3'.repeat(40)}`
const ANSWERS: [string, Record<string, unknown>, Outcome][] = [
  ['names no transaction', { transaction: '' }, 'unknown'],
  ['names no transaction at all', { transaction: undefined }, 'unknown'],
  ['was on another network', { network: 'eip155:8453' }, 'unknown'],
  ['was of another payer', { payer: PAYER }, 'unknown'],
  ['took more than was asked', { amount: '10001' }, 'unknown'],
  ['took less than was asked', { amount: '9000' }, 'settled'],
  ['names its network as version 1 does', { network: 'base-sepolia' }, 'settled'],
  ['names neither network nor payer', { network: undefined, payer: undefined }, 'settled'],
  ['has nulls', { network: null, payer: null, amount: null, errorReason: null }, 'settled'],
]

test.each(ANSWERS)('a settlement that %s: %j', async (_, different, outcome) => {
  const good = { success: true, transaction: '0xabc', network: 'eip155:84532', amount: '10000' }
  let settles = 0
  const facilitator: FacilitatorClient = {
    verify: async () => ({ isValid: true }),
    settle: async () => {
      settles += 1
      return { ...good, ...different }
    },
    getSupported: async () => ({ kinds: [] }),
  }
  const shop = await sale('money', { facilitators: [facilitator] })
  const output = await buy(shop)
  expect(outcomeOf(output)).toBe(outcome)
  const amount = different['amount'] === '9000' ? '9000' : '10000'
  if (outcome === 'settled') {
    expect(paidIn(output)).toMatchObject({ amount, network: 'eip155:84532' })
  }
  expect(settles > 1).toBe(outcome === 'unknown')
})

test('a buyer of x402 v1 is verified and settled in its own version', async () => {
  const shop = await sale('money')
  const payment = await paymentV1For(shop, await challengeFrom(shop))
  const output = await shop.handler(callWith(payment))
  expect(textOf(output)).toBe('Hello!')
  const bodies = shop.local.x402.calls.map(({ body }) => body as Record<string, unknown>)
  expect(bodies.map(({ x402Version }) => x402Version)).toEqual([1, 1])
  expect(bodies[0]?.['paymentRequirements']).toMatchObject({
    network: 'base-sepolia',
    maxAmountRequired: '10000',
  })
  expect(await shop.spent()).toBe(CENT)
})

test('without time to settle finished work is withheld, and not paid', async () => {
  let leftMs = 30_000
  const shop = await sale('money', {}, () => {
    leftMs = 900
    return 'Hello!'
  })
  const context = { ...contextWith(0), getRemainingTimeInMillis: () => leftMs }
  expect(outcomeOf(await buy(shop, context))).toBe('not charged')
  expect([shop.asked(), await shop.spent()]).toEqual([['verify'], 0n])
})

test('verify and settle carry one correlation id, and each call its own', async () => {
  const shop = await sale('money')
  await buy(shop)
  await buy(shop)
  const ids = shop.local.x402.calls.map(({ headers }) => headers['x-correlation-id'])
  expect(ids[0]).toBe(ids[1])
  expect(ids[2]).toBe(ids[3])
  expect(new Set(ids).size).toBe(2)
})

test('a payment for another tool at the same price buys nothing here', async () => {
  const shop = await sale('money')
  const resource = { url: 'mcp://tool/T___other' }
  const payment = await paymentFor(shop, await challengeFrom(shop), {}, { resource })
  const output = await shop.handler(callWith(payment))
  expect(challengeOf(output)?.error).toBe('verification failed: resource_mismatch')
  expect([shop.asked(), await shop.spent()]).toEqual([[], 0n])
})
