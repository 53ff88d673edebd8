// AWS charges the session when it signs. What comes after that does not give the budget of a paying client back.
import { expect, test } from '@jest/globals'
import {
  createBudget,
  payingAxios,
  payingFetch,
  type PayFunction,
  type Payer,
  type PaymentLimits,
} from '../../../src/client/index.js'
import type { PaymentsFault } from '../../../src/local/agentcore/index.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import axios from 'axios'
import { answering } from '../support/answering.js'
import { ACCEPT_V1, challengeV1, challengeV2, mpp, paying } from '../support/payment-header.js'
import { failure } from '../support/payment-manager.js'
import { BASE_SEPOLIA_USDC, MERCHANT } from '../../local/agentcore/support/payments-service.js'

type Json = Record<string, unknown>
type Challenge = [headers: Record<string, string>, body: unknown]

const CHALLENGES: Record<string, Challenge> = {
  'x402 v2': [
    { 'payment-required': encodeHeader(challengeV2(undefined, { resource: { url: '/' } })) },
    {},
  ],
  'x402 v1': [{}, challengeV1([{ ...ACCEPT_V1, resource: '/' }])],
  MPP: [{ 'www-authenticate': mpp({ realm: '127.0.0.1' }) }, {}],
}

const LIMITS: PaymentLimits = {
  budgets: {
    [`eip155:84532/${BASE_SEPOLIA_USDC}`]: { maxAmountPerPayment: 10_000n, total: 50_000n },
  },
  payees: [MERCHANT],
}

/** A buyer of a cent with a manager, and a seller that gives nothing for it. */
async function buying(protocol = 'x402 v2', limits: Partial<PaymentLimits> = {}) {
  const one = await paying()
  const { managerWith, paymentInstrumentId, paymentSessionId, buyer } = one
  const paid: unknown[] = []
  const { url } = await answering((request, response) => {
    const { 'payment-signature': v2, 'x-payment': v1, authorization } = request.headers
    if ((v2 ?? v1 ?? authorization) !== undefined) paid.push(request.headers)
    const [headers, body] = CHALLENGES[protocol] ?? [{}, {}]
    response.writeHead(402, headers).end(JSON.stringify(body))
  })
  const manager = managerWith({ paymentInstrumentId, paymentSessionId, maxAttempts: 1 })
  const budget = createBudget({ ...LIMITS, ...limits })
  const fault = (one: PaymentsFault) =>
    buyer.service.faults.set({ operation: 'ProcessPayment', ...one })
  /** What is set aside, and what the session says was spent. */
  const standing = () => {
    const [{ held, spent } = {}] = budget.standing()
    return { held, spent, session: buyer.service.sessions()[0]?.spent }
  }
  return { ...one, manager, budget, url, fault, paid, standing }
}

const HELD = { held: 10_000n, spent: 0n, session: '0.01' }
const RELEASED = { held: 0n, spent: 0n, session: '0.00' }
const CHARGED = /may have been charged/

const tampered = (change: (output: Json) => unknown): PaymentsFault => ({
  kind: 'edit',
  edit: (answer) => ({ ...answer, paymentOutput: change(answer['paymentOutput'] as Json) }),
})

/** What makes of the proof that AWS gave one for something else. */
const toOther = (output: Json): unknown =>
  JSON.parse(JSON.stringify(output).replaceAll(new RegExp(MERCHANT, 'gi'), `0x${'22'.repeat(20)}`))

test.each<[string, string, PaymentsFault]>([
  ['whose answer is lost', 'x402 v2', { kind: 'lost-answer', times: 9 }],
  ['whose answer cannot be read', 'x402 v2', { kind: 'garbage', times: 9 }],
  ['that is no proof', 'x402 v2', { kind: 'edit', edit: (one) => ({ ...one, status: 'PENDING' }) }],
  ['without an output', 'x402 v1', tampered(() => undefined)],
  ['with the output of another protocol', 'MPP', tampered(() => ({ cryptoX402: {} }))],
  ['for another payee', 'x402 v2', tampered(toOther)],
  ['for another payee in version 1', 'x402 v1', tampered(toOther)],
  ['that is no credential', 'MPP', tampered(() => ({ mpp: { paymentCredential: 'a, b' } }))],
  [
    'of another challenge',
    'MPP',
    tampered(({ mpp: one }) => ({ mpp: { ...(one as Json), selectedPaymentId: 'x' } })),
  ],
  [
    'that is too long',
    'x402 v2',
    tampered(({ cryptoX402: one }) => ({
      cryptoX402: {
        ...(one as Json),
        payload: { ...((one as Json)['payload'] as Json), more: 'x'.repeat(70_000) },
      },
    })),
  ],
])('a payment %s holds the budget (%s)', async (_, protocol, wrong) => {
  const { manager, budget, url, fault, paid, standing } = await buying(protocol)
  fault(wrong)
  const error = await failure(payingFetch(manager, budget)(url))
  expect(String(error)).toMatch(CHARGED)
  expect(String(error)).not.toContain('nothing was paid')
  expect(paid).toEqual([])
  expect(standing()).toEqual(HELD)
})

