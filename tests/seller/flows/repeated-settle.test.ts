import { expect, test } from '@jest/globals'
import { memoryStore, type FacilitatorClient } from '../../../src/index.js'
import type { Fault } from '../../../src/local/index.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../../support/outcome.js'
import { callWith } from '../money/support/money.js'
import { sale } from '../money/support/sales.js'
import { hello, sell, stack } from '../../support/seller.js'

// A settle is repeated only where that cannot charge twice.

test.each<Fault>([
  { kind: 'reset' },
  { kind: 'error' },
  { kind: 'html' },
  { kind: 'error', code: 'BCK.X402.0051', status: 503 },
])(
  'a token spent in another container buys nothing, whatever fails before it is found spent: %j',
  async (wrong) => {
    const local = await stack()
    const token = singleUse(local)
    expect(outcomeOf(await sell(local)(local.paidEvent(TOOL, {}, token)))).toBe('settled')
    local.faults.set({ ...wrong, route: 'settle' })
    const elsewhere = sell(local, hello, { paymentStore: memoryStore() })
    const output = await elsewhere(local.paidEvent(TOOL, {}, token))
    // After a failure that is known to be harmless, no attempt of ours can have spent it.
    const told = 'code' in wrong ? 'used' : 'unknown'
    expect([outcomeOf(output), countOf(local, 'settle')]).toEqual([told, 3])
    expect(local.balance()).toBe(99n)
  },
)

/** Charged, and then an error that calls itself harmless. */
const CHARGED: Fault[] = [
  { kind: 'error', status: 503, code: 'SERVICE_BUSY', retryable: true, done: true },
  { kind: 'error', status: 503, code: 'BCK.NEW.0001', retryable: true, done: true },
  { kind: 'error', status: 500, retryable: true, done: true },
  { kind: 'error', status: 503, code: 'BCK.HTTP.503', retryable: true, done: true },
]

test.each(CHARGED)('an error that calls itself retryable is not believed: %j', async (wrong) => {
  const local = await stack()
  local.faults.set({ ...wrong, route: 'settle', times: 9 })
  const output = await sell(local, hello)(local.paidEvent(TOOL))
  expect([outcomeOf(output), countOf(local, 'settle'), local.balance()]).toEqual([
    'unknown',
    1,
    99n,
  ])
})

test.each(CHARGED)('nor is it by a seller who sells in advance: %j', async (wrong) => {
  const local = await stack()
  local.faults.set({ ...wrong, route: 'settle', times: 9 })
  const options = { flow: 'upfront', onRefundDue: () => undefined } as const
  const output = await sell(local, hello, options)(local.paidEvent(TOOL))
  expect([outcomeOf(output), countOf(local, 'settle'), local.balance()]).toEqual([
    'unknown',
    1,
    99n,
  ])
})

test('a verify that says it is retryable is asked once more, since it charges nothing', async () => {
  const local = await stack()
  local.faults.set({ route: 'verify', kind: 'error', status: 503, retryable: true })
  expect(outcomeOf(await sell(local)(local.paidEvent(TOOL)))).toBe('settled')
  expect(countOf(local, 'verify')).toBe(2)
})

test.each<[string, Record<string, unknown>, number]>([
  ['a signed transaction', { transaction: 'AQID' }, 3],
  ['a nonce', { authorization: { from: '9xQ', nonce: '1', validBefore: 9e9 } }, 3],
  ['something else', { iou: 'signed' }, 1],
])('a settle of unknown outcome is repeated by %s: %j', async (_, payload, times) => {
  let settles = 0
  const facilitator: FacilitatorClient = {
    verify: async () => ({ isValid: true }),
    settle: async () => {
      settles += 1
      throw Object.assign(new Error('broken'), { code: 'ECONNRESET' })
    },
    getSupported: async () => ({ kinds: [] }),
  }
  const network = 'algorand:mainnet'
  const price = { amount: '5', asset: 'USDC', extra: { feePayer: 'them' } }
  const terms = { network, price, payTo: 'SHOP', facilitators: [facilitator] }
  const shop = await sale('money', terms)
  const accepted = {
    ...{ scheme: 'exact', network, amount: '5', asset: 'USDC', payTo: 'SHOP' },
    ...{ maxTimeoutSeconds: 300, extra: { feePayer: 'them' } },
  }
  const output = await shop.handler(callWith({ x402Version: 2, accepted, payload }))
  expect([outcomeOf(output), settles]).toEqual(['unknown', times])
})
