import { expect, test } from '@jest/globals'
import type { PendingForm, X402Fault } from '../../../src/local/index.js'
import { stack } from '../../support/seller.js'
import {
  ask,
  BODIES,
  exactBody,
  fundedAccount,
  SHOP,
  type Kind,
} from '../../seller/money/support/x402-payments.js'

/** Sends as it is, and keeps the answer as it came. */
async function post(url: string, body: unknown) {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  return [answer.status, answer.headers.get('content-type'), await answer.text()]
}

test.each<[X402Fault, unknown[], bigint]>([
  [{ kind: 'error' }, [500, 'application/json', '{"error":"A fault was set"}'], 0n],
  [{ kind: 'error', status: 429 }, [429, 'application/json', '{"error":"A fault was set"}'], 0n],
  [
    { kind: 'error', status: 503, done: true },
    [503, 'application/json', '{"error":"A fault was set"}'],
    10_000n,
  ],
  [
    { kind: 'html', status: 504, done: true },
    [504, 'text/html', expect.stringMatching(/^<html>/)],
    10_000n,
  ],
  [{ kind: 'html' }, [502, 'text/html', expect.stringMatching(/^<html>/)], 0n],
  [{ kind: 'html', status: 200 }, [200, 'text/html', expect.stringMatching(/^<html>/)], 0n],
  [{ kind: 'garbage' }, [200, 'application/json', '{"success":'], 10_000n],
  [
    { kind: 'refuse', reason: 'no' },
    [200, 'application/json', expect.stringContaining('"errorReason":"no"')],
    0n,
  ],
  [
    { kind: 'refuse', status: 400 },
    [400, 'application/json', expect.stringContaining('"success":false')],
    0n,
  ],
])('the fault %j hits one settle, then all is well', async (fault, answer, moved) => {
  const local = await stack()
  const account = await fundedAccount(local)
  local.x402.faults.set({ ...fault, route: 'settle' })
  const settle = `${local.x402.url}/settle`
  expect(await post(settle, await exactBody(local, account))).toEqual(answer)
  expect(await local.x402.balanceOf(SHOP)).toBe(moved)
  expect((await ask(local, 'settle', await exactBody(local, account))).body).toMatchObject({
    success: true,
  })
})

test.each<['reset' | 'lost-answer', bigint]>([
  ['reset', 0n],
  ['lost-answer', 10_000n],
])('the fault %s breaks the connection and moves %s', async (kind, moved) => {
  const local = await stack()
  const body = await exactBody(local, await fundedAccount(local))
  local.x402.faults.set({ kind, route: 'settle' })
  await expect(ask(local, 'settle', body)).rejects.toThrow('fetch failed')
  expect(await local.x402.balanceOf(SHOP)).toBe(moved)
  expect(local.x402.calls).toMatchObject([{ route: 'settle', status: undefined, body }])
})

test.each<[Kind]>([['exact'], ['exact of v1'], ['upto']])(
  '%s: a pending settlement is one transaction, which the same payment finds again',
  async (kind) => {
    const local = await stack()
    const account = await fundedAccount(local)
    local.x402.faults.set({ kind: 'pending' })
    const body = await BODIES[kind](local, account)
    const { body: pending } = await ask(local, 'settle', body)
    const { transaction, network } = pending
    expect(transaction).toMatch(/^0x[\da-f]{64}$/)
    expect(pending).toEqual({
      success: false,
      errorReason: 'settlement_pending',
      transaction,
      network,
      payer: account.address,
    })
    const { body: settled } = await ask(local, 'settle', body)
    expect(settled).toMatchObject({ success: true, transaction, network, amount: '10000' })
    expect(await ask(local, 'settle', body)).toMatchObject({ body: { success: false } })
    expect(await local.x402.balanceOf(SHOP)).toBe(10_000n)
  },
)

const PENDING = { success: false, errorReason: 'settlement_pending' }
const UUID = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/) as unknown

