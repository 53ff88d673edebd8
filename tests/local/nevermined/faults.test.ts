import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { Fault } from '../../../src/local/index.js'
import { SETTLE, VERIFY, permissionBody, raw } from './support/raw.js'
import { stack } from '../../support/seller.js'

/** What a client sees of a fault on settle, and whether credits were burned. */
test.each<[Fault, number, unknown, bigint]>([
  [{ kind: 'error' }, 500, expect.objectContaining({ code: 'BCK.HTTP.500' }), 0n],
  [{ kind: 'error', status: 429 }, 429, expect.objectContaining({ code: 'BCK.HTTP.429' }), 0n],
  [
    { kind: 'error', status: 503, code: 'BCK.X402.0051', retryable: true },
    503,
    expect.objectContaining({ code: 'BCK.X402.0051', retryable: true }),
    0n,
  ],
  [
    { kind: 'error', status: 503, code: 'BCK.NEW.0001', retryable: true, done: true },
    503,
    expect.objectContaining({ code: 'BCK.NEW.0001', retryable: true }),
    2n,
  ],
  [{ kind: 'html', status: 504, done: true }, 504, expect.stringMatching(/^<html>/), 2n],
  [{ kind: 'empty', done: true }, 502, '', 2n],
  [{ kind: 'error', done: false }, 500, expect.objectContaining({ code: 'BCK.HTTP.500' }), 0n],
  [{ kind: 'html' }, 502, expect.stringMatching(/^<html>/), 0n],
  [{ kind: 'html', status: 200 }, 200, expect.stringMatching(/^<html>/), 0n],
  [{ kind: 'empty' }, 502, '', 0n],
  [{ kind: 'empty', status: 200 }, 200, '', 0n],
  [{ kind: 'garbage' }, 200, '{"success":', 2n],
  [{ kind: 'refuse' }, 200, expect.objectContaining({ success: false }), 0n],
  [
    { kind: 'refuse', reason: 'Auto-order failed' },
    200,
    expect.objectContaining({ errorReason: 'Auto-order failed' }),
    0n,
  ],
])('the fault %j hits one settle, then all is well', async (fault, status, body, burned) => {
  const local = await stack()
  local.faults.set({ ...fault, route: 'settle' })
  const answer = await raw(local, SETTLE, { body: permissionBody(local) })
  expect([answer.status, answer.body]).toEqual([status, body])
  expect(local.balance()).toBe(100n - burned)
  expect((await raw(local, SETTLE, { body: permissionBody(local) })).status).toBe(200)
})

test.each<[Fault['kind'] & ('reset' | 'lost-answer'), bigint]>([
  ['reset', 0n],
  ['lost-answer', 2n],
])('the fault %s breaks the connection and burns %s', async (kind, burned) => {
  const local = await stack()
  local.faults.set({ kind, route: 'settle' })
  await expect(raw(local, SETTLE, { body: permissionBody(local) })).rejects.toThrow('fetch failed')
  expect(local.balance()).toBe(100n - burned)
  expect(local.calls[0]).toMatchObject({ route: 'settle', status: undefined })
})

test('a refused verify says so in the words of verify', async () => {
  const local = await stack()
  local.faults.set({ kind: 'refuse', route: 'verify', reason: 'No' })
  const { body } = await raw(local, VERIFY, { body: permissionBody(local) })
  expect(body).toEqual({ isValid: false, invalidReason: 'No' })
})

test('a delay holds the answer back, and the ledger with it', async () => {
  const local = await stack()
  local.faults.set({ kind: 'delay', delayMs: 200, route: 'settle' })
  const answer = raw(local, SETTLE, { body: permissionBody(local) })
  await sleep(50)
  expect(local.balance()).toBe(100n)
  expect((await answer).status).toBe(200)
  expect(local.balance()).toBe(98n)
})

test('a delay and another fault come together', async () => {
  const local = await stack()
  local.faults.set({ kind: 'delay', delayMs: 20 })
  local.faults.set({ kind: 'empty', status: 503 })
  expect((await raw(local, VERIFY, { body: permissionBody(local) })).status).toBe(503)
})

test('a fault without route hits whatever comes first', async () => {
  const local = await stack()
  local.faults.set({ kind: 'error' })
  expect((await raw(local, '/api/v1/meta/versions')).status).toBe(500)
  expect((await raw(local, VERIFY, { body: permissionBody(local) })).status).toBe(200)
})

test.each<[string, { times?: number; skip?: number }, number[]]>([
  ['once by default', {}, [500, 200, 200, 200]],
  ['as often as it says', { times: 2 }, [500, 500, 200, 200]],
  ['after those it spares', { skip: 2 }, [200, 200, 500, 200]],
  ['both', { skip: 1, times: 2 }, [200, 500, 500, 200]],
  ['never with no times', { times: 0 }, [200, 200, 200, 200]],
])('a fault hits %s', async (_, when, expected) => {
  const local = await stack()
  local.faults.set({ kind: 'error', route: 'versions', ...when })
  const statuses: number[] = []
  while (statuses.length < expected.length) {
    statuses.push((await raw(local, '/api/v1/meta/versions')).status)
  }
  expect(statuses).toEqual(expected)
})

test('a fault on one route spares the others and waits for its own', async () => {
  const local = await stack()
  local.faults.set({ kind: 'error', route: 'settle' })
  expect((await raw(local, VERIFY, { body: permissionBody(local) })).status).toBe(200)
  expect((await raw(local, SETTLE, { body: permissionBody(local) })).status).toBe(500)
})

test('a fault can be taken back, alone or with all others', async () => {
  const local = await stack()
  const undo = local.faults.set({ kind: 'error', times: 9 })
  undo()
  expect((await raw(local, '/api/v1/meta/versions')).status).toBe(200)
  local.faults.set({ kind: 'error', times: 9 })
  local.faults.clear()
  expect((await raw(local, '/api/v1/meta/versions')).status).toBe(200)
})

test('every answer takes as long as the stack was told', async () => {
  const local = await stack({ delayMs: 60 })
  const startedAt = performance.now()
  await raw(local, '/api/v1/meta/versions')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55)
})

test('an idle connection that was dropped answers nothing until dropping is over', async () => {
  const local = await stack()
  await raw(local, '/api/v1/meta/versions')
  local.dropIdleAfter(0)
  await sleep(20)
  await expect(raw(local, '/api/v1/meta/versions')).rejects.toThrow('fetch failed')
  local.dropIdleAfter(undefined)
  expect((await raw(local, '/api/v1/meta/versions')).status).toBe(200)
})
