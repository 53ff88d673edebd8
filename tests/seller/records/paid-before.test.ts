import { expect, test } from '@jest/globals'
import { memoryStore, type InterceptorStore } from '../../../src/index.js'
import { countOf, singleUse } from '../../support/outcome.js'
import { stack } from '../../support/seller.js'
import { bothHttpPhases, memoryStore as handoffStore } from '../phases/support/http-phases.js'
import { intercept } from '../phases/support/phases.js'
import { failingStore, onceAt } from './support/failing-store.js'

// A payment whose settle was sent by an earlier call, and is found to be settled by the next one.

test.each([
  ['is written down', undefined],
  ['is not written down', 'down'],
  ['is written down, and the reply is lost', 'lost'],
] as const)(
  'what was paid before, as %s, is settled no more, and nobody hears that it was not charged',
  async (_, failure) => {
    const local = await stack()
    const kept = handoffStore()
    let isDown = false
    const store: InterceptorStore = {
      ...kept,
      put: (...given) => (isDown ? Promise.reject(new Error('throttled')) : kept.put(...given)),
    }
    const fails = failure && onceAt('settled', failure)
    const paymentStore = {
      ...failingStore(memoryStore(), (asked) => fails?.(asked)),
      ...{ scope: 'shared' as const, heldAlone: () => Promise.resolve(true) },
    }
    const handle = intercept(local, {
      ...{ store, paymentStore, flow: 'upfront', onRefundDue: () => undefined },
    })
    const request = { path: '/hello', token: singleUse(local, { resource: { url: '/hello' } }) }
    const call = async () => (await bothHttpPhases(handle, request)).got
    const stop = local.faults.set({ route: 'settle', kind: 'lost-answer', times: 99 })
    expect((await call()).status).toBe(503)
    stop()
    const sent = countOf(local, 'settle')
    isDown = true
    const got = await call()
    expect([got.status, got.headers['payment-required']]).toEqual([503, undefined])
    expect(got.body.toString()).toMatch(/same payment/)
    // The same payment once more says what became of it.
    expect(countOf(local, 'settle')).toBe(sent + 1)
    isDown = false
    if (failure === undefined) {
      const last = await call()
      expect([last.status, last.body.toString()]).toEqual([200, 'Hello!'])
    }
    expect(local.balance()).toBe(99n)
  },
)