test.each<[PendingForm, number, object]>([
  [
    'standard',
    200,
    { ...PENDING, transaction: expect.stringMatching(/^0x[\da-f]{64}$/) as unknown },
  ],
  ['cdp', 500, { ...PENDING, transaction: expect.stringMatching(/^0x[\da-f]{64}$/) as unknown }],
  [
    'circle',
    200,
    {
      ...PENDING,
      transaction: null,
      extensions: {
        'settlement-status': {
          status: 'pending',
          paymentId: UUID,
          statusUrl: expect.stringMatching(/^https:.*\/status\//) as unknown,
        },
      },
    },
  ],
  ['accepted', 202, { paymentId: UUID, status: 'pending', retryAfterMs: 1_000 }],
])('said as %s, a pending settlement is found again by the same payment', async (form, ...said) => {
  const local = await stack()
  const account = await fundedAccount(local)
  local.x402.faults.set({ kind: 'pending', form })
  const body = await exactBody(local, account)
  const { status, body: pending } = await ask(local, 'settle', body)
  const of = pending['success'] === false && { network: 'eip155:84532', payer: account.address }
  const [expected, answer] = said
  expect([status, pending]).toEqual([expected, { ...answer, ...of }])
  expect(await ask(local, 'settle', body)).toMatchObject({ status: 200, body: { success: true } })
  expect(await local.x402.balanceOf(SHOP)).toBe(10_000n)
})

test('a settlement can stay pending for a while', async () => {
  const local = await stack()
  local.x402.faults.set({ kind: 'pending', times: 3 })
  const body = await exactBody(local, await fundedAccount(local))
  const reasons: unknown[] = []
  for (let i = 0; i < 4; i += 1) {
    const { errorReason, transaction } = (await ask(local, 'settle', body)).body
    reasons.push(errorReason)
    expect(transaction).toBe(local.x402.settlements[0]?.transaction)
  }
  const pending = 'settlement_pending'
  expect(reasons).toEqual([pending, pending, pending, undefined])
  expect(local.x402.settlements).toHaveLength(1)
})

test('a pending settlement is not found by other terms, nor made of a refusal', async () => {
  const local = await stack()
  const account = await fundedAccount(local)
  local.x402.faults.set({ kind: 'pending', times: 2 })
  const refused = await ask(local, 'settle', await exactBody(local, account, { amount: '9999999' }))
  expect(refused.body['errorReason']).toBe('invalid_exact_evm_insufficient_balance')
  const body = await exactBody(local, account)
  await ask(local, 'settle', body)
  const paymentRequirements = { ...body.paymentRequirements, amount: '1' }
  const other = await ask(local, 'settle', { ...body, paymentRequirements })
  expect(other.body).toMatchObject({ success: false, transaction: '' })
  expect(await ask(local, 'settle', body)).toMatchObject({ body: { success: true } })
})

test('a fault hits the route it is set on, as often as it says and no sooner', async () => {
  const local = await stack()
  const body = await exactBody(local, await fundedAccount(local))
  local.x402.faults.set({ kind: 'refuse', reason: 'no', route: 'verify', skip: 1, times: 2 })
  const reasons: unknown[] = []
  for (let i = 0; i < 4; i += 1) {
    reasons.push((await ask(local, 'verify', body)).body['invalidReason'])
  }
  expect(reasons).toEqual([undefined, 'no', 'no', undefined])
  local.x402.faults.set({ kind: 'error', status: 503, route: 'supported' })
  expect(await ask(local, 'settle', body)).toMatchObject({ body: { success: true } })
  expect((await fetch(`${local.x402.url}/supported`)).status).toBe(503)
  expect((await fetch(`${local.x402.url}/supported`)).status).toBe(200)
})

test('a fault can be taken back, and all of them cleared', async () => {
  const { x402 } = await stack()
  const takeBack = x402.faults.set({ kind: 'error' })
  takeBack()
  x402.faults.set({ kind: 'error' })
  x402.faults.clear()
  expect((await fetch(`${x402.url}/supported`)).status).toBe(200)
})

test('faults of one facilitator are none of the other', async () => {
  const local = await stack()
  local.faults.set({ kind: 'error' })
  expect((await fetch(`${local.x402.url}/supported`)).status).toBe(200)
  expect((await fetch(`${local.url}/api/v1/meta/versions`)).status).toBe(500)
})

test('delays add up, of the stack and of a fault', async () => {
  const local = await stack({ delayMs: 100 })
  const durationOf = async () => {
    const before = performance.now()
    await (await fetch(`${local.x402.url}/supported`)).text()
    return performance.now() - before
  }
  expect(await durationOf()).toBeGreaterThan(95)
  local.x402.faults.set({ kind: 'delay', delayMs: 150 })
  expect(await durationOf()).toBeGreaterThan(245)
})

test('calls are recorded with their status', async () => {
  const local = await stack()
  const body = await exactBody(local, await fundedAccount(local))
  await ask(local, 'verify', body)
  await fetch(`${local.x402.url}/supported`)
  await fetch(`${local.x402.url}/nothing`)
  expect(local.x402.calls).toMatchObject([
    { route: 'verify', method: 'POST', path: '/facilitator/verify', status: 200, body },
    { route: 'supported', method: 'GET', status: 200, body: undefined },
    { route: undefined, method: 'GET', status: 404 },
  ])
  expect(local.calls).toEqual([])
})
