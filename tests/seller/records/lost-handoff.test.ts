import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import {
  memoryStore,
  type InterceptorOutput,
  type InterceptorStore,
  type RefundDue,
} from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { NOW_MS } from '../../support/clock.js'
import { TOOL, countOf, outcomeOf, singleUse } from '../../support/outcome.js'
import { challengeOf, receiptOf, stack, textOf } from '../../support/seller.js'
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

/** A target whose answers differ. */
function counting(): Target {
  let runs = 0
  return (request) => result({ content: [{ type: 'text', text: `Hello! ${++runs}` }] })(request)
}

const requestId = (id: string) =>
  ({ clientContext: { custom: { REQUEST_ID: id } } }) as unknown as Context

/** The first call is at its target so long that the second one takes its payment over. */
async function takenOver(sign: Sold, more: object, late: Target = hello) {
  const { clock, local, handle } = await shop(more)
  const event = local.paidEvent(TOOL, {}, sign(local))
  const target = counting()
  let other: unknown
  const slow: Target = async (request) => {
    clock.ms += 1_000_000
    const context = requestId('second')
    other = (await bothPhases(handle, event, target, { ...SHOWN, context })).output
    return late(request)
  }
  const context = requestId('first')
  const { output } = await bothPhases(handle, event, slow, { ...SHOWN, context })
  expect(outcomeOf(other as InterceptorOutput)).toBe('settled')
  expect(textOf(other as InterceptorOutput)).toBe('Hello! 1')
  expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
  return output
}

test.each(TOKENS)(
  'a call with %s that was taken over is answered what the other one delivered',
  async (_, sign, more) => {
    const output = await takenOver(sign, more)
    expect([textOf(output), outcomeOf(output)]).toEqual(['Hello! 1', 'settled'])
  },
)

test.each(TOKENS)(
  'a call with %s that was taken over gets nothing where the answer is not kept',
  async (_, sign, more) => {
    const output = await takenOver(sign, { ...more, keepAnswers: false })
    expect(isDelivered(output)).toBe(false)
    expect(textOf(output)).not.toMatch(/not charged/)
    expect(challengeOf(output)).toBeUndefined()
  },
)

test('an answer to another request is not handed out to a call that was taken over', async () => {
  const [[, sign, more]] = TOKENS as [(typeof TOKENS)[number]]
  const stray: Target = ({ headers }) =>
    result({ content: [{ type: 'text', text: 'gold' }] })({ headers, body: { id: 99 } })
  expect(JSON.stringify(await takenOver(sign, more, stray))).not.toContain('gold')
})

test('the stored answer goes out, though RESPONSE runs where the mark of REQUEST cannot be read', async () => {
  const { local, handle, again } = await apart()
  const event = local.paidEvent(TOOL, {}, singleUse(local))
  const target = counting()
  const context = requestId('first')
  await bothPhases(handle, event, target, { ...SHOWN, context })
  const { output } = await bothPhases(again, event, target, {
    ...SHOWN,
    context: requestId('second'),
  })
  expect([textOf(output), outcomeOf(output)]).toEqual(['Hello! 1', 'settled'])
  expect([countOf(local, 'settle'), local.balance()]).toEqual([1, 99n])
})

test('a refusal goes out, though RESPONSE runs where the mark of REQUEST cannot be read', async () => {
  const { local, handle, again } = await apart()
  const token = singleUse(local)
  await bothPhases(handle, local.paidEvent(TOOL, { a: 1 }, token), hello, SHOWN)
  const { output } = await bothPhases(again, local.paidEvent(TOOL, { a: 2 }, token), hello, SHOWN)
  expect(outcomeOf(output)).toBe('conflict')
})

/** Two containers. `again` gets REQUEST in the first one and RESPONSE in the second, which cannot have its secret. */
async function apart() {
  const local = await stack()
  const options = { paymentStore: memoryStore(), flow: 'upfront', onRefundDue: () => undefined }
  const how = { shown: 'original', secret: true, store: false } as const
  const first = sharing(local, how, options)
  const secret = () => Promise.reject(new Error('denied'))
  const second = sharing(local, how, { ...options, secret })
  let phases = 0
  const again: Handle = (event, context) => (phases++ === 0 ? first : second)(event, context)
  return { local, handle: first, again }
}

type Handle = (event: unknown, context?: Context) => unknown

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
