import { expect, test } from '@jest/globals'
import { memoryStore } from '../../../src/index.js'
import { FUNCTION_URL } from '../../support/events.js'
import { eventually } from '../../support/outcome.js'
import { hello, sell, stack, toolCall } from '../../support/seller.js'
import { type HttpTarget, bothHttpPhases } from '../phases/support/http-phases.js'
import { memoryStore as handoffStore } from '../phases/support/memory-store.js'
import { intercept } from '../phases/support/phases.js'

// The guard where HTTP has a status.

const GUARDED = { overdraftGuard: true, waitForAnswerMs: 0 }

test('a call that is told to come back gets 503 with Retry-After, and no challenge', async () => {
  const local = await stack({ credits: 1n })
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  let runs = 0
  const wrapped = sell(
    local,
    async (...given) => {
      runs++
      await ended
      return hello(...given)
    },
    { paymentStore: memoryStore(), ...GUARDED },
  )
  const call = async (id: number) => {
    const sent = { body: toolCall('hello', {}, { id }), token: local.accessToken() }
    return FUNCTION_URL.said(await wrapped(FUNCTION_URL.event(sent), FUNCTION_URL.context(sent)))
  }
  const first = call(1)
  await eventually(() => runs === 1)
  const { status, headers, message } = await call(2)
  expect([status, headers['retry-after']]).toEqual([503, '1'])
  expect(headers).not.toHaveProperty('payment-required')
  expect(JSON.stringify(message)).toMatch(/Your other calls in work/)
  expect(JSON.stringify(message)).not.toMatch(/accepts/)
  end()
  expect((await first).status).toBe(200)
})

const TARGETS: [string, HttpTarget, number][] = [
  ['answers', () => ({ body: 'Hello!' }), 200],
  ['fails', () => ({ status: 500, body: 'broken' }), 500],
]

test.each(TARGETS)(
  'an HTTP target that %s: others wait for it, and not after it',
  async (_, target, status) => {
    const local = await stack({ credits: 1n })
    const handle = intercept(local, {
      ...GUARDED,
      paymentStore: memoryStore(),
      store: handoffStore(),
    })
    const call = async (meanwhile: () => unknown = () => undefined) =>
      (await bothHttpPhases(handle, { token: local.accessToken() }, target, { meanwhile })).got
        .status
    let second: number | undefined
    expect(await call(async () => (second = await call()))).toBe(status)
    expect(second).toBe(503)
    if (status === 200) local.ledger.credit(local.planId, local.subscriberAddress, 1n)
    expect(await call()).toBe(status)
  },
)