/** A payer of one's own around a manager, which spoils what that gives. */
const spoiling =
  (pay: PayFunction, change: (value: string) => string): PayFunction =>
  async (challenge, call) => {
    const { headers = {} } = await pay(challenge, call)
    const changed = Object.entries(headers).map(([name, value]) => [name, change(value)])
    return { headers: Object.fromEntries(changed) as Record<string, string> }
  }

test.each(Object.keys(CHALLENGES))(
  'a proof that the client itself finds unusable holds the budget (%s)',
  async (protocol) => {
    for (const change of [(value: string) => value.slice(3, -8), () => '', () => 'no header\n']) {
      const { manager, budget, url, paid, standing } = await buying(protocol)
      const payer: Payer = {
        pay: spoiling((...args) => manager.pay(...args), change),
        protocols: ['x402', 'mpp'],
      }
      const error = await failure(payingFetch(payer, budget)(url))
      expect(error).toMatchObject({
        code: 'payment_unusable',
        message: expect.stringMatching(CHARGED),
      })
      expect(String(error)).not.toContain('nothing was paid')
      expect(paid).toEqual([])
      expect(standing()).toEqual(HELD)
    }
  },
)

test('a proof that is good for longer than the client allows holds the budget', async () => {
  const { manager, budget, url, standing } = await buying('x402 v2', { maxTimeoutSeconds: 60 })
  const longLived = () => Date.now() - 3_600_000
  const error = await failure(payingFetch(manager, budget, { now: longLived })(url))
  expect(error).toMatchObject({ code: 'payment_unusable', message: expect.stringMatching(CHARGED) })
  expect(standing()).toEqual(HELD)
})

test('payingAxios holds the budget as well', async () => {
  const { manager, budget, url, standing } = await buying()
  const pay = spoiling(
    (...args) => manager.pay(...args),
    () => 'spoilt',
  )
  const instance = axios.create()
  payingAxios(instance, pay, budget)
  const call = instance.get(url)
  expect(await failure(call)).toMatchObject({ message: expect.stringMatching(CHARGED) })
  expect(standing()).toEqual(HELD)
})

test('a payer that keeps the proof and throws holds the budget', async () => {
  const { manager, budget, url, standing } = await buying()
  const pay: PayFunction = async (...args) => {
    await manager.pay(...args)
    throw new Error('lost it')
  }
  expect(String(await failure(payingFetch(pay, budget)(url)))).toBe('Error: lost it')
  expect(standing()).toEqual(HELD)
})

test('a call that is given up while AWS signs holds the budget', async () => {
  const { manager, budget, url, fault, standing, asked } = await buying()
  fault({ kind: 'delay', delayMs: 200 })
  const controller = new AbortController()
  const call = payingFetch(manager, budget)(url, { signal: controller.signal })
  while (asked().length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  controller.abort()
  await failure(call)
  expect(standing()).toMatchObject({ held: 10_000n, spent: 0n })
})

test('a budget that is held is not spent again', async () => {
  const { manager, budget, url, fault, standing } = await buying('x402 v2', {
    budgets: {
      [`eip155:84532/${BASE_SEPOLIA_USDC}`]: { maxAmountPerPayment: 10_000n, total: 10_000n },
    },
  })
  fault(tampered(toOther))
  await failure(payingFetch(manager, budget)(url))
  expect(await failure(payingFetch(manager, budget)(url))).toMatchObject({ code: 'limit_exceeded' })
  expect(standing()).toEqual(HELD)
})

test.each<[string, PaymentsFault]>([
  ['refuses', { kind: 'error', name: 'ValidationException', status: 400 }],
  ['does not allow', { kind: 'error', name: 'AccessDeniedException', status: 403 }],
])('what AWS %s is released', async (_, wrong) => {
  const { manager, budget, url, fault, standing } = await buying()
  fault({ ...wrong, times: 9 })
  await failure(payingFetch(manager, budget)(url))
  expect(standing()).toEqual(RELEASED)
})

test('what a manager refuses before it asks AWS is released', async () => {
  const { managerWith, paymentInstrumentId, budget, url, standing } = await buying()
  await failure(payingFetch(managerWith({ paymentInstrumentId }), budget)(url))
  expect(standing()).toEqual(RELEASED)
})
