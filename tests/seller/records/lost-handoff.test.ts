import { expect, test } from '@jest/globals'
import {
  memoryStore,
  type InterceptorOutput,
  type InterceptorStore,
  type RefundDue,
} from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { NOW_MS } from '../../support/clock.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../../support/outcome.js'
import { receiptOf, stack, textOf } from '../../support/seller.js'
import { refundIn } from '../money/support/sales.js'
import { bothPhases, hello, result, type Target } from '../phases/support/phases.js'
import { isDelivered, sharing } from '../phases/support/sealed-calls.js'
import { failingStore } from './support/failing-store.js'

// Flow `upfront`: the request phase settles, and its hand-off never reaches the response phase.

/** The Gateway shows the request as the client sent it, so that no sealed header arrives. */
const SHOWN = { shown: 'original' } as const

/** A store whose entries are gone when the response comes. */
const forgetful: InterceptorStore = { put: async () => undefined, take: async () => undefined }

type Sold = (local: Local) => string
const TOKENS: [string, Sold, object][] = [
  ['a single-use token', (local) => singleUse(local), {}],
  ['a reusable token of a named call', (local) => local.accessToken(), { idempotencyKey: nameOf }],
]

function nameOf(event: unknown): string {
  const { mcp } = event as { mcp: { gatewayRequest: { body: { id: unknown } } } }
  return `call ${String(mcp.gatewayRequest.body.id)}`
}

async function shop(more: object = {}) {
  const clock = { ms: NOW_MS }
  const now = () => clock.ms
  const local = await stack({ now })
  const refunds: RefundDue[] = []
  const onRefundDue = (refund: RefundDue) => void refunds.push(refund)
  const options = { paymentStore: memoryStore(), store: forgetful, flow: 'upfront', now }
  const handle = sharing(
    local,
    { shown: 'original', secret: true, store: false },
    { ...options, onRefundDue, ...more },
  )
  return { clock, local, handle, refunds }
}

test.each(TOKENS)('what was paid with %s gets its receipt all the same', async (_, sign, more) => {
  const { local, handle } = await shop(more)
  const event = local.paidEvent(TOOL, {}, sign(local))
  const { output } = await bothPhases(handle, event, hello, { ...SHOWN, responses: 2 })
  expect(outcomeOf(output)).toBe('settled')
  const again = await bothPhases(handle, event, hello, SHOWN)
  expect(receiptOf(again.output)).toEqual(receiptOf(output))
  expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
})

test.each(TOKENS)('a failed answer to %s is refunded', async (_, sign, more) => {
  const { local, handle, refunds } = await shop(more)
  const broken = result({ isError: true, content: [{ type: 'text', text: 'broken' }] })
  const { output } = await bothPhases(handle, local.paidEvent(TOOL, {}, sign(local)), broken, SHOWN)
  expect(refundIn(output).meta).toMatchObject({ reason: 'handler_failed' })
  expect(refunds).toHaveLength(1)
})

test.each(TOKENS)(
  'a call that was taken over with %s does not deliver a second time',
  async (_, sign, more) => {
    const { clock, local, handle } = await shop(more)
    const event = local.paidEvent(TOOL, {}, sign(local))
    const requestId = (id: string) => ({ clientContext: { custom: { REQUEST_ID: id } } }) as never
    let other: unknown
    const slow: Target = async (request) => {
      clock.ms += 1_000_000
      const context = requestId('second')
      other = (await bothPhases(handle, event, hello, { ...SHOWN, context })).output
      return hello(request)
    }
    const context = requestId('first')
    const { output } = await bothPhases(handle, event, slow, { ...SHOWN, context })
    expect(outcomeOf(other as InterceptorOutput)).toBe('settled')
    expect(isDelivered(output)).toBe(false)
    expect(textOf(output)).toMatch(/same payment/)
    expect(textOf(output)).not.toMatch(/not charged/)
    expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
  },
)

test('a table that is down when the response comes costs the receipt, and never a challenge', async () => {
  const inner = memoryStore()
  let isDown = false
  const paymentStore = failingStore(inner, () => (isDown ? 'down' : undefined))
  const { local, handle } = await shop({ paymentStore })
  const target: Target = (request) => {
    isDown = true
    return hello(request)
  }
  const { output } = await bothPhases(
    handle,
    local.paidEvent(TOOL, {}, singleUse(local)),
    target,
    SHOWN,
  )
  expect(isDelivered(output)).toBe(true)
  expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
})
