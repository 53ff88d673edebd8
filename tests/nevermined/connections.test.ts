import { setTimeout as sleep } from 'node:timers/promises'
import { expect, jest, test } from '@jest/globals'
import { Payments, requiresPayment, type PaidHandler } from '../../src/index.js'
import type { Local } from '../../src/local/index.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../support/outcome.js'
import { correlationIds } from '../support/recorded.js'
import { allTextOf, hello, sell, silent, stack } from '../support/seller.js'

/** Longer than the local stack's clock can miss. Unit: ms. */
const A_MOMENT_MS = 20

/** A seller whose client has a clock of its own, to let connections age without waiting. */
async function sellerWithClock(run: PaidHandler = hello) {
  const local = await stack()
  const clock = { now: 1_000_000 }
  const { nvmApiKey, url: backendUrl, planId } = local
  const now = () => clock.now
  const payments = Payments.getInstance({ nvmApiKey, backendUrl, now })
  const handler = requiresPayment(run, { payments, planId, now, logger: silent })
  const call = async () => outcomeOf(await handler(local.paidEvent(TOOL)))
  return { local, clock, payments, handler, call }
}

/** A handler after which all idle connections live again, so that only verify meets dead ones. */
function revive(local: () => Local) {
  return jest.fn<PaidHandler>(() => {
    local().dropIdleAfter(undefined)
    return 'Hello!'
  })
}

test('calls one after the other share one connection', async () => {
  const { local, call } = await sellerWithClock()
  expect([await call(), await call(), await call()]).toEqual(['settled', 'settled', 'settled'])
  expect(local.connections()).toBe(1)
})

test('no call opens a connection before there is something to ask', async () => {
  const { local, payments } = await sellerWithClock()
  const terms = { scheme: 'nvm:erc4337', network: 'eip155:84532' }
  const { planId } = local
  const handler = requiresPayment(hello, { payments, planId, ...terms, logger: silent })
  await handler(local.paidEvent(TOOL, {}, null))
  expect(local.connections()).toBe(0)
})

test.each([
  [4_000, 1],
  [4_001, 2],
])('after %i ms of idleness, %i connection(s) have been opened in all', async (idleMs, opened) => {
  const { local, clock, payments } = await sellerWithClock()
  await payments.plans.getPlan(local.planId)
  clock.now += idleMs
  await payments.plans.getPlan(local.planId)
  expect(local.connections()).toBe(opened)
})

test('a connection that died unseen while the Lambda was frozen costs the buyer nothing', async () => {
  const run = revive(() => local)
  const { local, clock, call } = await sellerWithClock(run)
  await call()
  local.dropIdleAfter(0)
  await sleep(A_MOMENT_MS)
  clock.now += 60_000
  expect(await call()).toBe('settled')
  expect(run).toHaveBeenCalledTimes(2)
  expect([countOf(local, 'verify'), countOf(local, 'settle')]).toEqual([2, 2])
})

test('verify is repeated when the connection it reused turns out dead', async () => {
  const run = revive(() => local)
  const { local, call } = await sellerWithClock(run)
  await call()
  local.dropIdleAfter(0)
  await sleep(A_MOMENT_MS)
  expect(await call()).toBe('settled')
  expect(run).toHaveBeenCalledTimes(2)
  expect([local.connections(), local.balance()]).toEqual([2, 98n])
})

test('verify survives several connections that all turn out dead', async () => {
  const run = revive(() => local)
  const { local, call } = await sellerWithClock(run)
  await Promise.all([call(), call(), call()])
  expect(local.connections()).toBeGreaterThan(1)
  local.dropIdleAfter(0)
  await sleep(A_MOMENT_MS)
  expect(await call()).toBe('settled')
})

test('verify is not repeated when a new connection breaks', async () => {
  const { local, clock, call } = await sellerWithClock()
  await call()
  clock.now += 60_000
  local.faults.set({ route: 'verify', kind: 'reset' })
  expect(await call()).toBe('not charged')
  expect(countOf(local, 'verify')).toBe(2)
})

test('connections that die during a slow handler never leave a settlement unknown', async () => {
  const local = await stack()
  local.dropIdleAfter(50)
  const handler = sell(local, async () => {
    await sleep(400)
    return 'Hello!'
  })
  const outputs = await Promise.all([1, 2, 3].map(() => handler(local.paidEvent(TOOL))))
  expect(outputs.map(outcomeOf)).toEqual(['settled', 'settled', 'settled'])
  expect([countOf(local, 'settle'), local.balance()]).toEqual([3, 97n])
})

test('a settle that breaks on a new connection is unknown, and not sent again', async () => {
  const slow: PaidHandler = () => {
    clock.now += 1_000
    return 'Hello!'
  }
  const { local, clock, call } = await sellerWithClock(slow)
  local.faults.set({ route: 'settle', kind: 'reset' })
  expect(await call()).toBe('unknown')
  expect([local.connections(), countOf(local, 'settle')]).toEqual([2, 1])
})

test('verify and settle of a call carry one correlation id, each call its own', async () => {
  const { local, call } = await sellerWithClock()
  await call()
  await call()
  const [verify, settle, ...next] = correlationIds(local)
  expect(verify).toMatch(/^[0-9a-f-]{36}$/)
  expect(settle).toBe(verify)
  expect(next[0]).not.toBe(verify)
  expect(next[1]).toBe(next[0])
})

test('a repeated settle carries the correlation id of the first', async () => {
  const { local, handler } = await sellerWithClock()
  local.faults.set({ route: 'settle', kind: 'reset' })
  await handler(local.paidEvent(TOOL, {}, singleUse(local)))
  const ids = correlationIds(local)
  expect(ids).toHaveLength(3)
  expect(new Set(ids).size).toBe(1)
})

test('the buyer of an unknown settlement is given the correlation id on the wire', async () => {
  const { local, handler } = await sellerWithClock()
  local.faults.set({ route: 'settle', kind: 'lost-answer' })
  const output = await handler(local.paidEvent(TOOL))
  expect(allTextOf(output)).toContain(correlationIds(local).at(-1))
})

test('a warmed client has its connection, and the first call opens none', async () => {
  const { local, payments, call } = await sellerWithClock()
  await payments.warm()
  expect(local.connections()).toBe(1)
  expect(await call()).toBe('settled')
  expect(local.connections()).toBe(1)
})

test('plans named to warm are not looked up again by the first call', async () => {
  const { local, payments, call } = await sellerWithClock()
  await payments.warm({ planIds: [local.planId] })
  await call()
  expect(countOf(local, 'plan')).toBe(1)
})

test('warming sends no API key', async () => {
  const { local, payments } = await sellerWithClock()
  await payments.warm({ planIds: [local.planId] })
  expect(local.calls.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
})

test('warming up against a backend that is down fails nothing', async () => {
  const { local, payments, call } = await sellerWithClock()
  await local.close()
  await expect(payments.warm({ planIds: [local.planId] })).resolves.toBeUndefined()
  expect(await call()).toBe('not charged')
})
